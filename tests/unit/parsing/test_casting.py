"""Who is on which side by the words around a phone, without a label."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading

Read = Callable[[str], Reading]
Sides = tuple[str | None, str | None, str | None, str | None]

# text: shipper, his company, consignee, his company
TEXTS: dict[str, tuple[str, Sides]] = {
    "the one there is called so, the sender signs": (
        "沙土豆90袋，每袋40公斤，来榆林市横山区波罗镇兴农路9号装。送到绥德，绥德的人叫贺双喜，15891200311，运费他给。\n"
        "横山沃野农业，艾师傅 13892200417",
        ("艾师傅", "横山沃野农业", "贺双喜", None),
    ),
    "a receiver whose word stands behind his name": (
        "我翟铁山13994070022，石材26块3吨，晋城市泽州县巴公镇振兴路40号拉，发长治，海川石业的续师傅收，13835501100，到付",
        ("翟铁山", None, "续师傅", "海川石业"),
    ),
    "address, firm, person between commas": (
        "钢模12套，2.2吨\n娄底市娄星区涟滨街70号，湘钢模具，谭望春，13973800455\n"
        "发怀化，五溪建材 龚姐 13874500611，现付",
        ("谭望春", "湘钢模具", "龚姐", "五溪建材"),
    ),
    "the customer has a name of his own": (
        "货在莱州市沙河镇石都路18号，我是厂里的修云峰，13853500977。花岗岩路牙40块2吨。到滨州，买主叫成大勇，13954300122，提付",
        ("修云峰", None, "成大勇", None),
    ),
    "a nickname with its side in brackets": (
        "丽水莲都区水阁街道绿谷路3号提\n竹席/30捆/600kg\n鲍小明13857800144(发)\n"
        "发赣州\n赣南日杂 凌老板13970700255(收)\n现付",
        ("鲍小明", None, "凌老板", "赣南日杂"),
    ),
    "a keeper to be asked for, and the writer": (
        "泵壳6个900公斤，在宝鸡市陈仓区虢镇东大街12号装，找看门的老邱，13891700155。我是铸造科的明国柱，13891700166。\n"
        "拉到咸阳，收货的是渭城机修厂，邹工接，029-33190022，月结",
        ("明国柱", None, "邹工", "渭城机修厂"),
    ),
    "a trade before the writer, and somebody who bought it": (
        "我是卖木炭的，凤四海，13994800733，木炭60袋1.2吨，在壶关县店上镇南街9号。到安阳，买炭的是祁满仓，13837200844，提付",
        ("凤四海", None, "祁满仓", None),
    ),
    "a firm behind the phone, and one without a person": (
        "邱大有 13851600233 南通启东橡胶厂\n橡胶垫 30箱 450公斤\n启东市汇龙镇公园路9号提\n"
        "发丽水，丽水安达五金厂 0578-2130099，到付",
        ("邱大有", "南通启东橡胶厂", None, "丽水安达五金厂"),
    ),
    "what strangers call each other": (
        "黑蛋 13938511166 电缆盘8个1.6吨 荥阳广武镇桃花峪村口拉 到新乡 收 四毛 13938522277 现付",
        ("黑蛋", None, "四毛", None),
    ),
    "a given name before the title": (
        "毛呢布20卷500公斤，江阴市长泾镇红豆路5号提，我是柳春芳13961600277，送盐城，给任志高经理，13905100388，到付",
        ("柳春芳", None, "任志高经理", None),
    ),
}


@pytest.mark.parametrize(("text", "sides"), TEXTS.values(), ids=TEXTS.keys())
def test_words_around_a_phone_tell_whose_it_is(text: str, sides: Sides, sms: Read) -> None:
    """Verbs, pronouns and towns before a name, and words behind it, put him on one side."""
    reading = sms(text)
    shipper, consignee = reading.orders[0].shipper, reading.orders[0].consignee
    assert (shipper.name, shipper.company, consignee.name, consignee.company) == sides
    assert (len(shipper.phones), len(consignee.phones)) == (1, 1)

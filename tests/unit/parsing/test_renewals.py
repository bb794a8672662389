"""What a change says in a sentence of its own, and what a report says beside its kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from ingestd.domain.reading import Consignee, Intent, Reading

Read = Callable[..., Reading]


def dig(reading: Reading, path: str) -> Any:
    """The value at a path, in an order that changes or in the details of a report."""
    found: Any = reading.details if path.split(".", maxsplit=1)[0] in ("driver", "actual") else reading.orders[0]
    for key in path.split("."):
        found = found[int(key)] if key.isdigit() else getattr(found, key)
    return found.strftime("%d %H:%M") if isinstance(found, datetime) else found


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        # the receiver, named by nothing but that he takes over
        ("260304018已经发走了,换成罗小军收,15870023341", "consignee.name", "罗小军"),
        ("260304018已经发走了,换成罗小军收,15870023341", "consignee.phones.0", "+8615870023341"),
        ("260304018貨已離站,收貨窗口異動,請改聯絡 戴副理 13570021148,地址照舊", "consignee.name", "戴副理"),
        ("Please replace the consignee on LT260304018 by Ms. Xu Ran, phone +86 137 7001 2245.",
         "consignee.name", "Ms. Xu Ran"),
        # between a field and its new value
        ("260304018收货地址麻烦换到 都匀市剑江中路77号", "consignee.address", "都匀市剑江中路77号"),
        ("260304018提货时间由今日顺延至3月13日下午", "pickup.start", "13 12:00"),
        ("260304018品名写错了 不是石膏 是腻子粉", "cargo.0.name", "腻子粉"),
        ("【ERP】托运单260304018由 制单员07 修改:\n数量:60件 → 52件\n重量:1,200公斤 → 1,040公斤",
         "cargo.0.weight_kg", 1040),
        # values that are withdrawn
        ("260304018别按三十袋装,现在只有二十四袋", "cargo.0.quantity", 24),
        ("260304018我填成现付了,不对,运费他们出", "payment", "collect"),
        ("260304018单子上我填的运费900,跟你们经理讲好了按820走,改一下", "freight", 820),
        ("260304018早发走了,那笔代收货款改一下,原先2500,现在收1900", "cod", 1900),
        ("260304018运费改收货方掏", "payment", "collect"),
        # where the goods are fetched now
        ("260304018别去老厂了,货已搬到佛山市南海区里水镇和顺大道9号,到场找阿权13528790011",
         "pickup.address", "佛山市南海区里水镇和顺大道9号"),
        # a label whose value was wrong, and the new one behind it
        ("260304018收货地址变了,西安市未央区三桥建材城C区22号", "consignee.address", "西安市未央区三桥建材城C区22号"),
        ("260304018收货人也换了,叫潘建强,15961299034", "consignee.name", "潘建强"),
        ("260304018收货人号码有误,请以13991882200为准", "consignee.phones.0", "+8613991882200"),
        # not this but that, formerly and now, was
        ("260304018收货人不是贺军是贺强,电话13991882200", "consignee.name", "贺强"),
        ("260304018品名写错,不是木托盘是塑料托盘", "cargo.0.name", "塑料托盘"),
        ("260304018收货地址原先大兴路5号,现在改西安市未央区三桥建材城C区22号",
         "consignee.address", "西安市未央区三桥建材城C区22号"),
        ("LT260304018 correction: gross weight: 1180 kg (was 1080 kg)", "cargo.0.weight_kg", 1180),
        ("260304018数量由24件减为20件", "cargo.0.quantity", 20),
        # times put off
        ("260304018今天别来了,明天下午3点来提", "pickup.by", "11 15:00"),
        ("260304018原定明天上午提货,改为3月12日下午2点到5点之间", "pickup.start", "12 14:00"),
        # whose it is, by what the change speaks of
        ("260304018地址改成南宁市白沙大道109号B5栋,其他不动", "consignee.address", "南宁市白沙大道109号B5栋"),
        ("收货人的两个号码都给你们:13588240916,0574-87310265。260304018", "consignee.phones.1", "+8657487310265"),
        ("260304018提货不在原来那里了,去佛山市南海区狮山镇科技大道3号提",
         "pickup.address", "佛山市南海区狮山镇科技大道3号"),
        # what is refused ends with its clause
        ("260304018 不要到付了 运费我来出", "payment", "prepaid"),
        # held until the sender says so
        ("260304018加一条,没接到我们书面通知前,不得交付任何人", "hold", True),
        ("260304018改成等通知再给人,麻烦注明", "hold", True),
        # the sender's own number is brought
        ("Re: 260304018, please add our PO number: PO-55120", "references.0.value", "PO-55120"),
    ],
)  # fmt: skip
def test_a_change_says_its_new_value(sms: Read, text: str, path: str, value: Any) -> None:
    assert dig(sms(text), path) == value


@pytest.mark.parametrize(
    "text",
    [
        "260304018这单加一条,送之前打电话,要签回单",
        "260304018钢管6米一根,给派13米平板过来,别的不动",
        "260304018客户退了两件,代收货款由3000改为2600",
        "260304018货到沈阳以后等我通知放货,改一下",
    ],
)
def test_what_is_said_in_passing_changes_nothing(sms: Read, text: str) -> None:
    (order,) = sms(text).orders
    assert not order.cargo
    assert order.destination is None


def test_words_of_more_are_no_goods(sms: Read) -> None:
    (line,) = sms("260304018师傅来的时候再给我多捎四袋").orders[0].cargo
    assert (line.name, line.quantity) == (None, None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("260304018我让老魏去,辽B7K23P,他手机13904118821", "老魏"),
        ("260304018归孙建军跑,电话15045127730,车是黑A3R580", "孙建军"),
        ("260304018何师傅已经拉货出门派送,川E5M310,18982717740", "何师傅"),
        ("260304018今早出库,由配送员姜大明(15263310870)送往客户", "姜大明"),
        ("260304018安排老苏 粤S3M860 电话13650284410", "老苏"),
        ("LT260304018 driver Mr Wong +852 6123 4470, plate 粤ZK310港, at the gate 15:00", "Mr Wong"),
        ("LT260304018 truck: plate 鲁B8Q650, driver Mr. Song, cell 138 6398 2240.", "Mr. Song"),
    ],
)
def test_who_drives_is_told_by_who_is_sent(sms: Read, text: str, name: str) -> None:
    assert dig(sms(text), "driver.name") == name


@pytest.mark.parametrize(
    ("text", "signer"),
    [
        ("260304018 9点05交给前台小郑了", "前台小郑"),
        ("260304018已於今日上午9時25分交妥,由林太簽收", "林太"),
        ("260304018 delivered 9:20, signed by Mr Qian", "Mr Qian"),
        ("260304018交到人手里了,赵大娘签的字", "赵大娘"),
    ],
)
def test_who_signed_ends_where_the_signing_begins(sms: Read, text: str, signer: str) -> None:
    assert sms(text).details.signed_by == signer


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("园区仓:902、907两票昨晚11点20进库", ("902", "907")),
        ("070和071两单都不走了,工地停工", ("070", "071")),
        ("260304018、260304019都提了", ("260304018", "260304019")),
    ],
)
def test_numbers_of_one_list_stand_or_fall_together(sms: Read, text: str, numbers: tuple[str, ...]) -> None:
    assert sms(text).refers_to == numbers


def test_an_hour_that_is_near_is_still_to_come(sms: Read) -> None:
    eta = sms("412中,俺这就拐过去,一点半到厂门口").details.eta
    assert eta is not None
    assert eta.strftime("%H:%M") == "13:30"


def test_a_scale_shows_what_the_papers_count_in(sms: Read) -> None:
    assert dig(sms("260304018单子上写700公斤,上磅1180,差太多"), "actual.weight_kg") == 1180
    assert dig(sms("260304018单子上写2吨,过磅一下有31吨,走不了"), "actual.weight_kg") == 31000


def test_whose_phone_it_is_names_nobody_anew(sms: Read) -> None:
    order = sms("260304018收货人贺强的电话变更为13991882200,其余不变").orders[0]
    assert (order.consignee.name, order.consignee.phones) == (None, ("+8613991882200",))


def test_who_signs_a_change_is_none_of_its_values(sms: Read) -> None:
    text = (
        "260304018约的是明早来取。\n烦请改成后天下午2点以后再过来,太早也是空等。\n\n翔宇服饰 版房 小庄\n0595-68901123"
    )
    assert sms(text).orders[0].consignee == Consignee()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("260304018收货地址原先大兴路5号,现在改西安市未央区三桥建材城C区22号", Intent.AMENDMENT),
        ("260304018车已发,运费改由收货人付", Intent.CHANGE_LETTER),
        ("昨晚拉走的那车260304018,改送西安市未央区三桥建材城C区22号", Intent.CHANGE_LETTER),
        ("260304018货走了才发现,收货人换成罗小军15870023341", Intent.CHANGE_LETTER),
    ],
)
def test_a_letter_of_change_says_that_the_goods_have_left(sms: Read, text: str, intent: Intent) -> None:
    assert sms(text).intent is intent

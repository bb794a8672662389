"""Who somebody is by what is said of him before his name: where from, whose kin, of which trade and company."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Consignee, Party, Reading
from ingestd.parsing import descriptions, parties
from ingestd.parsing.definitions import Definitions
from tests.unit.parsing.mails import mail

Row = tuple[str, str | None, str | None]

# what the shipper says of himself, his name and company
SHIPPERS: tuple[Row, ...] = (
    ("我临沂华丰工具的朱培亮，15265937714", "朱培亮", "临沂华丰工具"),
    ("我温州龙湾的，永兴阀门的卢俊豪，15957712604", "卢俊豪", "永兴阀门"),
    ("我是烟台栖霞市蛇窝泊镇东院头村的果农戚长庚，电话是13589720346", "戚长庚", None),
    ("我是斗南芳菲花卉杨建 13987741023", "杨建", "斗南芳菲花卉"),
    ("我是永康章红卫 13858927714", "章红卫", None),
    ("这边是成都双流西航港的川味园食品，我叫卿琴，18200395526", "卿琴", "川味园食品"),
    ("我是做棉纱的老柴，电话是13954380126", "老柴", None),
    ("我是开五金店的刘建军，手机13712345670", "刘建军", None),
    ("我是宁波慈溪的沈丽华，13656781234", "沈丽华", None),
    ("我是河北白沟箱包厂的会计郑秀兰，13833211234", "郑秀兰", "河北白沟箱包厂"),
    ("我这边是义乌的小商户，叫吴金花，电话13516789012", "吴金花", None),
    ("俺是寿光种菜的王大海 15966551234", "王大海", None),
    ("我是之前跟你们发过货的佛山陶瓷厂小邓，13929912345", "小邓", "佛山陶瓷厂"),
    ("我叫孟繁星，是石家庄新华区一家印刷厂的厂长，联系方式13731123456", "孟繁星", None),
    ("我是安徽亳州药材商贾志远，18056712345", "贾志远", None),
    ("本人何晓东，中山古镇灯饰店老板，手机13822712345", "何晓东", None),
    ("这里是江阴新桥毛纺厂，我是业务员顾敏，13606161234", "顾敏", "江阴新桥毛纺厂"),
    ("我是苏州明志科技的采购经理杨斌，电话18962112345", "杨斌", "苏州明志科技"),
    ("我们是青岛海润水产，联系人于海波，13864211234", "于海波", "青岛海润水产"),
    ("我，潍坊高密的劳保手套厂销售孙志强，15053612345", "孙志强", None),
    ("我是新疆阿克苏的果农买买提·艾力，13999012345", "买买提·艾力", None),
    ("我是景德镇做瓷器的小余，我手机18779812345", "小余", None),
    ("我是汕头澄海锦辉玩具的陈泽鑫，打我13502712345", "陈泽鑫", "汕头澄海锦辉玩具"),
    ("我是老客户东阳木雕厂的楼师傅 13957912345", "楼师傅", "东阳木雕厂"),
    ("我是洛阳那边开家具厂的马会民，13703791234", "马会民", None),
    ("小弟佛山南海的梁伟强，13516512345", "梁伟强", None),
    ("我是杭州女装批发的店主周倩，电话15868112345", "周倩", None),
    ("我是广西南宁武鸣区双桥镇的农户韦志刚，电话号码是13877112345", "韦志刚", None),
    ("我司是无锡恒力液压，联系人徐小姐13961812345", "徐小姐", "无锡恒力液压"),
    ("我是厦门佳美卫浴仓库的小林，手机13606012345", "小林", "厦门佳美卫浴"),
    ("我是徐州贾汪区的养殖户 袁立新 13776512345", "袁立新", None),
    ("我是绍兴柯桥布料商，姓傅，傅建平，13967512345", "傅建平", None),
    ("咱是保定清苑的，叫石磊，13932212345", "石磊", None),
)
# what is said of who receives
CONSIGNEES: tuple[Row, ...] = (
    ("收货人是我侄女戚小梅，电话18643107925", "戚小梅", None),
    ("收货的是兰州陇上行调料，汪老板，13919084427", "汪老板", "兰州陇上行调料"),
    ("收货人姓宗，宗经理，电话13831937745", "宗经理", None),
    ("给我表哥赵国栋，他电话13609112345", "赵国栋", None),
    ("收货人是我老公李明辉，手机13724812345", "李明辉", None),
    ("收货的是我同事许静，13816012345", "许静", None),
    ("收货人是我们老板的弟弟黄志雄，13977112345", "黄志雄", None),
    ("收件人是我大学同学方媛，18971212345", "方媛", None),
    ("那边收货的是长沙红星市场的档主彭姐，15874960135", "彭姐", None),
    ("收货人：我儿子 邓超然 15208212345", "邓超然", None),
    ("收货人就是我本家叔叔，马福贵，13639312345", "马福贵", None),
    ("对方是贵阳恒发建材，老板姓龙，18985112345", None, "贵阳恒发建材"),
    ("客户是南昌金源装饰的采购胡小姐，13970812345", "胡小姐", "南昌金源装饰"),
    ("收货方郑州大明超市，店长吕红霞，13592512345", "吕红霞", "郑州大明超市"),
    ("收货人是昆明那边的经销商段国华，电话是13888012345", "段国华", None),
    ("收货是我女婿小贺，13659812345", "小贺", None),
    ("收货人我妈，叫罗桂芳，13628212345", "罗桂芳", None),
    ("寄给我的徒弟 小唐，电话18084012345", "小唐", None),
    ("收货联系我们客户单位的项目经理熊凯，15107112345", "熊凯", None),
    ("接货的是当地农资店的店主老耿，电话13949012345", "老耿", None),
    ("收货人是哈尔滨道里区的饭店老板佟大勇，13936112345", "佟大勇", None),
    ("收货找司机的表弟万小兵，13677012345", "万小兵", None),
    ("收货人是侯马的老乡，叫卫东生，13935712345", "卫东生", None),
)
SENDING = (
    "你好，%s。有电锤22件，396公斤，0.9方，在兰山区工业大道88号提。发贵阳，收货人陆大勇，电话18984073356，运费到付。"
)
SENT = "我叫齐红 13572012345，货在郑州市金水区花园路60号，面粉30袋，750公斤，1.2方，要送到西安。%s。运费我出"


@pytest.mark.parametrize(("said", "name", "company"), SHIPPERS)
def test_the_shipper_tells_who_he_is(
    said: str, name: str | None, company: str | None, email: Callable[[bytes], Reading]
) -> None:
    (order,) = email(mail((SENDING % said).encode())).orders
    assert told(order.shipper) == (name, company)
    assert told(order.consignee) == ("陆大勇", None)
    assert order.pickup.address == "兰山区工业大道88号"


@pytest.mark.parametrize(("said", "name", "company"), CONSIGNEES)
def test_the_consignee_is_told_by_what_he_is(
    said: str, name: str | None, company: str | None, email: Callable[[bytes], Reading]
) -> None:
    (order,) = email(mail((SENT % said).encode())).orders
    assert told(order.consignee) == (name, company)
    assert told(order.shipper) == ("齐红", None)


def told(party: Party | Consignee) -> tuple[str | None, str | None]:
    """Name and company of a party that has one phone."""
    assert len(party.phones) == 1
    return party.name, party.company


@pytest.mark.parametrize(
    "words",
    [
        "大学同学",
        "做棉纱的",
        "姓宗",
        "绍兴柯桥布料商",
        "石家庄新华区一家印刷厂的厂长",
        "我们老板的弟弟",
        "农户",
        "当地农资店的店主",
    ],
)
def test_words_that_only_describe_name_no_company(words: str, definitions: Definitions) -> None:
    assert descriptions.is_description(words, definitions)


@pytest.mark.parametrize(
    "words",
    ["明志科技", "亳州华康药材种植合作社", "南宁五象仓库", "佛山陶瓷厂", "运费我现付", "送到门口", "永兴阀门的"],
)
def test_other_words_describe_nobody(words: str, definitions: Definitions) -> None:
    assert not descriptions.is_apposition(words, definitions)
    assert parties.told_person(words, definitions) is None

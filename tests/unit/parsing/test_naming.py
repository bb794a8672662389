"""The name of goods within a phrase, and goods that are named somewhere else than beside their figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import Reading
from ingestd.parsing import naming
from ingestd.parsing.definitions import Definitions

Read = Callable[[str], Reading]

PHRASES = {
    "今年的脐橙摘下来了": "脐橙",
    "这趟是钢化玻璃": "钢化玻璃",
    "客户急需潜水泵": "潜水泵",
    "现委托贵司承运中央空调": "中央空调",
    "我家今年的花生收好了": "花生",
    "店里有一批婴儿推车": "婴儿推车",
    "柳州这边发挖掘机铲斗": "挖掘机铲斗",
    "从展会上撤下的射灯": "射灯",
    "木地板打捆了": "木地板",
    "修好的水表": "水表",
    "柴油桶装": "柴油",
    "旧课桌要退回教育局": "旧课桌",
    "还有扳手": "扳手",
    "把样书寄给印刷厂": "样书",
    "又来了～茶杯": "茶杯",
    "布艺沙发": "布艺沙发",
    "有机肥": "有机肥",
    "女装": "女装",
    "打包带": "打包带",
    "给我女儿捎点腊排骨": "腊排骨",
    "实验室有台显微镜坏了要返厂": "显微镜",
    "泉州石材厂这批路沿石发到了": "路沿石",
    "把玉米给外地的养殖场发过去": "玉米",
    "节日里要用的彩灯": "彩灯",
    "【1】毛巾": "毛巾",
    "帮老战友寄电动剃须刀": "电动剃须刀",
    "聊城鑫泽钢管有限公司有无缝管要走": "无缝管",
    "盐城东台发护栏网": "护栏网",
    "琴行要麻烦你们运钢琴": "钢琴",
    "几床羽绒被": "羽绒被",
    "那个木雕的货啊": "木雕",
    "灯架是学校用完要退回厂家的": "灯架",
    "布艺沙发床垫": "布艺沙发床垫",
    "输送带": "输送带",
    "减速箱两票": "减速箱",
    "我这儿有几台旧冰柜要处理给收购站": "旧冰柜",
    "拆成": None,
    "码了": None,
    "四点后才能开始": None,
    "出租房里的东西": None,
    "都能找到我": None,
    "数是这么多": None,
    "我们厂里": None,
    "干的": None,
}


@pytest.mark.parametrize(("phrase", "name"), PHRASES.items(), ids=PHRASES)
def test_a_phrase_names_goods_without_what_leads_to_them_and_what_is_told_of_them(
    phrase: str, name: str | None, definitions: Definitions
) -> None:
    found = naming.named(phrase, definitions)
    assert (phrase[found.start : found.end] if found else None) == name


REST = "，在绍兴市越城区斗门街道望海路8号提，我是钱立13567501122，发到合肥，收货人苏梅13855106677，运费到付"
TOLD_ELSEWHERE = {
    "a phrase before": ("这次走的是窗帘布，卷好了，一共打了二十四包，六百公斤", "窗帘布", 24),
    "on its way": ("旧印花机要退回厂家，打了木架，2台，1.8吨", "旧印花机", 2),
    "what they are put in": ("毛线要寄，编织袋装的，18袋，一袋25公斤", "毛线", 18),
    "said to be of": ("货是陶瓷水杯，上好釉的，装了二十箱，四百公斤", "陶瓷水杯", 20),
    "behind another's label": ("供应商：雪纺衬衫20箱，400公斤", "雪纺衬衫", 20),
    "behind who one is": ("我是老潘，白茶20箱，150公斤", "白茶", 20),
    "with what only packs them": ("品名：芝麻，包装编织袋，数量20袋，1000公斤", "芝麻", 20),
    "with what it holds": ("货物：食用油，5L，20箱，420公斤", "食用油", 20),
    "ordered long ago": ("上个月订的那批卷帘门到货了，我这边要转到工地去，一共20樘，900公斤", "卷帘门", 20),
    "behind a word for anything": ("设备20台，立式钻床，一台90公斤", "立式钻床", 20),
    "by the year's harvest": ("我家柚子今年收成好，20筐，一筐50斤", "柚子", 20),
    "a line by itself": ("不锈钢勺子\n六十箱\n900公斤\n", "不锈钢勺子", 60),
}


@pytest.mark.parametrize(("text", "name", "quantity"), TOLD_ELSEWHERE.values(), ids=TOLD_ELSEWHERE)
def test_goods_whose_figures_stand_alone_are_named_by_what_was_said_before(
    text: str, name: str, quantity: int, sms: Read
) -> None:
    lines = sms(text + REST).orders[0].cargo
    assert [(line.name, int(line.quantity or 0)) for line in lines] == [(name, quantity)]


def test_goods_that_nothing_names_have_no_name(sms: Read) -> None:
    assert [line.name for line in sms("18袋，450公斤" + REST).orders[0].cargo] == [None]


ENGLISH = {
    "please fetch 4 pallets of gear boxes at our plant, 1,860 kg": ("gear boxes", 4),
    "As discussed, 26 ctns desk lamps, 572kgs": ("desk lamps", 26),
}


@pytest.mark.parametrize(("text", "line"), ENGLISH.items(), ids=ENGLISH)
def test_english_goods_stand_behind_their_count(text: str, line: tuple[str, int], sms: Read) -> None:
    lines = sms(f"{text}. {REST[1:]}").orders[0].cargo
    assert [(found.name, int(found.quantity or 0)) for found in lines] == [line]


@pytest.mark.parametrize("sign", ["*", ".", "#", "+"])
def test_a_sign_between_all_words_parts_them(sign: str, sms: Read) -> None:
    words = (
        "品名 腐乳 60坛 480公斤 提货 曲靖市陆良县三岔河镇街心路9号 "
        "发货人 尹凤 13908741126 到站 昆明 收货人 段波 13708840519 到付"
    )
    order = sms(words.replace(" ", sign)).orders[0]
    (line,) = order.cargo
    assert (line.name, str(line.quantity), str(line.weight_kg)) == ("腐乳", "60", "480")
    assert (order.shipper.name, order.destination, order.consignee.name) == ("尹凤", "昆明", "段波")


def test_goods_that_only_the_subject_counts_are_read_there_with_where_they_go(
    email: Callable[[bytes], Reading],
) -> None:
    text = (
        "From: a@b.example\nDate: Tue, 10 Mar 2026 10:00:00 +0800\nSubject: 烘干机壳体22件 1.4吨 发滁州\n"
        "Content-Type: text/plain; charset=utf-8\n\n提货：张家港市锦丰镇锦绣路7号，沈洁13862201177\n"
        "收货：鼎丰电器 柯师傅 13855001188\n运费到付\n"
    )
    order = email(text.encode()).orders[0]
    assert [(line.name, str(line.quantity), str(line.weight_kg)) for line in order.cargo] == [
        ("烘干机壳体", "22", "1400.0")
    ]
    assert order.destination == "滁州"

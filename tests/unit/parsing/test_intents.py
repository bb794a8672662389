"""What messages want that are no plain orders: reports, questions, complaints, changes and noise in many words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestd.domain.reading import Intent, Reading

Read = Callable[[str], Reading]
UNLEARNED = Path(__file__).parents[2] / "corpus" / "lines" / "unlearned.jsonl"

REPORTS = {
    "accepted": [
        "单子看到了,这就过去 260310018",
        "260310044好嘞 我跑",
        "收到单,半小时后出发去装",
        "260310051 OK,马上安排车",
        "行,这票我拉",
    ],
    "declined": [
        "260310018今天排不出车了,你问问别家",
        "我这边车都派完了 260310044接不下",
        "260310051这趟我不跑,太远",
        "师傅病了,260310018 来不了,换个人吧",
        "260310044車子壞咗,去唔到,搵第二個啦",
    ],
    "assigned": [
        "260310018安排了粤B5T62A 周师傅13922001188 3点到",
        "260310044 车号苏E9K081 驾驶员郭强13862100345",
        "派川A3F88B去260310051,司机老唐13980012233",
    ],
    "picked_up": [
        "260310018 东西拉上了",
        "18件都装车了,260310044",
        "260310051货取回来了,一共22箱",
        "刚从他厂里装好出来 260310018",
        "260310018攞咗貨喇,20箱齊",
        "picked up 260310044 at 14:20, all 30 cartons",
    ],
    "picked_up_partly": [
        "260310018先拉了12托,还有5托明天一早去",
        "260310044车装满了,只上了40件,余下10件另安排",
        "260310051 提了一半,另一半下午才出得来",
    ],
    "pickup_failed": [
        "260310018到了没人,门锁着,没提成",
        "260310044厂家说货还没下线,今天提不走",
        "260310051白跑一趟,老板说不寄了",
        "跑空了 260310018 仓库盘点不出货",
        "260310044 提货地址不对,找不到这家厂,货没提到",
    ],
    "waiting": [
        "260310018还在厂里排队等装",
        "到了,前面四台车,得等 260310044",
        "260310051 他们吃饭去了,叫我等到一点半再装",
        "叉车坏了在等叉车 260310018",
        "260310018我在仓库门口等着,货还在打托",
        "260310044车到厂里等了半个小时了,货还没包好,还要等到几点啊",
        "260310051 司机在门口干等,他们还在清点",
    ],
    "departed": [
        "260310018、260310044 已装车,20:30发车",
        "车从东莞出来了 260310051",
        "260310018昨晚十点发的车,明早到长沙",
        "班车离站 车上有260310044 260310051",
    ],
    "arrived": [
        "260310018到我们站了,件数对",
        "今早5点40车到郑州,260310044 260310051已卸",
        "武汉分拨:260310018入库",
        "260310044到场,等派送",
    ],
    "out_for_delivery": [
        "260310018在路上送了,下午三点前到客户",
        "260310044已经装上小车出去派了",
        "260310051今天派,师傅孙13700001122",
        "正给260310018送过去",
    ],
    "delivered": [
        "260310018送掉了,老板娘签的",
        "260310044客户自己来提走了,签收何平",
        "260310051送好了 保安代收",
        "260310018 货交给仓库小陈了 单子签好了",
        "260310044 delivered 11:20, signed by Mr Wu",
        "088送到了 他儿子签的",
    ],
    "delivery_failed": [
        "260310018送到门口没人,电话不接",
        "260310044客户说没订过这货,不肯要",
        "260310051地址写的路不存在,送不了",
        "260310018收货人出差了,叫后天送",
        "260310044仓库今天盘点不收货,明天再来",
        "260310051 派送不成功 收货人电话空号",
    ],
    "problem": [
        "260310018卸车少了2件,单上30件",
        "260310044有3箱外包装烂了,拍了照",
        "车在高速上追尾了,260310051要晚",
        "260310018货比单上多出半方,司机装不下要加钱",
        "260310044 路上下大雪封路 走不了",
        "轮胎爆了,在等拖车,260310051可能晚3小时",
    ],
}
INQUIRIES = {
    "price": [
        "佛山到昆明两吨铝材怎么个价",
        "你们从义乌走成都的轻货一方收几多",
        "想了解下整车9米6到西安的运价",
        "请问30箱大概400公斤发哈尔滨得花多少",
        "Hi, could you give me a quotation for 5 pallets to Chengdu?",
        "东莞去贵阳 6.8米车 包车啥行情",
    ],
    "transit_time": [
        "广州发兰州要走多久",
        "到拉萨得几天啊",
        "零担到齐齐哈尔大概第几天能送",
        "How many days to Urumqi?",
    ],
    "coverage": [
        "你们送不送到乡下,村里门口",
        "请问阿克苏拜城你们有没有车去",
        "西双版纳勐腊能走吗",
        "你們有冇車去湛江嘅",
        "请问漠河那边你们能派到门吗",
    ],
    "status": [
        "260308018走到哪块了",
        "帮忙看看260308044发出来没有",
        "260308051签了没 谁签的",
        "我的货260308018有消息没",
        "單號260308044而家去到邊",
        "Could you check where shipment 260308018 is at the moment?",
        "Any update on 260308044? The customer keeps asking.",
    ],
    "arrival": [
        "260308018明天上午到得了不",
        "260308044啥时候能送到我店里",
        "260308051哪天能到沈阳呀",
        "260308018几号能派",
    ],
    "urge": [
        "260308018麻烦催下司机快点来装",
        "能不能让师傅早点来,260310044货备好了一上午了",
        "260308051麻烦优先安排派送,客户等着用",
        "260308018 请尽快派送,谢谢",
    ],
    "other": [
        "你们周日收货吗",
        "请问能开9个点的专票不",
        "运费能不能月底一起结",
        "你们公司地址在哪 我想自己送货过去",
        "保价怎么算的",
    ],
}
COMPLAINTS = {
    "lateness": [
        "260301018都一个礼拜了还没影,你们怎么回事",
        "说昨天到今天又说明天,260301044到底什么时候,客户都要退货了",
        "260301051等了三天没人来提,耽误我交货",
        "说好两天到,今天都第五天了,客户天天骂我 260301062",
        "260301018 你们承诺三天内到,已经第七天,买家追着骂",
        "货物严重延误,260301044,那边停产等料",
    ],
    "charges": [
        "谈好300怎么收我380,260308018",
        "260308044司机多要了我60块上楼费,没说过要收",
        "你们这个账单算得不对吧,凭啥收两次送货费",
        "经核对9月账单,260308018的送货费与报价不符,请更正账单",
        "对账单里260308044按600公斤计费有异议,更正前暂缓付款",
        "260308051 was billed at 900 kg instead of 600, we dispute this invoice",
    ],
    "attitude": [
        "你们客服说话阴阳怪气的,我要投诉",
        "260308018送货的脾气大得很,摔门就走",
        "接电话那个女的吼我,什么素质",
    ],
    "loss": [
        "260308018发了20件你们只给了19件,那件呢",
        "我的货少了一箱,260308044,查!",
        "260308051收货人说缺两件,你们赔吧",
    ],
    "damage": [
        "260308018收到货箱子全压扁了,里面杯子碎了一半,怎么赔",
        "260308044的油漆漏得到处都是,你们怎么装的车",
        "家具腿断了一根,260308051,照片发了,你们看怎么处理",
    ],
    "misdelivery": [
        "260308018你们给我送成别人的货了",
        "260308044把我的货送去另一个市场了,收货人根本没收到",
        "货被你们拉错了,不是我订的那批,260308051",
    ],
    "other": ["打你们电话三天没人理,什么公司", "260308018显示签收了,可我们根本没签"],
}
OTHERS = {
    "cancellation": [
        "260310018那票先不走了",
        "不用来拉了哈,我自己送过去",
        "260310044撤单,谢谢",
        "昨天说的那批货不发啦,客户跑单了",
        "260310051 cancel please, buyer postponed",
        "单子退了吧 找到顺风车了 260310018",
        "260310044唔使嚟喇,個客唔要住",
        "莫来了莫来了,货卖脱了",
        "等了一天没见车,260310044这票不发了,我已经叫别家拉走了",
        "260310018不发了,找了其他物流公司",
    ],
    "confirmation": [
        "看过了,没毛病,发吧",
        "全对,照着走",
        "信息核对没有问题,请安排",
        "嗯对的,可以",
        "冇錯,就咁出啦",
        "All details are right, go ahead.",
        "木得问题",
        "没有要改的,就按单子来",
    ],
    "release": [
        "260308018客户钱打过来了,货给他吧",
        "260308044可以让收货人提走了",
        "款已收讫,请放货260308051",
        "260308018放得了,收到钱了",
        "260308044收咗錢,可以放貨",
    ],
    "amendment": [
        "260310018收货电话写错一位,应是13822330011",
        "260310044不是15箱是16箱",
        "改下送货地址:苏州市吴中区木渎镇金枫路88号 260310051",
        "260310018付款方式换到付",
        "刚那单忘了写收货人,是吴强13511112222",
        "260310044多装两箱,一共14箱",
        "260310051除了电话都对,电话是13600001111",
        "260310018提货改明天下午",
    ],
    "change_letter": [
        "260308018已经在路上了吧?收货人换成林芳13900112233",
        "货昨天发走的260308044,代收改成3200",
        "260308051车已开,请把送货地址改为无锡市惠山区钱桥街道锡陆路15号",
    ],
    "automatic": [
        "【自动回复】您好,我在开会,稍后回您",
        "您好,我现在不方便接听,看到后会尽快回复[自动回复]",
        "I'm out of office until March 15.",
    ],
    "other": [
        "【某某银行】您尾号1234的卡消费300元",
        "你的验证码是3321,5分钟内有效",
        "有广州回成都的13米空车,今晚能装,要的联系13800001111",
        "恭喜发财,祝老板新年大吉",
        "辛苦各位师傅了,你们服务真好",
        "求货!9米6高栏,东莞周边都可以装,13900001111",
        "专线特价:广州到武汉0.4元/公斤起,天天发车,欢迎来电13700001111",
        "【菜鸟】您的包裹已到站,凭3-2-8811取件",
        "发错了不好意思",
        "晚上一起吃饭不",
    ],
}
SECOND = [  # the same in other words
    ("收到,260511023安排", "report", "accepted"),
    ("可以,我两点过去拉 260511023", "report", "accepted"),
    ("260511023实在抱歉,我在外地赶不回来", "report", "declined"),
    ("260511023 吨位太大,我车拉不下", "report", "declined"),
    ("260511023取了 8箱", "report", "picked_up"),
    ("货提妥,准备回站 260511023", "report", "picked_up"),
    ("260511023 15:05装车完毕,32件无误", "report", "picked_up"),
    ("260511023这车拉不完,带走60件,还差20件明早来拿", "report", "picked_up_partly"),
    ("260511023老板不在,仓管不给提", "report", "pickup_failed"),
    ("260511023去了货还在生产线上,没得提", "report", "pickup_failed"),
    ("260511023在等质检盖章,估计还要一个钟", "report", "waiting"),
    ("等门卫登记,前面堵着五六辆 260511023", "report", "waiting"),
    ("260511023今晚22点从义乌开走", "report", "departed"),
    ("湘A3K88P已经发出 260511023 260511031 明天中午到长沙", "report", "departed"),
    ("260511023 已到合肥站 18件齐", "report", "arrived"),
    ("下午4:20落货完 260511023 无破损", "report", "arrived"),
    ("260511023今早跟车派送中", "report", "out_for_delivery"),
    ("260511023妥了 收货人自己签的", "report", "delivered"),
    ("16:30已送到客户仓库 260511023 签收:刘", "report", "delivered"),
    ("260511023到付款380已收,货交了", "report", "delivered"),
    ("260511023收货人说要先验货才付款,僵住了没卸", "report", "delivery_failed"),
    ("260511023 超市放假 没人收 明天9点再跑一趟", "report", "delivery_failed"),
    ("联系不到收货人,260511023先放站里", "report", "delivery_failed"),
    ("260511023 过磅超重300公斤,高速不让上", "report", "problem"),
    ("260511023转运时掉了一箱,外壳裂了", "report", "problem"),
    ("司机手受伤了,260511023要晚到", "report", "problem"),
    ("师傅问哈子,绵阳发成都一托好多钱", "inquiry", "price"),
    ("20方泡货去太原,给个价", "inquiry", "price"),
    ("发乌市一般多少天到", "inquiry", "transit_time"),
    ("请问海南三沙能发货吗", "inquiry", "coverage"),
    ("内蒙额济纳旗你们有没有网点", "inquiry", "coverage"),
    ("看下260511023现在什么状态", "inquiry", "status"),
    ("260511023出港了吗", "inquiry", "status"),
    ("我们的货260511023预计什么时间到南宁", "inquiry", "arrival"),
    ("260511023货主一直打电话,请帮忙盯一下今天派掉", "inquiry", "urge"),
    ("麻烦快点派车,260511023工人都等着装呢", "inquiry", "urge"),
    ("开户行和账号发我一下", "inquiry", "other"),
    ("260511023说两天到,今天第五天了还在路上?", "complaint", "lateness"),
    ("260511023 到付多收了客户80元上楼费,请核实退回", "complaint", "charges"),
    ("你们司机打电话骂人,260511023,必须给个说法", "complaint", "attitude"),
    ("260511023收到只有9件,明明发的10件", "complaint", "loss"),
    ("260511023到货外箱压烂,里面3台机器外壳变形", "complaint", "damage"),
    ("260511023送到同名的另一家店去了", "complaint", "misdelivery"),
    ("260511023取消发货,客户退单了", "cancellation", None),
    ("麻烦把今天那票撤回来,不走你们了", "cancellation", None),
    ("信息没问题,可以安排车了", "confirmation", None),
    ("对的没错,请按此执行", "confirmation", None),
    ("核对无误,谢谢", "confirmation", None),
    ("260511023可以放了,款齐", "release", None),
    ("请通知站点将260511023交给收货人", "release", None),
    ("260511023收货人改一下,改成周敏13911112222", "amendment", None),
    ("260511023 件数应该是25件不是20件", "amendment", None),
    ("补充一下260511023的收货地址:杭州市余杭区良渚街道古墩路88号", "amendment", None),
    ("260511023 先送后面那家,另外代收改成2000", "amendment", None),
    ("260511023货已到站,请改送至宁波市鄞州区下应街道湾底村5号", "change_letter", None),
    ("货都发出去了,260511023付款方式改成寄付行不", "change_letter", None),
    ("您好,您的来信我们已经收到,会尽快处理。此邮件为系统自动发送", "automatic", None),
    ("本人休产假至6月,业务请联系同事", "automatic", None),
    ("【顺丰】您的快件已到,取件码8812", "other", None),
    ("诚信物流承接西安至全国整车零担,价格优惠,电话13911110000", "other", None),
    ("收到,谢谢老板", "other", None),
    ("明天下午三点开会,地点老地方", "other", None),
    ("回程空车17.5米,成都回广东,找货", "other", None),
]
KINDS = [
    *SECOND,
    *((text, "report", kind) for kind, texts in REPORTS.items() for text in texts),
    *((text, "inquiry", kind) for kind, texts in INQUIRIES.items() for text in texts),
    *((text, "complaint", kind) for kind, texts in COMPLAINTS.items() for text in texts),
    *((text, intent, None) for intent, texts in OTHERS.items() for text in texts),
]


@pytest.mark.parametrize(("text", "intent", "kind"), KINDS, ids=[k[0] for k in KINDS])
def test_what_a_message_wants_is_told_by_its_words(sms: Read, text: str, intent: str, kind: str | None) -> None:
    reading = sms(text)
    told = reading.details
    assert (reading.intent, told.report or told.inquiry or told.complaint) == (intent, kind)


@pytest.mark.parametrize(
    ("text", "name", "plate"),
    [
        ("260310018车牌湘A·3K88P,司机:吴师傅13922001188", "吴师傅", "湘A3K88P"),
        ("260310018派粤B5T62A,师傅阿力13922001188去提", "阿力", "粤B5T62A"),
        ("260310018派了刘兆伟13922001188去", "刘兆伟", None),
    ],
)
def test_a_driver_is_told_by_title_phone_and_plate(sms: Read, text: str, name: str, plate: str | None) -> None:
    driver = sms(text).details.driver
    assert driver is not None
    assert (driver.name, driver.plate) == (name, plate)


@pytest.mark.parametrize(
    ("text", "signer"),
    [("260310018送到了,都是门卫老周签的", "门卫老周"), ("260310018已签收 签收人:何平", "何平")],
)
def test_who_signed_is_named_without_the_words_before(sms: Read, text: str, signer: str) -> None:
    assert sms(text).details.signed_by == signer


def test_a_number_that_is_corrected_is_none(sms: Read) -> None:
    assert sms("260310018打错了,应该是260310081,数量改成12件").refers_to == ("260310081",)
    assert sms("260310018、260310081都提了").refers_to == ("260310018", "260310081")


def test_what_stands_before_the_list_of_changes_changes_nothing(sms: Read) -> None:
    text = (
        "260310018(品名:木地板,收货人:马经理)货已发出,现申请变更如下:\n"
        "1.代收货款由8600元改为7900元;\n由此产生的责任由我司承担。"
    )
    (order,) = sms(text).orders
    assert order.cod == 7900
    assert not order.cargo
    assert order.consignee.name is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("260302113、116已装车发出", ["260302113", "116"]),
        ("260302113/115/118都取消,不发了", ["260302113", "115", "118"]),
        ("260302113和120已签收", ["260302113", "120"]),
        ("260302113,120件已提", ["260302113"]),
    ],
)
def test_a_list_goes_on_with_the_last_digits(sms: Read, text: str, numbers: list[str]) -> None:
    assert list(sms(text).refers_to) == numbers


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "261008066已发走,现在客户搬仓库了,收货地址请改到 廊坊市广阳区光明西道192号3库",
            "廊坊市广阳区光明西道192号3库",
        ),
        ("261008066司机在仓库等半天了,收货地址改成 杭州市萧山区建设一路66号", "杭州市萧山区建设一路66号"),
    ],
)
def test_a_sentence_about_a_place_is_no_address(sms: Read, text: str, changed: str) -> None:
    (order,) = sms(text).orders
    assert order.pickup.address is None
    assert order.consignee.address == changed


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("260309052今天早上八点二十送到,纳建国签收", "delivered", "at", "08:20"),
        ("260309052昨天下午四点五十五分签收", "delivered", "at", "16:55"),
        ("260309014已装车派送,预计11点半到客户那", "out_for_delivery", "eta", "11:30"),
        ("260309014早上8:20已装车出库派送,司机哈师傅13893176402,车牌甘A7F362", "out_for_delivery", "at", "08:20"),
        ("260309014白跑一趟,今天不发,让我明天上午10点再去", "pickup_failed", "next_try", "10:00"),
    ],
)
def test_a_report_tells_its_hour(sms: Read, text: str, kind: str, field: str, value: str) -> None:
    details = sms(text).details
    assert details.report == kind
    assert f"{getattr(details, field):%H:%M}" == value


@pytest.mark.parametrize(
    "text",
    [
        "运单 260310012（保温杯52箱，发昆明）货已发出，代收货款由12600元改为11850元，其余不变",
        "260310012(保温杯 52箱 500公斤)已发走,代收款改成11850",
    ],
)
def test_what_brackets_say_of_an_order_is_no_change(sms: Read, text: str) -> None:
    (order,) = sms(text).orders
    assert order.cod == 11850
    assert (len(order.cargo), order.destination) == (0, None)


def test_weights_name_most_wishes_that_they_were_not_learned_from(sms: Read) -> None:
    """Cues alone had named 69 % of these lines."""
    told = [json.loads(line) for line in UNLEARNED.read_text("utf-8").splitlines()]
    wished = [line for line in told if line["channel"] == "sms"]
    named = [line for line in wished if sms(line["text"]).intent.value == line["intent"]]
    assert len(named) >= 0.9 * len(wished)


def test_no_wish_is_set_aside_unseen(sms: Read) -> None:
    """What the weights alone take for nothing, or for a machine's, is shown to a person unless they are sure."""
    told = [json.loads(line) for line in UNLEARNED.read_text("utf-8").splitlines()]
    wishes = [(line["text"], sms(line["text"])) for line in told if line["intent"] not in ("other", "automatic")]
    gone = [text for text, read in wishes if read.intent in (Intent.OTHER, Intent.AUTOMATIC) and not read.review]
    assert gone == []


def test_an_order_is_never_set_aside_by_the_weights_alone(sms: Read) -> None:
    reading = sms(
        "亲，优惠来啦，退订回T。发货人王敏13800138011，货物音箱24箱386公斤，发往宁波，收货人周先生13900139022，现付"
    )
    assert reading.intent is Intent.ORDER or "unclear_intent" in reading.review

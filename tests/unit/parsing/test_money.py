"""Sums with their purposes, and who pays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestd.domain.reading import OrderReading, Reading

Read = Callable[[str], Reading]
FORM = (
    "发货人：王先生 13823033212\n提货地址：汽配城A区12栋\n货物：水管30箱 300公斤\n"
    "发往：杭州\n收货人：马先生 0571-25852654\n{}"
)


def order_of(reading: Reading) -> OrderReading:
    (order,) = reading.orders
    return order


@pytest.mark.parametrize(
    ("written", "payment"),
    [
        ("运费他付", "collect"), ("运费我出，莫问她要", "prepaid"), ("车费她给，货到了给", "collect"),
        ("车费人家那头掏，到了跟她要", "collect"), ("运费我这达先付掉", "prepaid"), ("他那边付钱 到付", "collect"),
        ("运费由我厂付", "prepaid"), ("到付，我来结。", "collect"), ("运费对方出", "collect"), ("我付", "prepaid"),
        ("装卸费100我出，运费到付", "collect"), ("上楼费300元由我方承担，回单付", "on_receipt"),
        ("freight: they pay", "collect"), ("运费我们公司出", "prepaid"), ("运费算他的", "collect"), ("月結", "monthly"),
        ("钱的话马先生掏", "collect"), ("运费500讲好了，王先生给", "prepaid"), ("运费从杭州那边拿", "collect"),
        ("车钱卸完货他给你", "collect"), ("掏运费的是对方", "collect"), ("运费到地方了跟客户结", "collect"),
        ("运费装好车就给", "prepaid"), ("路费我们店里先垫", "prepaid"), ("货到了他就把运费给你们", "collect"),
        ("谁给运费：收货的", "collect"), ("运费由马先生付", "collect"), ("运费月尾统一结", "monthly"),
        ("这批是退货，运费厂家出", "collect"), ("运费厂家出", "prepaid"), ("上楼费50，都我出", "prepaid"),
        ("买家原话：“发到就行，运费我给”", "collect"), ("freight to be borne by the consignee", "collect"),
        ("carriage on our account", "prepaid"),
        ("送货费90 到付", "collect"), ("卸货费60，现付", "prepaid"), ("运费收货的店里付", "collect"),
        ("送货费90，对方一起付", "collect"), ("到付，不好意思写错了，是现付", "prepaid"),
    ],
)  # fmt: skip
def test_who_pays_is_known_by_word_or_person(written: str, payment: str, sms: Read) -> None:
    reading = sms(FORM.format(written))
    assert (order_of(reading).payment, reading.problems) == (payment, ())


@pytest.mark.parametrize(
    "written", ["客户付款后再放货", "吊车费200他出", "运费请报个价，李四给我回电话", "运费我到了再给"]
)
def test_words_of_paying_that_do_not_say_who_pays_the_freight(written: str, sms: Read) -> None:
    assert order_of(sms(FORM.format(written))).payment is None


@pytest.mark.parametrize(
    ("written", "freight"), [("车钱我出，2600块", 2600), ("运费对方，850元", 850), ("运费按4元一箱算，到付", 120)]
)
def test_the_freight_stands_behind_who_pays_it(written: str, freight: int, sms: Read) -> None:
    assert order_of(sms(FORM.format(written))).freight == freight


@pytest.mark.parametrize("written", ["现付或到付", "现付，运费对方出", "到付。送货费20。运费我付"])
def test_two_payers_are_a_doubt(written: str, sms: Read) -> None:
    assert [(p.code, p.field) for p in sms(FORM.format(written)).problems] == [("ambiguous", "payment")]


@pytest.mark.parametrize(
    ("written", "freight"),
    [
        ("运费4500讲好的，到付", 4500), ("就按860走，到付", 860), ("之前电话里说好运费1800，现付", 1800),
        ("总价5600元，现付", 5600), ("运费一千五，现付", 1500), ("运费1千8，现付", 1800), ("运费 ¥1,800.00 现付", 1800),
        ("freight is RMB 1,800 agreed, prepaid", 1800), ("月结（T12账户）", None), ("运费280一方，到付", None),
        ("运费每吨200，到付", None), ("运费300-350，到付", None), ("运费两清，现付", None),
    ],
)  # fmt: skip
def test_the_freight_is_a_sum_and_no_rate(written: str, freight: int | None, sms: Read) -> None:
    assert order_of(sms(FORM.format(written))).freight == freight


def test_the_number_of_the_next_row_is_no_freight(sms: Read) -> None:
    rows = (
        "1  童装 12包 264公斤 1.7方 到郑州 收 郭姐 13938462217 现付",
        "2  台历 30箱 420公斤 0.72方 到兰州 收 马占海 18993127746 到付",
    )
    reading = sms("\n".join(("发货方 石磊 13567224903", "装货点 湖州织里吴兴大道9号2栋", *rows)))
    assert [order.freight for order in reading.orders] == [None, None]


@pytest.mark.parametrize(
    ("written", "name", "amount"),
    [
        ("装卸费每件2元，到付", "装卸费", 60), ("装卸费2元一箱，到付", "装卸费", 60),
        ("進倉費 RMB180，月结", "進倉費", 180),
        ("谈好的吊车费200我出，到付", "吊车费", 200), ("提付+送货费40/代收2380", "送货费", 40),
    ],
)  # fmt: skip
def test_a_charge_keeps_its_name_as_written(written: str, name: str, amount: int, sms: Read) -> None:
    assert [(c.name, int(c.amount)) for c in order_of(sms(FORM.format(written))).charges] == [(name, amount)]


@pytest.mark.parametrize(
    ("written", "cod", "declared"),
    [
        ("代收画款28000，保价6万，到付", 28000, 60000), ("提付+送货费40/代收2380/回单拍照", 2380, None),
        ("代收货款由人民币 18600 元改为 15400 元，到付", 15400, None), ("COD RMB 3,200, freight collect", 3200, None),
        ("保价2万5，到付", None, 25000), ("insured for 50000, freight collect", None, 50000),
    ],
)  # fmt: skip
def test_goods_money_is_apart_from_the_freight(written: str, cod: int, declared: int, sms: Read) -> None:
    order = order_of(sms(FORM.format(written)))
    assert [order.cod, order.declared_value, order.freight] == [cod, declared, None]


@pytest.mark.parametrize(
    ("written", "delivery", "receipt", "hold"),
    [
        ("交货方式：送货\n月结", "door", None, False), ("送货方式：客户自提\n现付", "self_collect", None, False),
        ("回单：1份\n现付", None, "original", False), ("签收单正本请寄回敝司，月结", None, "original", False),
        ("签收单拍照发我一张就行，到付", None, "photo", False), ("放货：等通知\n到付", None, None, True),
        ("不用签回单，到付", None, None, False),
        ("freight collect, hand over only after we give you notice", None, None, True),
    ],
)  # fmt: skip
def test_manner_receipt_and_hold_are_read(
    written: str, delivery: str | None, receipt: str | None, hold: bool, sms: Read
) -> None:
    order = order_of(sms(FORM.format(written)))
    assert (order.delivery, order.receipt, order.hold) == (delivery, receipt, hold)


@pytest.mark.parametrize(
    ("written", "hold"),
    [
        ("没接到我们通知，千万别把货给他", True), ("我没发话不要放货", True), ("尾款结清了才能放", True),
        ("没我电话谁也不许放", True), ("等我们老板点头再放货", True), ("goods may only be released after our OK", True),
        ("等我电话到了再装车", False), ("货款已付清", False),
    ],
)  # fmt: skip
def test_goods_are_held_by_whoever_says_so(written: str, hold: bool, sms: Read) -> None:
    assert order_of(sms(FORM.format("到付，" + written))).hold is hold


@pytest.mark.parametrize(
    ("written", "receipt"),
    [
        ("要回单，拍照发我就行", "photo"), ("要回单", "original"), ("签收单请务必寄回", "original"),
        ("回单签好后扫描给我", "photo"), ("原件回单要带回", "original"), ("回单付", None),
    ],
)  # fmt: skip
def test_a_proof_is_the_original_unless_its_form_is_told(written: str, receipt: str | None, sms: Read) -> None:
    assert order_of(sms(FORM.format("到付，" + written))).receipt == receipt


@pytest.mark.parametrize(
    ("written", "sort", "number"),
    [
        ("圆通单号YT8812345678901", "waybill", "YT8812345678901"), ("安能 300123456789", "waybill", "300123456789"),
        ("采购单号CG-20260307", "customer", "CG-20260307"),
    ],
)  # fmt: skip
def test_numbers_of_others_stand_right_behind_what_they_are_of(written: str, sort: str, number: str, sms: Read) -> None:
    (reference,) = order_of(sms(FORM.format(f"到付，{written}"))).references
    assert (reference.kind, reference.value) == (sort, number)


@pytest.mark.parametrize(
    ("written", "name", "amount"), [("上楼费另给你们110元", "上楼费", 110), ("装货吊车费 150", "装货吊车费", 150)]
)
def test_a_fee_keeps_the_deed_it_is_for(written: str, name: str, amount: int, sms: Read) -> None:
    (charge,) = order_of(sms(FORM.format(f"到付，{written}"))).charges
    assert charge.name == name
    assert charge.amount == amount

"""B69, B71-B76: what an order says: nothing, too little, twice, impossible, or what must not be carried."""

from __future__ import annotations

from tests.bad_input.samples import Outcome, Sample, mail, order, packed

A, R, Q, I = Outcome.ACCEPTED, Outcome.REPLIED, Outcome.HELD, Outcome.IGNORED  # noqa: E741 - as faults.md writes them
BY_A_PERSON = "a person looks at what cannot be read (messages.md, ruling 10)"
HELD_FIRST = "a finding for a person goes before one to ask for (docs/checks.md)"
SIGNATURE = "--\n王强\n古镇灯饰有限公司 销售部\n手机：13823033212\n本邮件含有保密信息，仅供收件人使用。\n"
LACKING = {  # what is left out, and how the shipper is asked for it
    "发货人": "发货人：没有写明",
    "联系方式": "发货人联系电话：没有写明",
    "货物名称": "货物名称：没有写明",
    "数量": "件数：没有写明（请写明共几件，例如 15箱）",
    "提货地址": "提货地址：没有写明",
    "收货人": "收货人：没有写明",
    "收货人电话": "收货人联系电话：没有写明（请写明手机，或带区号的座机）",
    "付费方式": "付费方式：没有写明（请写明现付、到付、月结或回单付）",
}
NUMBERS = {
    "0086": "0086 13823033212",
    "86": "+86-138-2303-3212",
    "spaces": "138 2303 3212",
    "landline": "0760-22345678",
}


def one(number: str, name: str, outcome: Outcome, changes: dict[str, str | None], *says: str, **more: object) -> Sample:
    """An order with some values changed."""
    return Sample((number,), name, (packed(order(changes)),), outcome, says=says, **more)  # type: ignore[arg-type]


SAMPLES = (
    Sample(
        ("B69",),
        "empty-mail",
        (mail("", Subject=""),),
        I,
        reason="asks for nothing",
        superseded="empty mail is `other` (messages.md, ruling 10)",
    ),
    Sample(
        ("B69",), "empty-under-a-subject-of-an-order", (mail("\n"),), Q, says=("看不出来意",), superseded=BY_A_PERSON
    ),
    Sample(
        ("B69",), "signature-alone", (mail(SIGNATURE, Subject=""),), Q, says=("看不出来意",), superseded=BY_A_PERSON
    ),
    Sample(
        ("B69",),
        "points-to-a-file-that-is-not-there",
        (mail("您好，发货单见附件，请安排提货，谢谢\n"),),
        Q,
        says=("看不出来意",),
        superseded=BY_A_PERSON,
    ),
    # --- B71: days
    *(
        Sample(("B71",), f"day-{name}", (mail(order(None, words)),), outcome, says=says, order=meant, superseded=why)
        for name, words, outcome, says, meant, why in (
            ("past", "请3月1日来提货", Q, ("有时间没有看懂（提货时间）",), {}, HELD_FIRST),
            ("that-is-none", "请2月31日来提货", Q, ("有时间没有看懂（提货时间）",), {}, HELD_FIRST),
            ("of-the-moon", "请农历二月初八来提货", Q, ("有时间没有看懂",), {}, HELD_FIRST),
            (
                "deadline-past",
                "3月1日前送到",
                Q,
                ("送达时间，有两种理解，不能确定", "有时间没有看懂（送达时间）"),
                {},
                HELD_FIRST,
            ),
        )
    ),
    Sample(
        ("B71",),
        "tomorrow-before-midnight",
        (mail(order(None, "请明天下午来提货"), Date="Mon, 09 Mar 2026 23:59:58 +0800"),),
        A,
        order={"pickup.by": "2026-03-10T18:00:00+08:00"},
        says=("提货时间：3月10日12:00至18:00",),
    ),
    # --- B72: what is missing
    *(one("B72", f"without-{n}", R, {label: None}, asked) for n, (label, asked) in enumerate(LACKING.items(), 1)),
    one(
        "B72",
        "without-weight-and-volume",
        R,
        {"重量": None, "体积": None},
        "重量或体积：没有写明（请写明总重量多少公斤，或总体积多少立方）",
    ),
    one(
        "B72",
        "without-destination",
        R,
        {"发往": None, "收货地址": None},
        "发往地（或收货地址）：没有写明（请写明到哪个城市，或详细收货地址）",
    ),
    # --- B73: twice
    *(
        Sample(("B73",), f"twice-{name}", (packed(order(None, second)),), outcome, says=says, superseded=why)
        for name, second, outcome, says, why in (
            ("quantity", "数量：51件", R, ("件数：有两种理解，不能确定",), ""),
            ("weight", "重量：900公斤", R, ("重量或体积：有两种理解，不能确定",), ""),
            ("payment", "付费方式：现付", R, ("付费方式：有两种理解，不能确定",), ""),
            ("pickup", "提货地址：中山小榄工业区6号", R, ("提货地址：有两种理解，不能确定",), ""),
            ("address", "收货地址：解放大道8号", R, ("发往地（或收货地址）：有两种理解，不能确定",), ""),
            ("consignee", "收货人：钱先生", Q, ("有人名或单位没有归到任何栏目（收货人）",), HELD_FIRST),
            ("destination", "发往：南昌", Q, ("有栏目读出两个值（发往地（或收货地址））",), HELD_FIRST),
        )
    ),
    # --- B74: figures
    *(
        one("B74", f"quantity-{name}", R, {"数量": value}, "件数")
        for name, value in (
            ("zero", "0件"),
            ("negative", "-5件"),
            ("endless", "1e309件"),
            ("of-a-range", "10-12件"),
            ("lot", "一批"),
        )
    ),
    *(
        one("B74", f"weight-{name}", R, {"重量": value, "体积": None}, "重量或体积")
        for name, value in (
            ("zero", "0公斤"),
            ("negative", "-200公斤"),
            ("endless", "1e309公斤"),
            ("of-a-range", "10-12吨"),
            ("of-commas", "1,2,3公斤"),
            ("nan", "NaN公斤"),
        )
    ),
    one("B74", "quantity-of-30-digits", Q, {"数量": "9" * 30 + "件"}, "数字不合常理", superseded=HELD_FIRST),
    one("B74", "weight-without-unit", A, {"重量": "200"}),
    one("B74", "weight-of-thousands", A, {"重量": "1,200公斤"}, order={"cargo.0.weight_kg": 1200}),
    one("B74", "weight-of-a-comma", R, {"重量": "1,5吨", "体积": "8立方"}, "重量或体积：有两种理解，不能确定"),
    one("B74", "volume-zero", A, {"体积": "0立方"}, order={"cargo.0.volume_m3": None}),
    # --- B75: phones
    *(
        one("B75", f"phone-{name}", R, {"收货人电话": value}, "收货人联系电话：号码有误")
        for name, value in (("too-short", "1390579123"), ("too-long", "139057912345"), ("of-no-area", "85321466"))
    ),
    *(
        one(
            "B75",
            f"phone-with-{name}",
            A,
            {"联系方式": value},
            order={"shipper.phones": ["+8676022345678" if name == "landline" else "+8613823033212"]},
        )
        for name, value in NUMBERS.items()
    ),
    one(
        "B75",
        "two-phones",
        A,
        {"联系方式": "13823033212 / 0760-22345678"},
        order={"shipper.phones": ["+8613823033212", "+8676022345678"]},
    ),
    # --- B76: goods and routes
    one("B76", "prohibited-goods", R, {"货物名称": "汽油"}, "汽油", states=("refused",), answers=("refusal",)),
    one("B76", "goods-of-a-un-number", Q, {"货物名称": "UN1203 汽油"}, "禁运品"),
    one("B76", "goods-by-a-un-number-only", Q, {"货物名称": "UN 1203"}, "禁运品"),
    one("B76", "goods-too-general", R, {"货物名称": "货物"}, "货物名称"),
    one(
        "B76",
        "route-of-two-cities",
        R,
        {"收货地址": "上海市浦东新区张江路8号"},
        "发往地（浙江省杭州市）和收货地址（上海市浦东新区）不在一个地方",
    ),
    one(
        "B76",
        "place-on-no-map",
        A,
        {"发往": "张三沟", "收货地址": "张三沟村3组"},
        order={"destination": "张三沟", "consignee.address": "张三沟村3组"},
    ),
)

"""B40-B51, B63, B70: what tells one mail from another: ids, copies, corrections, subjects and dates."""

from __future__ import annotations

from tests.bad_input.samples import ID, LETTER, SERIAL, Outcome, Sample, mail, order

A, R, Q, I, D = (  # noqa: E741 - as faults.md writes them
    Outcome.ACCEPTED,
    Outcome.REPLIED,
    Outcome.HELD,
    Outcome.IGNORED,
    Outcome.JOINED,
)
ORDER = mail(order())
ANOTHER_ID = f"<again.{ID}>"
ANSWER = {
    "In-Reply-To": f"<{LETTER}>",
    "References": f"<{LETTER}>",
    "Subject": "=?utf-8?B?5Zue5aSNOiDlj5HotKflp5TmiZg=?=",
}
QUOTE = "\n".join(
    ["在 2026-03-10 10:00:30，orders@desk.example 写道：", *(f"> {line}" for line in order().split("\n"))]
)
REFERENCE = "客户单号：PO-7781"
THREE = "\n\n".join(
    order({"收货人": who, "收货人电话": phone, "发往": town, "收货地址": None}).partition("\n\n")[2]
    for who, phone, town in (
        ("马小姐", "13905791234", "杭州"),
        ("钱先生", None, "南昌"),
        ("孙先生", "13700007777", "合肥"),
    )
)
DATES = {
    "missing": "", "junk": "yesterday", "1970": "Thu, 1 Jan 1970 00:00:00 +0000",
    "a-year-ahead": "Wed, 10 Mar 2027 09:59:30 +0800", "two-digit-year": "10 Mar 26 09:59:30 +0800",
    "zone-of-9999": "Tue, 10 Mar 2026 09:59:30 +9999", "year-of-0": "Tue, 10 Mar 0000 09:59:30 +0800",
    "of-300-signs": "Tue, 10 Mar 2026 09:59:30 +0800 (" + "x" * 300 + ")",
}  # fmt: skip
PLAUSIBLE = ("two-digit-year", "of-300-signs")


def dated(name: str) -> Sample:
    """An order whose mail has an odd Date."""
    source = "claimed" if name in PLAUSIBLE else "arrival"
    return Sample(
        ("B70",), f"date-{name}", (mail(order(None, "请明天下午3点前送到"), Date=DATES[name]),), A,
        order={"deliver_by": "2026-03-11T15:00:00+08:00"}, time_of=source,
    )  # fmt: skip


SAMPLES = (
    Sample(("B40",), "no-message-id", (mail(order(), Message_ID=""),), A),
    Sample(("B40", "B42"), "no-message-id-twice", (mail(order(), Message_ID=""),) * 2, D, says=(SERIAL,)),
    *(
        Sample(("B41",), f"message-id-{name}", (mail(order(), Message_ID=value),), A)
        for name, value in (
            ("empty", "<>"),
            ("of-spaces", " "),
            ("of-5000", f"<{'x' * 5000}.{ID}>"),
            ("without-brackets", f"x.{ID}"),
            ("twice", f"<one.{ID}>\r\nMessage-ID: <two.{ID}>"),
            ("folded", f"\r\n <a.\r\n\tb.{ID}>"),
        )
    ),
    Sample(("B41",), "message-id-with-nul", (mail(order(), Message_ID=f"<a\0b.{ID}>"),), A, by_inlet=True),
    Sample(
        ("B41",), "message-id-of-raw-bytes", (mail(order(), Message_ID="<\udcd5\udce3.\udcff@shipper.example>"),), A
    ),
    Sample(("B42",), "same-mail-twice", (ORDER, ORDER), D, says=(SERIAL, "不会重复安排")),
    Sample(
        ("B43",),
        "same-id-other-content",
        (ORDER, mail(order({"数量": "51件"}))),
        Q,
        says=("邮件编号相同而内容不同",),
        states=("dispatched",),
        answers=("acknowledgement",),
    ),
    Sample(
        ("B45",),
        "same-order-in-a-new-mail",
        (ORDER, mail(order(), Message_ID=ANOTHER_ID)),
        Q,
        says=("与前一单内容相同",),
        states=("dispatched", "review"),
        answers=("acknowledgement",),
        superseded="a person decides, unless the site has the shipper asked (domain.md §3)",
    ),
    Sample(
        ("B46",),
        "same-order-a-day-later",
        (ORDER, mail(order(), Message_ID=ANOTHER_ID, Date="Wed, 11 Mar 2026 10:29:00 +0800")),
        A,
        states=("dispatched", "dispatched"),
        answers=("acknowledgement", "acknowledgement"),
        next_day=True,
    ),
    Sample(
        ("B47",),
        "change-of-a-confirmed-order",
        (mail(order(None, REFERENCE)), mail(f"{SERIAL} 数量改为51件，其他不变\n", Message_ID=ANOTHER_ID, **ANSWER)),
        A,
        says=("15件 → 51件",),
        states=("dispatched",),
        answers=("acknowledgement", "acknowledgement"),
        order={"cargo.0.quantity": 51},
        sent=2,
    ),
    Sample(
        ("B47",),
        "another-whole-order-under-the-same-reference",
        (mail(order(None, REFERENCE)), mail(order({"数量": "51件"}, REFERENCE), Message_ID=ANOTHER_ID)),
        Q,
        says=("客户单号与前一单相同而内容不同",),
        states=("dispatched", "review"),
        answers=("acknowledgement",),
        superseded="a change or a second shipment: a person decides, before anything goes out",
    ),
    Sample(
        ("B47",),
        "the-same-reference-for-another-consignee",
        (
            mail(order(None, REFERENCE)),
            mail(order({"收货人": "钱先生", "收货人电话": "13700007777"}, REFERENCE), Message_ID=ANOTHER_ID),
        ),
        A,
        states=("dispatched", "dispatched"),
        answers=("acknowledgement", "acknowledgement"),
        order={"consignee.name": "钱先生", "consignee.phones": ["+8613700007777"]},
    ),
    Sample(
        ("B48",),
        "correction-before-its-order",
        (mail(f"更正：{REFERENCE} 的数量改为51件\n", Message_ID=ANOTHER_ID), mail(order(None, REFERENCE))),
        A,
        reason="order",
        says=("15件",),
    ),
    Sample(
        ("B49",),
        "cancellation-of-no-order",
        (mail("260310999 这单取消，不用来了\n"),),
        Q,
        says=("客户要求取消订单",),
        answers=("holding_reply",),
        superseded="a person decides (note of faults.md)",
    ),
    Sample(
        ("B49",),
        "cancellation-of-a-dispatched-order",
        (ORDER, mail(f"{SERIAL} 这单取消，不用来了\n", Message_ID=ANOTHER_ID, **ANSWER)),
        A,
        says=("已按您的要求取消",),
        states=("cancelled",),
        answers=("acknowledgement", "progress"),
        sent=1,
        superseded="called off at once before its pickup (domain.md §4)",
    ),
    Sample(
        ("B50",),
        "reply-with-the-old-order-below",
        (
            ORDER,
            mail(
                order(
                    {
                        "数量": "3件",
                        "重量": "90公斤",
                        "体积": "0.5立方",
                        "发往": "南昌",
                        "收货人": "钱先生",
                        "收货人电话": "13700008888",
                        "收货地址": None,
                    },
                    "另外再发一票",
                    "",
                    QUOTE,
                ),
                Message_ID=ANOTHER_ID,
            ),
        ),
        A,
        order={
            "cargo.0.quantity": 3,
            "cargo.0.weight_kg": 90,
            "cargo.0.volume_m3": 0.5,
            "destination": "南昌",
            "consignee.name": "钱先生",
            "consignee.phones": ["+8613700008888"],
            "consignee.address": None,
        },
        states=("dispatched", "dispatched"),
        answers=("acknowledgement", "acknowledgement"),
    ),
    Sample(
        ("B50",),
        "reply-with-nothing-new",
        (ORDER, mail(f"\n{QUOTE}", Message_ID=ANOTHER_ID, **ANSWER)),
        I,
        states=("dispatched",),
        answers=("acknowledgement",),
        superseded="a reply that repeats its order and adds nothing asks for nothing (messages.md)",
    ),
    Sample(
        ("B51",),
        "three-orders-one-incomplete",
        (mail(THREE),),
        R,
        says=("收货人联系电话：没有写明", "钱先生"),
        states=("dispatched", "asked", "dispatched"),
        answers=("acknowledgement", "question", "acknowledgement"),
    ),
    *(
        Sample(("B63",), name, (mail(order({"货物名称": None}), Subject=subject),), R, says=("货物名称：没有写明",))
        for name, subject in (
            ("subject-with-bcc", "=?utf-8?q?hi=0d=0aBcc:_everybody=40shipper.example?="),
            ("subject-with-body", "=?utf-8?q?hi=0d=0a=0d=0aour_own_words?="),
            ("subject-with-separator", "=?utf-8?b?aGkg4oCoQmNjOiBl4oCpLSDCheS4gA==?="),
        )
    ),
    *map(dated, DATES),
)

"""B84, B85: text messages as the gateway writes them into its spool."""

from __future__ import annotations

from tests.bad_input.samples import Again, Outcome, Parts, Sample

A, R, Q, I = Outcome.ACCEPTED, Outcome.REPLIED, Outcome.HELD, Outcome.IGNORED  # noqa: E741 - as faults.md writes them
TEXT = (
    "请安排提货：发货人王先生13823033212，汽车配件15件200公斤2.2方，提货地址中山古镇汽配城A12栋，发往杭州，"
    "收货人马小姐13905791234，收货地址火车站东路3号，到付"
)

UNSURE = "a person looks where it is not sure what is meant (messages.md: an order is not guessed)"
FIRST, SECOND, THIRD = TEXT[:30], TEXT[30:60], TEXT[60:]

SAMPLES = (
    Sample(("B84",), "parts-out-of-order", (Parts(((2, THIRD), (0, FIRST), (1, SECOND))),), A),
    Sample(
        ("B84",),
        "part-missing",
        (Parts(((0, FIRST), (2, THIRD))),),
        Q,
        quarantined=True,
        says=("missing parts of a long text message: 2",),
    ),
    Sample(("B84",), "pushed-twice", (TEXT, Again()), A),
    Sample(
        ("B84",),
        "sent-twice",
        (TEXT, TEXT),
        Q,
        says=("与前一单内容相同",),
        states=("dispatched", "review"),
        answers=("acknowledgement",),
    ),
    Sample(("B84",), "sender-of-letters", (TEXT,), Q, says=("发件人不在客户名单里",), alias="SHUNCHI", stranger=True),
    Sample(("B84",), "text-in-one", (TEXT,), A),
    Sample(("B84",), "text-with-emoji", (TEXT + "😀👍🏽谢谢",), A),
    Sample(("B85",), "text-too-short", ("发货到杭州",), Q, superseded=UNSURE),
    Sample(("B85",), "text-with-goods-alone", ("15件配件200公斤发杭州",), Q, says=("看不出来意",), superseded=UNSURE),
    Sample(
        ("B85",),
        "text-half-an-order",
        ("王先生13823033212，汽车配件15件200公斤，中山古镇汽配城A12栋提货，发往杭州，到付",),
        R,
        says=("收货人",),
    ),
    *(Sample(("B85",), f"opt-out-{word}", (word,), I, reason="asks for nothing") for word in ("TD", "退订", "T")),
    Sample(("B85",), "opt-out-STOP", ("STOP",), Q, says=("看不出来意",), superseded=UNSURE),
    Sample(
        ("B79", "B84"),
        "text-with-a-signature-of-its-own",
        (TEXT.replace("汽车配件", "【假签名】汽车配件"),),
        A,
        says=("汽车配件15件",),
        omits=("假签名",),
    ),
)

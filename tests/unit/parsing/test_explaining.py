"""What a message shows of itself: its parts, and what was seen in it and not taken, with the reason."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from ingestd.domain.reading import Channel
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.explaining import Explanation, explain, phone_fault

FORM = """发货人：陈宏 {phone}
提货地址：深圳市龙岗区坂田街道雪岗路8号
货物：轴承 12箱 300公斤
发往：义乌
收货人：许芳 13900139000
付款方式：到付
"""


def of_sms(text: str, definitions: Definitions) -> Explanation:
    raw = f"From: +8613800000000\nDate: 2026-03-10T10:02:03+08:00\nTo: 10690000\n\n{text}"
    return explain(Channel.SMS, raw.encode(), definitions)


def of_mail(text: str, definitions: Definitions) -> Explanation:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "陈宏 <chen@example.com>", "发货", "Tue, 10 Mar 2026 10:02:03 +0800"
    mail.set_content(text)
    return explain(Channel.EMAIL, mail.as_bytes(), definitions)


def reasons(found: Explanation) -> dict[str, str]:
    return {refusal.words: refusal.reason for refusal in found.refused}


def test_a_mail_is_shown_by_its_parts(definitions: Definitions) -> None:
    signature = "--\n陈宏\n宏达轴承 0755-86001234"
    history = '在 2026-03-09 09:00:00，"客服" <desk@example.com> 写道：\n> 请补充收货电话'
    found = of_mail(f"{FORM.format(phone='13800138000')}\n{signature}\n\n{history}\n", definitions)
    kinds = {part.kind: part.text for part in found.parts}
    assert list(kinds) == ["subject", "new", "signature", "quoted"]
    assert "轴承" in kinds["new"]
    assert "请补充" not in kinds["new"]
    assert "宏达轴承" in kinds["signature"]
    assert "请补充收货电话" in kinds["quoted"]
    assert reasons(found)["0755-86001234"] == "in_signature"


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("1380013800", "too_short"), ("138001380001", "too_long"), ("86251234", "no_area_code"),
        ("12345", "too_short"), ("0000000000", "no_such_number"),
    ],
)  # fmt: skip
def test_a_refused_phone_says_why_it_can_be_none(written: str, fault: str) -> None:
    assert phone_fault(written) == fault


def test_a_bad_phone_of_an_order_is_named(definitions: Definitions) -> None:
    assert reasons(of_sms(FORM.format(phone="1380013800"), definitions))["1380013800"] == "too_short"


def test_figures_that_contradict_each_other_are_named(definitions: Definitions) -> None:
    found = of_sms(FORM.format(phone="13800138000").replace("300公斤", "300公斤 重量350公斤"), definitions)
    assert found.reading.orders[0].cargo[0].weight_kg is None
    assert {reason for words, reason in reasons(found).items() if "公斤" in words} == {"ambiguous"}


def test_the_old_value_of_a_change_is_named(definitions: Definitions) -> None:
    found = of_sms("260310221 件数由12箱改为15箱", definitions)
    assert reasons(found)["12箱"] == "old_value"
    assert "15箱" not in reasons(found)


def test_nothing_is_refused_where_everything_was_taken(definitions: Definitions) -> None:
    assert reasons(of_sms(FORM.format(phone="13800138000"), definitions)) == {}


def test_what_cannot_be_read_has_neither_parts_nor_refusals(definitions: Definitions) -> None:
    found = explain(Channel.EMAIL, b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 200_000, definitions)
    assert found.reading.problems

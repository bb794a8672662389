"""Codes of reasons, told in words."""

from __future__ import annotations

import pytest

from ingestd.cli.reasons import told, told_event


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("unknown_sender", "the sender is not among the customers", "发件人不在客户名单里"),
        (
            "low_support:consignee.address",
            "a field rests on weak evidence (consignee's address)",
            "有栏目依据不足 (收货地址)",
        ),
        (
            "missing_field:missing: payment",
            "a field is missing or unclear (missing: payment)",
            "有栏目缺失或不清楚 (缺: 付费方式)",
        ),
        (
            "cancellation; never_seen:x y",
            "the shipper cancels an order; never_seen (x y)",
            "客户要求取消订单; never_seen (x y)",
        ),
        (
            "missing_field:payment; cancellation; missing_field:destination",
            "a field is missing or unclear (payment, destination); the shipper cancels an order",
            "有栏目缺失或不清楚 (付费方式, 发往); 客户要求取消订单",
        ),
        ("", "", ""),
    ],
)
def test_a_reason_is_told_in_words(code: str, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert told(code) == english
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert told(code) == chinese


def test_an_event_tells_what_it_has_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert told_event({"time": "claimed", "why": "Date is plausible"}) == "its Date is plausible"
    assert told_event({"for": ["missing_field:missing: payment", "invalid_phone:shipper.phones"]}) == (
        "a field is missing or unclear (missing: payment); a phone can't be one (shipper's phone)"
    )
    old = "the message is old: is it still wanted? (13.0 h)"
    assert told_event({"reason": "stale_message:13.0 h", "occurrence": 2}) == f"{old}, 2"
    assert told_event({"set": ["cargo[1].weight_kg=80kg", "remarks=a=b"]}) == "weight 2=80kg; remarks=a=b"
    assert told_event({}) == ""

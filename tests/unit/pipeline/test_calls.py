"""Whom a decision wants phoned: the dispatcher whose work order no text message holds."""

from __future__ import annotations

from dataclasses import replace

from ingestd.checks.decision import decide
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose, SendingDraft
from ingestd.pipeline.deciding import with_calls
from tests.unit.checks.cases import CASE, NOW, ORDER, READING, case, deciding, house


def test_of_two_orders_for_one_dispatcher_the_one_without_a_text_message_is_phoned() -> None:
    second = replace(ORDER, destination="宁波")
    decision = decide(case(replace(READING, orders=(ORDER, second))), deciding())
    drafts = [
        (w.order.serial, SendingDraft("k", w.purpose, w.cause, w.channel, w.recipient, b"", NOW))
        for w in decision.wanted
        if w.order and (w.channel is Channel.EMAIL or w.order.serial.endswith("001"))
    ]
    done = with_calls(decision, drafts, house())
    assert [(c.serial, c.phone, c.reason) for c in done.calls] == [
        ("260310002", "+8613900000011", "work_order_sms_too_long")
    ]
    assert [(e.kind, e.serial) for e in done.events if e.kind == "call"] == [("call", "260310002")]
    texts = [w.order.serial for w in done.wanted if w.order and w.channel is Channel.SMS]
    assert texts == ["260310001"]


def test_nobody_is_phoned_where_every_work_order_has_its_text_message() -> None:
    decision = decide(CASE, deciding())
    drafts = [
        (w.order.serial, SendingDraft("k", Purpose.WORK_ORDER, w.cause, w.channel, w.recipient, b"", NOW))
        for w in decision.wanted
        if w.order
    ]
    assert with_calls(decision, drafts, house()) == decision

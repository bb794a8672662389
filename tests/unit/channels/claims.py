"""Claims as the outbox would hand them to a channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingestd.domain.reading import Channel
from ingestd.domain.sending import Claim, Phase, Purpose

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HEAD = b"From: orders@orders.example\r\nTo: dispatch@example.com\r\nSubject: 260310221\r\n\r\n"
MAIL = Claim(
    sending_id=7,
    token=3,
    channel=Channel.EMAIL,
    recipient="dispatch@example.com",
    key="wo.260310221.1.5f3a",
    body=HEAD + b"Work order\r\n",
    deadline=NOW + timedelta(seconds=180),
    lease_until=NOW + timedelta(seconds=90),
    attempts=1,
    purpose=Purpose.WORK_ORDER,
    created_at=NOW,
    envelope_from="bounce@orders.example",
)
TEXT = replace(MAIL, channel=Channel.SMS, recipient="+8613800138000", body="【示例物流】260310221".encode())


def mail(body: bytes = HEAD + b"Work order\r\n", recipient: str = "dispatch@example.com") -> Claim:
    """A claim for one mail."""
    return replace(MAIL, body=body, recipient=recipient)


def text(
    content: str = "【示例物流】260310221", key: str = "wo.260310221.1.5f3a", number: str = "+8613800138000"
) -> Claim:
    """A claim for one text message."""
    return replace(TEXT, body=content.encode(), key=key, recipient=number)


def unheard(phase: Phase) -> None:
    """Tell nobody about a phase."""

"""What passed lately between us and one sender beside orders: how much he was told, and what he was asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from ingestd.checks.capping import REPLIES, TALK
from ingestd.config.settings import Replies
from ingestd.domain.decision import Told
from ingestd.domain.reading import Reading
from ingestd.domain.sending import Purpose
from ingestd.store.decisions import READING
from ingestd.store.schema import event, message, reading, sending

ASKED_BACK = "asked_back"  # the event of a report on which its sender was asked which order he means
OLDER = select(sending.c.id).where(sending.c.created_at < bindparam("since")).order_by(sending.c.id.desc()).limit(1)
TALK_SINCE = (
    select(message.c.sender, sending.c.purpose, sending.c.created_at)
    .join(message, message.c.id == sending.c.message_id)
    .where(
        sending.c.id > func.coalesce(OLDER.scalar_subquery(), 0),  # ids go up with time: the older ones are not read
        sending.c.created_at >= bindparam("since"),
        sending.c.purpose.in_((*REPLIES, Purpose.REVIEW_NOTICE)),
        sending.c.order_id.is_(None) | (sending.c.purpose == Purpose.ANSWER),
        message.c.sender.in_(bindparam("senders", expanding=True)),
    )
)


def told_lately(connection: Connection, senders: Iterable[str], policy: Replies, now: datetime) -> dict[str, Told]:
    """What each of these senders was told within the times of the policy, and the desk because of them."""
    out = dict.fromkeys(senders, Told())
    if not out:
        return out
    since = {"since": now - max(policy.within, policy.talk_within), "senders": list(out)}
    for sender, purpose, at in connection.execute(TALK_SINCE, since):
        lately = at >= now - policy.within
        told = out[sender]
        out[sender] = replace(
            told,
            talk=told.talk + (purpose in TALK and at >= now - policy.talk_within),
            replies=told.replies + (purpose in REPLIES and lately),
            notices=told.notices + (purpose == Purpose.REVIEW_NOTICE and lately),
        )
    return out


def with_one_more(told: Told) -> Told:
    """The same after a notice of a duplicate."""
    return replace(told, talk=told.talk + 1, replies=told.replies + 1)


def asked_which(connection: Connection, senders: Collection[str], since: datetime) -> dict[str, Reading]:
    """By sender the report of his on which he was asked which order he means, where he has written nothing since."""
    if not senders:
        return {}
    asked = (event.c.message_id == message.c.id) & (event.c.kind == ASKED_BACK)
    heard = select(message.c.sender, reading.c.json, event.c.id.label("asked"))
    heard = heard.join(reading, reading.c.message_id == message.c.id).outerjoin(event, asked)
    theirs = message.c.sender.in_(senders) & (message.c.arrived_at >= since)
    last = {row.sender: row for row in connection.execute(heard.where(theirs).order_by(message.c.id))}
    return {sender: READING.validate_json(row.json) for sender, row in last.items() if row.asked}

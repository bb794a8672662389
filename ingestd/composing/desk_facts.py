"""What letters to the desk are told: reviews, reminders of them, alarms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.composing.shipper_facts import asked
from ingestd.domain.decision import OverdueReview
from ingestd.domain.order import OrderView

MOST_LISTED = 20  # reviews in one letter
KINDS = {  # tables of the labels with the words for what a reason saw
    "report": "report", "report_without_order": "report", "reported_though_cancelled": "report", "inquiry": "inquiry",
}  # fmt: skip
FOLLOWED_UP = "follow_up"  # kind of the reasons of calls for follow-ups


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """What the desk is told where a person must decide."""

    message_id: int | None  # ours
    sender: str
    arrived_at: datetime
    reasons: tuple[str, ...]  # codes, `low_support:consignee.address` with their field
    order: OrderView | None = None  # what was read, where it is an order
    text: str = ""  # the message's own words
    due_at: datetime | None = None  # until when; None: there is nothing to decide


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an alarm tells: a kind of the `[alarm]` tables (others are told in general words), where, since when."""

    kind: str
    detail: str
    since: datetime


def reviewed(case: ReviewCase, teller: Teller) -> Facts:
    """A message that a person must decide on, and what was read in it."""
    known = asked(case.order, teller) if case.order else {"serial": "", "problems": [], "asks": []}
    return {
        **known,
        "has_order": case.order is not None,
        "message_id": case.message_id,
        "sender": clean(case.sender),
        "arrived_at": teller.times.written("full", case.arrived_at),
        "due": teller.times.moment(case.due_at),
        "reasons": [reason(code, teller) for code in case.reasons],
        "words": "\n".join(clean(line) for line in case.text.splitlines()),
    }


def waiting(name: str, overdue: Sequence[OverdueReview], teller: Teller) -> Facts:
    """Who is told of which reviews: serial and message ("" where there is none), sender, reason, since, due, and
    whether it is a call to make: then the sender is who is to be phoned."""
    rows = [
        (
            r.serial or "",
            r.message_id or "",
            clean(r.sender),
            [reason(code, teller) for code in r.reason.split("; ")],
            teller.times.moment(r.opened_at),
            teller.times.moment(r.due_at),
            r.call_id is not None,
        )
        for r in overdue[:MOST_LISTED]
    ]
    return {"name": clean(name), "reviews": rows, "count": len(overdue)}


def reason(code: str, teller: Teller) -> str:
    """A reason in words: a code of the `[review]` table, alone or as `code:what it saw`; what a follow-up found; others
    as they are."""
    wording = teller.wording
    kind, _, saw = code.partition(":")
    if kind == FOLLOWED_UP:
        return str(wording["follow_up"].get(saw, wording["follow_up"]["other"])["state"])
    words: str | None = wording["review"].get(kind)
    if words is None or not saw:
        return words or clean(code)
    kinds = wording[KINDS[kind]] if kind in KINDS else {}
    told = (kinds.get(part) or teller.field.get(part) or teller.seen(part) for part in re.split("[|:]", saw))
    return str(wording["reason"]["saw"]).format(words, wording["reason"]["joint"].join(told))


def troubled(trouble: Trouble, teller: Teller) -> Facts:
    """Trouble of the system: what, what to do, since when."""
    alarms = teller.wording["alarm"]
    words = alarms.get(trouble.kind, alarms["unknown"])
    since = teller.times.written("full", trouble.since)
    return {"what": words["what"].format(clean(trouble.detail)), "todo": words["todo"], "since": since}

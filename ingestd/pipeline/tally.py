"""What the steps count as it happens; this tally counts nothing, the daemon's own shows it at /metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestd.domain.decision import Decision
from ingestd.domain.reading import Channel, Code, Intent
from ingestd.domain.sending import Outcome, Purpose

RULE = re.compile(r"[a-z][a-z_]{2,39}")


class Tally:
    """Counts nothing. None of what it is told holds words of a message."""

    def decided(self, intent: Intent, decision: Decision) -> None:
        """A message was decided on, and that is written."""

    def sent(self, purpose: Purpose, channel: Channel, outcome: Outcome) -> None:
        """An attempt to send came to something, and that is written."""

    def dispatched(self, seconds: float) -> None:
        """An order's work order was accepted, so long after the start of its clock."""

    def struck(self) -> None:
        """A worker died or hung on a message."""

    def quarantined(self) -> None:
        """A message was put aside."""


NO_TALLY = Tally()


def findings(decision: Decision) -> Iterator[str]:
    """The names of the rules that found something, once each; never what they saw."""
    problems = {p.code for order in decision.new_orders for p in order.problems}
    problems |= {p.code for change in decision.changes for p in change.problems}
    by_reader = {"invalid_phone" if code is Code.INVALID_PHONE else "missing_field" for code in problems}
    yield from sorted(by_reader | {rule_of(reason) for _, reason in decision.reviews})


def rule_of(reason: str) -> str:
    """The rule of a review's reason; a reason is a code, perhaps with what was seen behind a colon."""
    rule = reason.partition(":")[0]
    return rule if RULE.fullmatch(rule) else "other"

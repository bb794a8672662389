"""What the steps count as it happens; this tally counts nothing, the daemon's own shows it at /metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingestd.domain.assessment import Finding
from ingestd.domain.decision import Decision
from ingestd.domain.reading import Channel, Intent
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


def findings(decision: Decision) -> Iterator[tuple[str, str]]:
    """Each check that found something with its finding, once each; never what it saw.

    What a person is to decide for another reason than a check counts as a review.
    """
    judged = [order.assessment for order in decision.new_orders]
    judged += [change.assessment for change in decision.changes if change.content is not None]
    hits = {(rule_of(hit.reason), str(hit.finding)) for assessment in judged for hit in assessment.hits}
    known = {check for check, _ in hits}
    others = {rule_of(reason) for _, said in decision.reviews for reason in said.split("; ")}
    yield from sorted(hits | {(reason, str(Finding.REVIEW)) for reason in others - known})


def rule_of(reason: str) -> str:
    """The check behind a reason: a code, perhaps with what was seen behind a colon."""
    rule = reason.partition(":")[0]
    return rule if RULE.fullmatch(rule) else "other"

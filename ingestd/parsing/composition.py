"""The reading of a message from its parts: intent, orders, details, problems, doubts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from ingestd.domain.reading import Channel, Code, Envelope, Evidence, Intent, OrderReading, Problem, Reading
from ingestd.parsing import assigning, mime, orders, scanning
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft
from ingestd.parsing.quoting import Letter
from ingestd.parsing.text import Text


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart, before anything in it is understood."""

    channel: Channel
    sender: str | None
    sent_at: datetime | None
    subject: Text
    letter: Letter
    body: mime.Body = mime.Body("")
    envelope: Envelope = field(default_factory=Envelope)


def reading(message: Message, definitions: Definitions) -> Reading:
    """The reading of one message."""
    text = message.letter.new
    draft = assigning.read_fields(scanning.scan(text, definitions), Draft(text), definitions, message.sent_at)
    order, doubts = orders.settle(draft)
    found = [*doubts, *orders.missing(order, doubts)]
    is_order = len(found) <= 6 and bool(order.cargo)
    base = Reading(message.channel, message.sender, message.sent_at, Intent.OTHER, text=text.shown, envelope=message.envelope)
    if not is_order:
        return base
    return replace(
        base,
        intent=Intent.ORDER,
        refers_to=tuple(f.value for f in draft.all("serial")),
        orders=(order,),
        problems=tuple(replace(p, order=0) for p in found),
        evidence=tuple(evidence(draft)),
    )


def evidence(draft: Draft, index: int = 0) -> list[Evidence]:
    """Each value's words and rule."""
    return [Evidence(f"orders[{index}].{path}", draft.words(f), f.rule) for path, f in draft.evidence()]


__all__ = ["Code", "OrderReading", "Problem"]

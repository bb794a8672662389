"""Follow-ups as a site writes them: after what, how long, who is asked by which letter, until when, who is next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from ingestd.config.section import Seconds, Section, as_span
from ingestd.domain.order import Happening, OrderState

PICKUP_BY, DELIVER_BY = "pickup_by", "deliver_by"
DEADLINES = (PICKUP_BY, DELIVER_BY)
Part = Literal[
    "dispatcher", "depot", "deliverer", "next_on_duty", "fleet_manager", "operations_manager", "consignee", "shipper",
    "nobody",
]  # fmt: skip
OUTSIDE = ("consignee", "shipper", "nobody")  # none of our people
Condition = Literal["city", "out_of_town", "receipt", "no_receipt", "hold", "no_hold", "with_us"]
Span = Annotated[timedelta, BeforeValidator(as_span), PlainSerializer(lambda v: v.total_seconds())]  # may be negative
NONE, CHASE, ESCALATION, ANNOUNCEMENT = "none", "chase", "escalation", "announcement"
NOT_AT_ALL = timedelta(0)
CALLED_FOR = "follow_up:"  # what the reasons of calls begin with


def as_several(value: object) -> object:
    """One word as a list of it."""
    return (value,) if isinstance(value, str) else value


class FollowUp(Section):
    """One duty of the desk (`follow_ups.toml`)."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    after: Annotated[tuple[str, ...], BeforeValidator(as_several), Field(min_length=1)]
    wait: Span = NOT_AT_ALL
    wait_by_sms: Span | None = None  # where text messages are the recipient's main channel
    window: bool = False  # not before the shipper's own window of the pickup begins
    hours: Literal["any", "duty", "desk", "rounds"] = "any"
    to: Part
    escalates_to: tuple[Part, ...] = ()
    letter: Annotated[str, Field(pattern=r"^(none|chase|escalation|announcement|(notice|progress):[a-z_]{1,40})$")]
    call: bool = False  # the desk is to phone, too
    every: Seconds | None = None
    times: Annotated[int, Field(ge=0, le=500)] | None = None  # how often it is repeated; none: until it ends
    then: Literal["", "rounds"] = ""  # after these, at each of the site's rounds
    until: tuple[Happening, ...] = ()
    only: tuple[Condition, ...] = ()
    not_while: tuple[OrderState, ...] = ()  # states in which it waits
    does: Literal["", "close", "note"] = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """Who is asked first, and who is told after that."""
        return (self.to, *self.escalates_to)

    @property
    def is_grouped(self) -> bool:
        """Whether it shares one message with whatever else its recipient is asked."""
        return self.letter in (CHASE, ESCALATION)

    @property
    def word(self) -> str:
        """What a notice or a letter about progress is about."""
        return self.letter.partition(":")[2]

    @property
    def reason(self) -> str:
        """Why the desk is to phone somebody for it."""
        return f"{CALLED_FOR}{self.name}"

    @model_validator(mode="after")
    def makes_sense(self) -> Self:
        wrong = next(self.faults(), None)
        if wrong:
            raise ValueError(f"follow-up {self.name}: {wrong}")
        return self

    def faults(self) -> Iterator[str]:
        """What does not fit together, and what would."""
        kind, ours = self.letter.partition(":")[0], self.to not in OUTSIDE
        if self.wait < NOT_AT_ALL and not all(a in DEADLINES for a in self.after):
            yield 'wait is negative; only after = "pickup_by" or "deliver_by" has a time before it'
        if self.times is not None and self.every is None:
            yield "times says how often, and nothing says after how long; every = 1800 would be right"
        if (kind == "announcement") != (self.to == "consignee"):
            yield 'an announcement goes to = "consignee", and nothing else does'
        if (kind == "progress") != (self.to == "shipper"):
            yield 'a letter "progress:..." goes to = "shipper", and nothing else does'
        if kind in (CHASE, ESCALATION, "notice") and not ours:
            yield f'letter = "{self.letter}" goes to our own people; to = "dispatcher" would be right'
        if (self.call or self.hours == "duty" or self.escalates_to) and not ours:
            yield 'call, hours = "duty" and escalates_to are for our own people; to = "dispatcher" would be right'
        if any(part in OUTSIDE for part in self.escalates_to):
            yield "escalates_to names our own people only; operations_manager would be right"
        if kind == NONE and not (self.call or self.does):
            yield 'it does nothing; give a letter, call = true or does = "note"'


def misnamed(rows: tuple[FollowUp, ...]) -> Iterator[str]:
    """Rows that begin after nothing there is; a row begins after another's chase only where that stands above it."""
    above: set[str] = set()
    for row in rows:
        for start in row.after:
            if start not in (*Happening, *DEADLINES, *above):
                known = ", ".join((*Happening, *DEADLINES))
                yield (
                    f'follow-up {row.name}: after = "{start}" is neither the name of a follow-up above it nor one of '
                    f"{known}"
                )
        if row.name in above:
            yield f"follow-up {row.name} stands twice; once is right"
        if row.name in (*Happening, *DEADLINES):
            yield f"follow-up {row.name} is called like something that happens; choose another name"
        above.add(row.name)

"""A sending: one purpose to one recipient by one channel, its states, and what an attempt reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from ingestd.domain.reading import Channel


class Purpose(StrEnum):
    """Why a sending goes out."""

    ACKNOWLEDGEMENT = "acknowledgement"  # tells the shipper what was understood
    QUESTION = "question"  # asks the shipper for what is missing
    CONFIRMATION_REQUEST = "confirmation_request"  # asks the shipper whether what was understood is right
    REFUSAL = "refusal"  # tells the shipper that the goods can't be carried
    ANSWER = "answer"  # answers an inquiry
    HOLDING_REPLY = "holding_reply"  # says that an inquiry is being looked into
    DUPLICATE_NOTICE = "duplicate_notice"  # tells the shipper that the mail was there already
    WORK_ORDER = "work_order"  # what dispatch gets
    WORK_ORDER_REST = "work_order_rest"  # part two of a work order by SMS
    WORK_ORDER_COPY = "work_order_copy"  # for who only watches; its failure moves nothing
    CANCELLATION = "cancellation"  # tells who has a work order that it is called off
    NOTICE = "notice"  # tells staff what to do about an order: let it go, hurry, call the consignee
    WHICH_ORDER = "which_order"  # asks staff which order a report is about
    PROGRESS = "progress"  # tells the shipper what has happened to his order
    ANNOUNCEMENT = "announcement"  # tells the consignee that his goods are coming
    CHASE = "chase"  # what a follow-up sends
    ESCALATION = "escalation"  # tells the next person
    REVIEW_NOTICE = "review_notice"  # tells the desk that a person decides
    ALARM = "alarm"  # trouble of the system itself


TO_SHIPPERS = (
    Purpose.ACKNOWLEDGEMENT, Purpose.QUESTION, Purpose.CONFIRMATION_REQUEST, Purpose.REFUSAL, Purpose.ANSWER,
    Purpose.HOLDING_REPLY, Purpose.PROGRESS,
)  # fmt: skip


class SendingState(StrEnum):
    """Where a sending is; `due → sending → accepted | refused | uncertain | withdrawn`."""

    DUE = "due"  # waits for `next_at`
    SENDING = "sending"  # claimed under a lease
    ACCEPTED = "accepted"  # our relay or gateway took it
    UNCERTAIN = "uncertain"  # sent whole, no reply
    REFUSED = "refused"  # permanently refused; its fallback is on the way and a person told
    FAILED = "failed"  # given up after its last attempt, or uncertain for good; a person told
    BOUNCED = "bounced"  # accepted, then returned
    WITHDRAWN = "withdrawn"  # no longer wanted
    HELD = "held"  # kept back by a person, or since the restore of a backup
    SHADOW = "shadow"  # recorded in shadow mode; never leaves


SENDING_MOVES: dict[SendingState, frozenset[SendingState]] = {
    SendingState.DUE: frozenset({SendingState.SENDING, SendingState.WITHDRAWN, SendingState.HELD, SendingState.FAILED}),
    SendingState.SENDING: frozenset(
        {
            SendingState.ACCEPTED,
            SendingState.REFUSED,
            SendingState.UNCERTAIN,
            SendingState.DUE,
            SendingState.FAILED,
            SendingState.HELD,  # what a backup has as under way
        }
    ),
    SendingState.UNCERTAIN: frozenset(
        {SendingState.ACCEPTED, SendingState.DUE, SendingState.FAILED, SendingState.HELD}
    ),
    SendingState.ACCEPTED: frozenset({SendingState.BOUNCED}),
    SendingState.BOUNCED: frozenset({SendingState.DUE, SendingState.FAILED}),
    SendingState.REFUSED: frozenset({SendingState.DUE}),  # retried by a person
    SendingState.FAILED: frozenset({SendingState.DUE}),  # retried by a person
    SendingState.HELD: frozenset({SendingState.DUE, SendingState.WITHDRAWN, SendingState.ACCEPTED}),  # had left before
}


class Phase(StrEnum):
    """How far an attempt got; after WHOLE without a reply the outcome is uncertain."""

    CLAIMED = "claimed"  # nothing has left yet
    BEGUN = "begun"  # the channel is talking to its peer; the peer holds nothing complete
    WHOLE = "whole"  # the last byte (the final dot, the rename) is about to leave


class Outcome(StrEnum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # permanent, this recipient or this content
    RETRY = "retry"  # temporary; nothing was taken
    UNCERTAIN = "uncertain"  # whole, and no reply


@dataclass(frozen=True, slots=True)
class SendingDraft:
    """A sending to be written, its bytes frozen."""

    key: str
    purpose: Purpose
    cause: str
    channel: Channel
    recipient: str
    body: bytes
    deadline: datetime
    state: SendingState = SendingState.DUE
    not_before: datetime | None = None
    detail: str | None = None  # why it is held
    given: int | None = None  # of its order, where it is not composed of the order as it is now


@dataclass(frozen=True, slots=True)
class Claim:
    """A sending taken under a lease, with all that its channel and the record of what came of it need."""

    sending_id: int
    token: int  # fences late results: only the newest claim's token counts
    channel: Channel
    recipient: str  # an address, or a number as E.164
    key: str  # unguessable and stable over repeats: Message-ID's left part, spool file name
    body: bytes  # the frozen bytes: an RFC 5322 message with CRLF, or an SMS text in UTF-8
    deadline: datetime
    lease_until: datetime
    attempts: int  # this one included
    purpose: Purpose
    created_at: datetime
    order_id: int | None = None
    message_id: int | None = None
    envelope_from: str = ""  # for mail


@dataclass(frozen=True, slots=True)
class Result:
    """What the attempt for one claim came to; `detail` is the peer's reply without bodies or phones."""

    sending_id: int
    token: int
    outcome: Outcome
    detail: str
    at: datetime
    channel_trouble: bool = False  # the channel, not this sending, is at fault: configuration, login, no connection
    login_refused: bool = False  # that trouble is our login, and will not pass by itself


class Sender(Protocol):
    """One worker's hold on a channel, its connection kept; used by one thread."""

    @property
    def worst_case(self) -> timedelta:
        """The longest that one `send` may take; a claim whose lease ends sooner is not begun."""
        ...

    def send(self, claim: Claim, phase: Callable[[Phase], None]) -> Result:
        """Try once. Trouble of network or peer is a result, not an exception; `phase` is told before each step."""
        ...

    def settle(self, results: Sequence[Result]) -> Sequence[Result]:
        """The same results, once what was accepted outlives a power cut; what may not is to be tried again."""
        ...

    def idle(self) -> None:
        """Nothing to send for now: give the connection back where keeping it would be rude."""
        ...

    def close(self) -> None:
        """End the connection in good order."""
        ...


class ChannelDriver(Protocol):
    """A way out of the house."""

    @property
    def name(self) -> Channel: ...

    def sender(self) -> Sender:
        """A new sender for one thread."""
        ...

    def lookup(self, claim: Claim) -> bool | None:
        """Whether an uncertain sending arrived: True, False, or None where this channel can't tell."""
        ...

    @property
    def grace(self) -> timedelta:
        """How long after an attempt `lookup` may still miss what arrived."""
        ...

    def oldest_waiting(self) -> timedelta | None:
        """How long what the gateway took longest ago has been waiting to leave it; None where nothing does."""
        ...

    def undelivered(self) -> list[str]:
        """Keys of sendings that were accepted and then given up by the gateway, each told once."""
        ...

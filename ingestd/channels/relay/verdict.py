"""What a relay's reply, or its silence, means for a sending: pure functions of the stage that was reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from ingestd.domain.sending import Outcome


class Stage(IntEnum):
    """How far a session and its transaction got; what comes before SENDER concerns the channel alone."""

    CONNECT = 1
    GREETING = 2
    HELLO = 3
    TLS = 4
    LOGIN = 5
    SENDER = 6  # MAIL FROM
    RECIPIENT = 7  # RCPT TO
    COPY = 8  # RCPT TO for the blind copy
    DATA = 9  # the DATA command and the content, without the final dot
    WHOLE = 10  # the final dot has left


@dataclass(frozen=True, slots=True)
class Reply:
    """A relay's answer: its code (-1 where there was none to read) and its text, lines joined by newlines."""

    code: int
    text: bytes

    @property
    def positive(self) -> bool:
        """Whether it says yes, or go on."""
        return 200 <= self.code < 400

    @property
    def accepts(self) -> bool:
        """Whether it says yes."""
        return 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt came to, before it is tied to its claim."""

    outcome: Outcome
    detail: str
    channel_trouble: bool = False
    login_refused: bool = False


LOGIN_WANTED = frozenset({530, 534, 535, 538})  # RFC 4954: about our login, at whatever command it is said


def of_reply(stage: Stage, reply: Reply) -> Verdict:
    """What a reply at a stage means. Source: faults.md section 4; RFC 5321 §4.2.1."""
    detail = described(stage, reply)
    if stage is Stage.WHOLE and reply.accepts:
        return Verdict(Outcome.ACCEPTED, detail)
    if not 400 <= reply.code < 600:
        return of_nonsense(stage, detail)
    if reply.code < 500:
        return Verdict(Outcome.RETRY, detail, channel_trouble=stage < Stage.SENDER)
    if stage is Stage.LOGIN or reply.code in LOGIN_WANTED:
        return Verdict(Outcome.RETRY, detail, channel_trouble=True, login_refused=True)
    if stage <= Stage.SENDER:
        return Verdict(Outcome.RETRY, detail, channel_trouble=True)
    return Verdict(Outcome.REFUSED, detail)


def of_nonsense(stage: Stage, detail: str) -> Verdict:
    """What it means that a peer answered in no way that SMTP knows at this stage."""
    if stage is Stage.WHOLE:
        return Verdict(Outcome.UNCERTAIN, detail)
    return Verdict(Outcome.RETRY, detail, channel_trouble=True)


def of_failure(stage: Stage, error: OSError) -> Verdict:
    """What a broken connection, a timeout or a certificate that is not trusted means at a stage.

    The dot counts as sent once the system took its last byte; before that the relay cannot hold anything whole.
    """
    detail = f"{stage.name} {type(error).__name__}: {cleaned(str(error))}"
    if stage is Stage.WHOLE:
        return Verdict(Outcome.UNCERTAIN, detail)
    return Verdict(Outcome.RETRY, detail, channel_trouble=stage < Stage.SENDER)


ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
ADDRESS = re.compile(r"<[^<>]*>|[^\s<>@]+@[^\s<>@]+")
DIGITS = re.compile(r"\d[\d -]{5,}\d")  # a phone; shorter runs are parts of queue ids
UNPRINTABLE = re.compile(r"[^ -~]+")


def described(stage: Stage, reply: Reply) -> str:
    """A reply for the record: stage, code, enhanced code and a short text; of a login only the codes."""
    if stage is not Stage.LOGIN:
        return f"{stage.name} {reply.code} {cleaned(reply.text.decode('latin-1'))}"
    enhanced = ENHANCED.match(reply.text)
    return f"{stage.name} {reply.code} {enhanced[0].decode() if enhanced else ''}".rstrip()


def cleaned(text: str) -> str:
    """A peer's text without addresses, phone numbers or anything that is not plain ASCII: it may quote what we sent."""
    plain = UNPRINTABLE.sub(" ", text[:400])
    return DIGITS.sub("#", ADDRESS.sub("@", plain))[:160].strip()

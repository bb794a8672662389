"""From bytes to a reading: the table of contents of this package."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser

from ingestd.domain.reading import Channel, Code, Intent, Problem, Reading
from ingestd.parsing import composition, headers, limits, mime, phones, quoting, returned
from ingestd.parsing.charset import decoded
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.envelope import envelope
from ingestd.parsing.tables import apart
from ingestd.parsing.text import bounded, clean, fold

MAX_REMARK = 120  # characters above an enclosed mail that are a remark on it
MAX_ENCLOSING = 5  # mails in mails that are opened
MAX_LETTER = 40_000  # characters of a mail, quoted history included
SMS_HEAD = re.compile(r"(?P<name>From|Date|To):[ \t]*(?P<value>[^\n]*)", re.IGNORECASE)
# what the standard library raises on damaged mail
FAILURES = (MessageError, RecursionError, UnicodeError, LookupError, ValueError, AttributeError, TypeError)
SHORT_NUMBER = re.compile(r"\+?\d{3,6}$")


@dataclass(frozen=True, slots=True)
class Head:
    """Who sent a text message and when."""

    sender: str | None
    sent_at: datetime | None


def read(
    channel: Channel,
    raw: bytes,
    definitions: Definitions,
    *,
    evidence: bool = False,
    arrived_at: datetime | None = None,
) -> Reading:
    """The reading of a message of either channel; its evidence, which takes time, only where somebody looks at it.

    Where it is known when the message arrived, "tomorrow" does not hang on a Date that cannot be true.
    """
    found = understood(channel, raw, definitions, evidence=evidence, arrived_at=arrived_at)
    return found.reading if found else unreadable(channel, raw, definitions)


def understood(
    channel: Channel,
    raw: bytes,
    definitions: Definitions,
    *,
    evidence: bool = False,
    arrived_at: datetime | None = None,
) -> composition.Understood | None:
    """A message with its reading; None where the mail can't be taken apart: then a person looks."""
    make = composition.with_evidence if evidence else composition.understood
    if channel is Channel.SMS:
        return make(replace(of_sms(raw, definitions), arrived_at=arrived_at), definitions)
    if limits.refuse(raw):
        return None
    try:
        message = of_mail(email.message_from_bytes(raw), definitions)
    except FAILURES:
        return None  # an error of ours behind this is loud
    return make(replace(message, arrived_at=arrived_at), definitions)


def of_mail(mail: Message, definitions: Definitions) -> composition.Message:
    """A parsed email taken apart."""
    leaves = mime.leaves(mail)
    about = envelope(mail, leaves, definitions)
    body = mime.body(leaves)
    shown, cut = bounded(clean(body.text), MAX_LETTER)
    letter = quoting.letter(shown, about.subject, sender_names(mail), definitions)
    letter = returned.filled_in(shown, about.subject, letter, definitions) or letter
    if body.enclosed:
        letter, body = with_enclosed(letter, body, definitions)
    return composition.Message(
        channel=Channel.EMAIL,
        sender=about.from_[0] if about.from_ else None,
        sent_at=headers.date(mail),
        subject=fold(about.subject, definitions),
        letter=letter,
        body=body,
        envelope=about,
        cut=cut,
    )


def with_enclosed(
    letter: quoting.Letter, body: mime.Body, definitions: Definitions
) -> tuple[quoting.Letter, mime.Body]:
    """A mail that only forwards others as attachments: the others' texts are the content, their files are its files."""
    if len(letter.new.folded) > MAX_REMARK or letter.forwarded:
        return letter, body
    inner = [found for mail in body.enclosed for found in innermost(mail)][: mime.MAX_ENCLOSED]
    texts = [letter_of(mail, found, definitions) for mail, found in inner]
    several = apart([text.new for text in texts]) if len(texts) > 1 else texts[0].new
    head = fold("Date: " + headers.value(inner[0][0], "Date"), definitions)
    whole = replace(texts[0], new=several, forwarded=True, head=head, remark=letter.new)
    files = tuple(file for _, found in inner for file in found.files)
    return whole, replace(
        body,
        files=(*body.files, *files),
        images_only=all(found.images_only for _, found in inner),
        contested=body.contested or any(found.contested for _, found in inner),
        cut=body.cut or any(found.cut for _, found in inner),
    )


def innermost(mail: Message, depth: int = 0) -> list[tuple[Message, mime.Body]]:
    """The mails in a mail that says nothing but encloses others, or the mail itself."""
    found = mime.body(mime.leaves(mail))
    if found.enclosed and depth < MAX_ENCLOSING and len(found.text.strip()) <= MAX_REMARK:
        return [pair for inner in found.enclosed for pair in innermost(inner, depth + 1)]
    return [(mail, found)]


def letter_of(mail: Message, body: mime.Body, definitions: Definitions) -> quoting.Letter:
    """The letter in an enclosed mail."""
    shown, _ = bounded(clean(body.text), MAX_LETTER)
    return quoting.letter(shown, "", sender_names(mail), definitions)


def sender_names(mail: Message) -> tuple[str, ...]:
    """The sender's display name and its pieces, folded, as they may open a signature."""
    shown = headers.value(mail, "From").split("<")[0].replace('"', " ").lower().strip()
    if "@" in shown:
        return ()
    pieces = [p for p in re.split(r"[\s\-_|,()（）/，]+", shown) if len(p) > 1]
    return tuple(dict.fromkeys((shown, *pieces))) if shown else ()


def of_sms(raw: bytes, definitions: Definitions) -> composition.Message:
    """A text message in the file form of messages.md, "SMS files"."""
    shown, cut = bounded(clean(decoded(raw, "utf-8")), composition.MAX_READ)
    head, text = parted(shown)
    return composition.Message(
        channel=Channel.SMS,
        sender=head.sender,
        sent_at=head.sent_at,
        subject=fold("", definitions),
        letter=quoting.Letter(fold(text.strip(), definitions)),
        cut=cut,
    )


def parted(text: str) -> tuple[Head, str]:
    """Head and text of a text message."""
    head, found, body = text.partition("\n\n")
    fields = {m["name"].lower(): m["value"].strip() for m in SMS_HEAD.finditer(head)}
    if not fields:
        return Head(None, None), text
    return Head(number(fields.get("from", "")), moment(fields.get("date", ""))), body if found else ""


def number(written: str) -> str | None:
    """A sender's number as E.164, a short number as written."""
    if not written or SHORT_NUMBER.match(written):
        return written or None
    return phones.e164(written) or written


def moment(written: str) -> datetime | None:
    """An ISO 8601 time with offset."""
    try:
        value = datetime.fromisoformat(written)
    except ValueError:
        return None
    return value if value.tzinfo else None


def unreadable(channel: Channel, raw: bytes, definitions: Definitions) -> Reading:
    """The reading of what cannot be read: a person looks, who is told of its sender where the headers can be read."""
    nothing = Reading(channel, None, None, Intent.OTHER, problems=(Problem(Code.UNREADABLE, "message"),))
    if channel is Channel.SMS or limits.header_trouble(raw):
        return nothing
    head = BytesParser().parsebytes(limits.HEADER_END.split(raw, maxsplit=1)[0], headersonly=True)
    try:
        about = envelope(head, [], definitions)
    except FAILURES:
        return nothing
    sender = about.from_[0] if about.from_ else None
    return replace(nothing, sender=sender, sent_at=headers.date(head), envelope=about)

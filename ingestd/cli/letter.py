"""A stored mail or text message as a person may look at it: headers decoded, text plain, nothing a terminal obeys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

HEADERS = ("Date", "From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "Content-Type")
SMS_HEADERS = ("From", "Date", "To")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels with a mail; size in bytes."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class PlainLetter:
    """What a person may look at."""

    headers: tuple[tuple[str, str], ...]
    text: str
    units: int | None = None  # UTF-16 units of a text message
    attachments: tuple[Attached, ...] = ()


def letter_in(channel: str, body: bytes) -> PlainLetter:
    """The letter or text message in a sending's frozen bytes."""
    from ingestd.composing.text_message import units

    if channel == "sms":
        text = body.decode("utf-8", "replace")
        return PlainLetter((), text, units(text))
    mail = message_from_bytes(body, policy=policy.default)
    part = mail.get_body(("plain", "html"))
    text = str(part.get_content()) if part is not None else ""
    return PlainLetter(tuple(headers_of(mail)), text, None, tuple(attachments_of(mail)))


def headers_of(mail: EmailMessage, wanted: tuple[str, ...] = HEADERS) -> Iterator[tuple[str, str]]:
    """Those headers that the mail has, decoded; one that can't be is shown raw."""
    for name in wanted:
        try:
            value = mail.get(name)
        except (MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError):  # hostile headers
            value = next((v for k, v in mail.raw_items() if k.lower() == name.lower()), None)
        if value is not None:
            yield name, str(value)


def attachments_of(mail: EmailMessage) -> Iterator[Attached]:
    """The files that travel with a mail."""
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        size = len(payload) if isinstance(payload, bytes) else 0
        yield Attached(part.get_filename() or "", part.get_content_type(), size)


def printable_headers(channel: str, raw: bytes) -> list[tuple[str, str]]:
    """The headers of a message as received, whatever its bytes are."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    wanted = SMS_HEADERS if channel == "sms" else (*HEADERS, "Received")
    mail = message_from_bytes(head + b"\n\n", policy=policy.default)
    return [(name, value[:400]) for name, value in headers_of(mail, wanted)]

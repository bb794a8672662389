"""Writes a letter as the final bytes of a mail: RFC 5322 with CRLF and headers that no value can break."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Literal
from urllib.parse import quote

from ingestd.composing.figures import clean
from ingestd.composing.letter import Letter
from ingestd.domain.reading import Attachment

CRLF = "\r\n"
LINE = 76  # RFC 2045 §6.8, RFC 2047 §2: encoded lines and words
LONGEST_HEADER_LINE = 78
ENCODED_BYTES = 39  # of UTF-8 in one encoded word: with its frame and the name of the field below 76
KEPT_REFERENCES = 20
LONGEST_ID = 250
UNSAFE_IN_ID = re.compile(r"[^!-;=?-~]")  # what is no visible ASCII, and angle brackets
UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\xa0<>,;:\"()\\\u2028\u2029]")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$")
COMPOSITE = ("multipart/", "message/")  # may not be sent as base64 (RFC 2046 §5)
UNSAFE_IN_FALLBACK = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Headers:
    """What a mail's header says beside the letter's own subject. Ids are written without angle brackets."""

    sender: str  # address
    recipient: str  # address
    message_id: str
    date: datetime
    sender_name: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: Literal["auto-generated", "auto-replied"] = (
        "auto-generated"  # replied: an answer to a message (RFC 3834 §5)
    )
    mark: str | None = None  # our X-Ingestd header
    subject_token: str | None = None  # closes the subject in brackets
    reply_to: str | None = None


def mail(letter: Letter, headers: Headers) -> bytes:
    """The mail as it is handed to the relay: CRLF throughout, ASCII except for an internationalised address."""
    boundary = "=_" + sha256(headers.message_id.encode("utf-8", "replace")).hexdigest()[:32]
    return (header(letter, headers) + body(letter, boundary)).encode("utf-8", "replace")


def readdressed(whole: bytes, recipient: str, message_id: str) -> bytes:
    """A mail of ours for another recipient under another Message-ID, and else the same to the last byte."""
    header, end, content = whole.partition(b"\r\n\r\n")
    lines = [fresh_line(line, recipient, message_id) for line in header.split(b"\r\n")]
    return b"\r\n".join(lines) + end + content


def fresh_line(line: bytes, recipient: str, message_id: str) -> bytes:
    """A header line of `mail`, with the recipient or the Message-ID in it replaced."""
    if line.startswith(b"To: "):
        return address_field("To", recipient).encode("utf-8", "replace")
    if line.startswith(b"Message-ID: "):
        return ids_field("Message-ID", [message_id]).encode("ascii")
    return line


def header(letter: Letter, headers: Headers) -> str:
    """The header fields up to the ones that describe the body."""
    subject = f"{letter.subject} [{clean(headers.subject_token)}]" if headers.subject_token else letter.subject
    lines = [
        address_field("From", headers.sender, headers.sender_name),
        address_field("To", headers.recipient),
        address_field("Reply-To", headers.reply_to) if headers.reply_to else "",
        unstructured("Subject", subject),
        f"Date: {format_datetime(headers.date)}",
        ids_field("Message-ID", [headers.message_id]),
        ids_field("In-Reply-To", [headers.in_reply_to or ""]),
        ids_field("References", kept(headers.references)),
        f"Auto-Submitted: {headers.automatic}",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        unstructured("X-Ingestd", headers.mark) if headers.mark else "",
        "MIME-Version: 1.0",
    ]
    return CRLF.join(filter(None, lines)) + CRLF


def unstructured(name: str, value: str) -> str:
    """A field of free text, folded; in encoded words where it is not short plain ASCII (RFC 2047)."""
    value = clean(value)
    line = f"{name}: {value}"
    if value.isascii() and len(line) <= LONGEST_HEADER_LINE and "=?" not in value:
        return line
    return f"{name}: {encoded_words(value)}"


def encoded_words(text: str) -> str:
    """Text as encoded words, one a line, each of whole characters."""
    octets = text.encode("utf-8", "replace")
    words: list[bytes] = []
    start = 0
    while start < len(octets) or not words:
        end = start + ENCODED_BYTES
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # within a character
            end -= 1
        words.append(b64encode(octets[start:end]))
        start = end
    return f"{CRLF} ".join([f"=?utf-8?B?{word.decode('ascii')}?=" for word in words])


def address_field(name: str, address: str, display: str | None = None) -> str:
    """One address, with its display name in encoded words."""
    address = UNSAFE_IN_ADDRESS.sub("", address)
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        address = f"{local}{at}{ascii_domain(domain)}"
    display = clean(display)
    return f"{name}: {encoded_words(display)}{CRLF} <{address}>" if display else f"{name}: {address}"


def ascii_domain(domain: str) -> str:
    """A domain in its ASCII form; as it is where it has none."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def ids_field(name: str, ids: Iterable[str]) -> str:
    """Message ids, one a line; empty where none is left."""
    safe = [UNSAFE_IN_ID.sub("", i) for i in ids]
    listed = [f"<{i}>" for i in safe if i and len(i) <= LONGEST_ID]
    return f"{name}: {f'{CRLF} '.join(listed)}" if listed else ""


def kept(references: Sequence[str]) -> Sequence[str]:
    """The first reference and the latest ones of a long thread (RFC 5322 §3.6.4)."""
    return references if len(references) <= KEPT_REFERENCES else (references[0], *references[1 - KEPT_REFERENCES :])


def body(letter: Letter, boundary: str) -> str:
    """The fields that describe the body, and the body."""
    content = text_part("plain", letter.text)
    if letter.html is not None:
        content = multipart("alternative", f"{boundary}_a", [content, text_part("html", letter.html)])
    if not letter.attachments:
        return content
    files = [attachment_part(a, number) for number, a in enumerate(letter.attachments, 1)]
    return multipart("mixed", f"{boundary}_m", [content, *files])


def multipart(subtype: str, boundary: str, parts: Iterable[str]) -> str:
    """Parts under one boundary, which base64 and 7bit text of ours can't contain."""
    opening = f'Content-Type: multipart/{subtype};{CRLF} boundary="{boundary}"{CRLF}{CRLF}'
    return f"{opening}{''.join(f'--{boundary}{CRLF}{part}' for part in parts)}--{boundary}--{CRLF}"


def text_part(subtype: str, text: str) -> str:
    """A text in UTF-8 as base64, which no relay has to change."""
    whole = "\r\n".join(text.splitlines()) + CRLF
    opening = f'Content-Type: text/{subtype}; charset="utf-8"{CRLF}Content-Transfer-Encoding: base64{CRLF}{CRLF}'
    encoded = b64encode(whole.encode("utf-8", "replace")).decode("ascii")
    return opening + "".join([f"{encoded[at : at + LINE]}{CRLF}" for at in range(0, len(encoded), LINE)])


def attachment_part(attachment: Attachment, number: int) -> str:
    """A file that travels on; its payload is base64 in CRLF lines already."""
    content_type = attachment.content_type.lower()
    if not MEDIA_TYPE.match(content_type) or content_type.startswith(COMPOSITE):
        content_type = "application/octet-stream"
    payload = attachment.payload.decode("ascii", "replace")
    return (
        f'Content-Type: {content_type};{CRLF} name="{fallback_name(attachment.name, number)}"{CRLF}'
        f"Content-Transfer-Encoding: base64{CRLF}"
        f"Content-Disposition: attachment;{CRLF} {file_name(clean(attachment.name))}{CRLF}{CRLF}"
        f"{payload}{'' if payload.endswith(CRLF) else CRLF}"
    )


def fallback_name(name: str, number: int) -> str:
    """A plain ASCII name for programs that know no other: its own where it is one, else a number and the extension."""
    name = clean(name)
    plain = UNSAFE_IN_FALLBACK.sub("_", name) if name.isascii() else ""
    if plain.strip("._-"):
        return plain[-60:].lstrip(".")
    dot = name.rfind(".")
    extension = UNSAFE_IN_FALLBACK.sub("", name[dot:])[:12] if dot >= 0 else ""
    return f"attachment-{number}{extension if len(extension) > 1 else ''}"


def file_name(name: str) -> str:
    """The file name by RFC 2231: percent-encoded UTF-8, continued over lines where it is long."""
    encoded = [quote(c.encode("utf-8", "replace"), safe="") for c in name or "attachment"]
    lines, line = [], ""
    for character in encoded:
        if len(line) + len(character) > LINE - 24:
            lines.append(line)
            line = ""
        line += character
    lines.append(line)
    if len(lines) == 1:
        return f"filename*=UTF-8''{lines[0]}"
    first, *others = lines
    continued = "".join(f";{CRLF} filename*{i}*={text}" for i, text in enumerate(others, 1))
    return f"filename*0*=UTF-8''{first}{continued}"

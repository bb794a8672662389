"""The parts of an email that say something: its text, its tables in attachments, and the files that travel on."""

from __future__ import annotations

import base64
import binascii
import logging
import re
import unicodedata
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from typing import Any

from mailparser import MailParser

from ingestd.domain.reading import Attachment
from ingestd.parsing import markup
from ingestd.parsing.charset import decoded
from ingestd.parsing.headers import text_of
from ingestd.parsing.text import INVISIBLE

logging.getLogger("mailparser").setLevel(logging.CRITICAL)  # it logs header text, which must not reach a log

MAX_TEXT = 400_000  # characters of one part that are read
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,4}=\s{0,4}[\"']?([\w-]{2,30})", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\[(?:cid:|image|inline)[^\]\n]{0,200}\]|<https?://[^>\s]{0,500}>", re.IGNORECASE)
UNSAFE = re.compile(r"[/\\:*?\"<>|\r\n\t]+")
BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=\s]*\Z")
LETTERS = re.compile(r"[A-Za-z]")
INFORMATIVE = re.compile(r"[0-9\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Body:
    """What an email says: its own text and the readable content of attached or enclosed parts."""

    text: str
    enclosed: Message | None = None  # a whole mail attached to this one
    files: tuple[tuple[str, str, bytes], ...] = ()  # (name, content type, bytes) of attached files
    images_only: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without parts: its text where it is a text to read, None for a file or a picture."""

    part: Message
    kind: str
    text: str | None = None
    file: bool = False


def body(found: list[Leaf]) -> Body:
    """What a mail's leaves say: texts joined, files kept, pictures counted."""
    texts = [leaf.text for leaf in found if leaf.text and leaf.text.strip()]
    enclosed = [p for leaf in found if leaf.kind == "message/rfc822" for p in enclosed_in(leaf.part)]
    files = tuple((file_name(leaf.part), leaf.kind, content(leaf.part)) for leaf in found if leaf.file)
    images = any(leaf.kind.startswith("image/") for leaf in found)
    joined = "\n\n".join(texts)
    return Body(joined[:MAX_TEXT], enclosed[0] if enclosed else None, files, images and not joined.strip())


def enclosed_in(part: Message) -> list[Message]:
    """The mails that a message/rfc822 part holds."""
    payload = part.get_payload()
    return [p for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []


def leaves(mail: Message) -> list[Leaf]:
    """The parts to read, in order; mails enclosed are not entered; of alternatives the richer counts, once."""
    kind = mail.get_content_type()
    if kind == "message/rfc822" or not mail.is_multipart():
        return [leaf(mail, kind)]
    payload = mail.get_payload()
    parts = [leaves(p) for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []
    if kind == "multipart/alternative":
        return richest(parts)
    return [found for part in parts for found in part]


def leaf(part: Message, kind: str) -> Leaf:
    """One part with its text."""
    if kind == "message/rfc822":
        return Leaf(part, kind)
    if is_file(part, kind):
        return Leaf(part, kind, file=True)
    if kind in TEXTS:
        return Leaf(part, kind, text(part, kind))
    return Leaf(part, kind)


TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext")


def richest(parts: list[list[Leaf]]) -> list[Leaf]:
    """Of alternatives the one that says most; on a tie the last, which RFC 2046 prefers; files of all are kept."""
    if not parts:
        return []
    best = max(range(len(parts)), key=lambda i: (information(parts[i]), i))
    return [found for i, part in enumerate(parts) for found in part if i == best or found.file]


def information(found: list[Leaf]) -> int:
    """How much leaves tell, counted in digits and Han characters without placeholders, then letters."""
    shown = PLACEHOLDER.sub("", "\n".join(leaf.text for leaf in found if leaf.text))
    return 4 * len(INFORMATIVE.findall(shown)) + len(LETTERS.findall(shown)) // 8


def text(part: Message, kind: str) -> str:
    """A text part as lines; HTML by its visible words."""
    raw = content(part)
    declared = str(part.get("Content-Type", "")).lower()
    label = str(part.get_param("charset", "") or "") if "charset" in declared else ""
    if kind == "text/html" or looks_like_html(raw):
        return html_text(raw, label)
    shown = decoded(raw, label)[:MAX_TEXT]
    if "flowed" in declared and str(part.get_param("format", "")).lower() == "flowed":
        return unflowed(shown, str(part.get_param("delsp", "")).lower() == "yes")
    return shown


def html_text(raw: bytes, label: str) -> str:
    """HTML bytes as lines; the header's charset goes before the document's."""
    if not label:
        meta = META_CHARSET.search(raw[:4096])
        label = meta.group(1).decode("ascii") if meta else ""
    return markup.lines_of(decoded(raw, label)[: MAX_TEXT * 4])[:MAX_TEXT]


def looks_like_html(raw: bytes) -> bool:
    """Whether a part that says it is plain text is HTML all the same."""
    head = raw[:200].lstrip().lower()
    return head.startswith((b"<html", b"<!doctype html"))


def unflowed(shown: str, delete_space: bool) -> str:
    """Lines joined that format=flowed (RFC 3676) had broken; quoted and signature lines stay."""
    out: list[str] = []
    joining = False
    for line in shown.replace("\r\n", "\n").split("\n"):
        fixed = line.startswith(">") or line == "-- "
        if joining and not fixed:
            out[-1] += line
        else:
            out.append(line)
        joining = line.endswith(" ") and not fixed
        if joining and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def content(part: Message) -> bytes:
    """The bytes of a leaf, decoded as far as they can be."""
    if part.is_multipart():
        return b""
    coding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    payload = part.get_payload()
    if coding == "base64" and isinstance(payload, str) and payload.isascii():
        return unbase64(payload.encode("ascii"))
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""


def unbase64(raw: bytes) -> bytes:
    """Base64 decoded to the last whole group; text that is no base64 stays as it is."""
    if not BASE64_ONLY.match(raw):
        lines = [line for line in raw.splitlines() if BASE64_ONLY.match(line)]
        if sum(map(len, lines)) < len(raw) * 0.9:
            return raw
        raw = b"\n".join(lines)
    packed = b"".join(raw.split()).rstrip(b"=")
    try:
        return base64.b64decode(packed[: len(packed) - (len(packed) % 4 == 1)] + b"=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return raw


def is_file(part: Message, kind: str) -> bool:
    """Whether a part is a file that somebody attached, not a body or a picture of the layout."""
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return True
    if kind.startswith(("text/plain", "text/html", "multipart/", "message/")):
        return False
    if part.get("Content-ID") or (disposition.startswith("inline") and kind.startswith("image/")):
        return False
    return (bool(part.get_filename()) and not kind.startswith("image/")) or kind in ("text/csv", "application/pdf")


def file_name(part: Message) -> str:
    """A part's file name as the sender wrote it, decoded."""
    try:
        return text_of(str(part.get_filename() or ""))
    except (LookupError, ValueError, TypeError):
        return ""


def attachments(mail: Message, found: list[Leaf]) -> tuple[Attachment, ...]:
    """The files that travel on; names made safe by mail-parser, then cleaned by us."""
    files = [leaf.part for leaf in found if leaf.file]
    if not files:
        return ()
    names = safe_names(mail)
    return tuple(attachment(p, names.get(file_name(p), file_name(p)), i) for i, p in enumerate(files, 1))


def safe_names(mail: Message) -> dict[str, str]:
    """mail-parser's safe form of each attachment's name."""
    parsed = MailParser(mail)
    try:
        parsed.parse()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    entries: list[dict[str, Any]] = parsed.attachments
    return {str(e.get("filename", "")): str(e.get("safe_filename") or e.get("filename") or "") for e in entries}


def attachment(part: Message, name: str, number: int) -> Attachment:
    """One attached file, ready to travel on."""
    raw = content(part)
    return Attachment(shown_name(name) or f"attachment-{number}", part.get_content_type(), len(raw), wrapped(raw))


def shown_name(name: str) -> str:
    """A file name that is safe to show and to store: no path, no control, no direction or zero-width signs."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    plain = UNSAFE.sub("_", INVISIBLE.sub("", plain).replace("\\", "/").rsplit("/", 1)[-1]).strip(" ._")
    return plain if len(plain) <= 120 else plain[:100] + plain[-20:]


def wrapped(raw: bytes) -> bytes:
    """Base64 in lines of 76, CRLF."""
    packed = base64.b64encode(raw)
    return b"".join(packed[i : i + 76] + b"\r\n" for i in range(0, len(packed), 76))

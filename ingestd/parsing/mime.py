"""The parts of an email that say something: its text, its tables in attachments, and the files that travel on."""

from __future__ import annotations

import base64
import logging
import re
import unicodedata
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from typing import Any

from mailparser import MailParser

from ingestd.domain.reading import Attachment
from ingestd.parsing.alternatives import once, richest
from ingestd.parsing.containers import enclosed_in, is_package, package_leaves, reframed
from ingestd.parsing.leaves import ENCLOSED, MAX_TEXT, Leaf, content, file_name, kind_of, leaf
from ingestd.parsing.text import INVISIBLE

logging.getLogger("mailparser").setLevel(logging.CRITICAL)  # it logs header text, which must not reach a log

UNSAFE = re.compile(r"[/\\:*?\"<>|\r\n\t]+")
MAX_ENCLOSED = 5


@dataclass(frozen=True, slots=True)
class Body:
    """What an email says: its own text and the readable content of attached or enclosed parts."""

    text: str
    enclosed: tuple[Message, ...] = ()  # whole mails attached to this one
    files: tuple[tuple[str, str, bytes], ...] = ()  # (name, content type, bytes) of attached files
    images_only: bool = False
    contested: bool = False  # whether its alternatives do not agree
    cut: bool = False  # whether a text of it breaks off


def body(found: list[Leaf]) -> Body:
    """What a mail's leaves say: texts joined, files kept, pictures counted."""
    texts = [leaf.text for leaf in once(found) if leaf.text and leaf.text.strip()]
    enclosed = tuple(p for leaf in found if leaf.kind == ENCLOSED for p in enclosed_in(leaf.part))
    files = tuple((file_name(leaf.part), leaf.kind, content(leaf.part)) for leaf in found if leaf.file)
    images = any(leaf.kind.startswith("image/") for leaf in found)
    joined = "\n\n".join(texts)
    return Body(
        joined[:MAX_TEXT],
        enclosed[:MAX_ENCLOSED],
        files,
        images and not joined.strip(),
        any(leaf.contested for leaf in found),
        any(leaf.cut for leaf in found),
    )


def leaves(mail: Message) -> list[Leaf]:
    """The parts to read, in order; mails enclosed are not entered; of alternatives the richer counts, once."""
    return leaves_of(mail, kind_of(mail))


def leaves_of(mail: Message, kind: str) -> list[Leaf]:
    """The parts to read of a mail or part of a kind."""
    if kind == ENCLOSED:
        return [leaf(mail, kind)]
    if not mail.is_multipart():
        return leaves_of_one(mail, kind)
    payload = mail.get_payload()
    children = [p for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []
    kinds = [kind_of(p) for p in children]
    parts = [leaves_of(p, k) for p, k in zip(children, kinds, strict=True)]
    if kind == "multipart/alternative":
        return richest(parts)
    packed = [is_package(p, k) for p, k in zip(children, kinds, strict=True)]
    flat = [found for part, inner in zip(parts, packed, strict=True) if not inner for found in part]
    # A package says again what the mail's own text says, so that the two are alternatives.
    return (
        richest([flat, [found for p, inner in zip(parts, packed, strict=True) if inner for found in p]])
        if any(packed)
        else flat
    )


def leaves_of_one(part: Message, kind: str) -> list[Leaf]:
    """The leaves of a part without parts, or of what it holds in another way."""
    if is_package(part, kind):
        return package_leaves(part)
    raw = content(part) if kind == "text/plain" else None
    if kind.startswith("multipart/") or (raw is not None and b"--" in raw[:200]):
        framed = reframed(part)
        if framed is not None:
            return leaves(framed)
    return [leaf(part, kind, raw)]


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

"""One part of a mail without parts of its own: its bytes, its text, whether it is a file."""

from __future__ import annotations

import base64
import binascii
import re
from copy import copy
from dataclasses import dataclass
from email.message import Message

from ingestd.parsing import markup
from ingestd.parsing.charset import decoded
from ingestd.parsing.headers import plain, raw_values, text_of

NAMING = ("Content-Disposition", "Content-Type")  # headers with a file's name
MAX_TEXT = 400_000  # characters of one part that are read
NO_TEXTS = (
    "text/calendar",
    "text/css",
    "text/directory",
    "text/rfc822-headers",
    "text/vcard",
    "text/x-amp-html",
    "text/x-vcard",
)
KIND = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")
ENCLOSED = "message/rfc822"
SIGNATURES = (
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
)  # fmt: skip
BROKEN_OFF = re.compile(rb"=[0-9A-Fa-f]\Z")  # in quoted-printable: half a byte
BASE64_ONLY = re.compile(rb"[A-Za-z0-9+/=\s]*\Z")
SIGNED_HEAD = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[A-Za-z-]{1,40}:[^\n]{0,200}\n){0,9}\s*?\n")
SIGNED_END = "-----BEGIN PGP SIGNATURE-----"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One part without parts: its text where it is a text to read, None for a file or a picture."""

    part: Message
    kind: str
    text: str | None = None
    struck: str = ""  # what the part shows as struck out, which is no text but stands in a plain copy
    file: bool = False
    contested: bool = False  # whether another part says something else
    cut: bool = False  # whether it breaks off


def leaf(part: Message, kind: str, raw: bytes | None = None) -> Leaf:
    """One part with its text; `raw` is its content where that is known."""
    if kind == ENCLOSED or is_enclosed(part, kind):
        return Leaf(part, ENCLOSED)
    if kind in SIGNATURES:
        return Leaf(part, kind)
    if is_file(part, kind):
        return Leaf(part, kind, file=True)
    if kind.startswith(("text/", "multipart/")) and kind not in NO_TEXTS:
        shown, struck = text(part, kind, content(part) if raw is None else raw)
        return Leaf(part, kind, shown, struck, cut=is_cut(part))
    return Leaf(part, kind)


def kind_of(part: Message) -> str:
    """What a part says that it is; plain text where that is nothing (RFC 2045 §5.2)."""
    kind = part.get_content_type()
    return kind if KIND.match(kind) else "text/plain"


def is_enclosed(part: Message, kind: str) -> bool:
    """Whether a part is a mail saved as a file."""
    return not kind.startswith(("text/", "multipart/", "image/")) and file_name(part).lower().endswith(".eml")


def text(part: Message, kind: str, raw: bytes) -> tuple[str, str]:
    """A text part as lines, and what is struck out in it; HTML by its visible words."""
    declared = str(part.get("Content-Type", "")).lower()
    label = str(part.get_param("charset", "") or "") if "charset" in declared else ""
    if kind == "text/html" or looks_like_html(raw):
        return html_text(raw, label)
    shown = unsigned(decoded(raw, label)[:MAX_TEXT])
    if "flowed" in declared and str(part.get_param("format", "")).lower() == "flowed":
        return unflowed(shown, str(part.get_param("delsp", "")).lower() == "yes"), ""
    return shown, ""


def html_text(raw: bytes, label: str) -> tuple[str, str]:
    """HTML bytes as lines, and what is struck out in them; the header's charset goes before the document's."""
    html = decoded(raw, label or markup.charset_of(raw))[: MAX_TEXT * 4]
    shown, struck = markup.shown_and_struck(html)
    return shown[:MAX_TEXT], struck[:MAX_TEXT]


def looks_like_html(raw: bytes) -> bool:
    """Whether a part that says it is plain text is HTML all the same."""
    head = raw[:200].lstrip().lower()
    return head.startswith((b"<html", b"<!doctype html"))


def unsigned(shown: str) -> str:
    """Text without the frame of a clear signature."""
    if SIGNED_END not in shown or not (head := SIGNED_HEAD.search(shown)):
        return shown
    inner = shown[head.end() :].partition(SIGNED_END)[0]
    return shown[: head.start()] + re.sub(r"(?m)^- ", "", inner)


def unflowed(shown: str, delete_space: bool) -> str:
    """Lines joined that format=flowed (RFC 3676) had broken; quoted and signature lines stay."""
    out: list[str] = []
    joining = False
    for line in shown.replace("\r\n", "\n").split("\n"):
        fixed = line.startswith(">") or line == "-- "
        stuffed = line.removeprefix(" ")
        if joining and not fixed:
            out[-1] += stuffed
        else:
            out.append(stuffed)
        joining = line.endswith(" ") and not fixed
        if joining and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def content(part: Message) -> bytes:
    """The bytes of a leaf, decoded as far as they can be."""
    if part.is_multipart():
        return b""
    if coding_of(part) == "base64":
        return unbase64(transferred(part))
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""


def is_cut(part: Message) -> bool:
    """Whether the coded text of a part ends in the middle of a group or byte (faults B09)."""
    if (coding := coding_of(part)) not in ("base64", "quoted-printable"):
        return False
    raw = transferred(part)
    if coding == "base64":
        return BASE64_ONLY.match(raw) is not None and len(b"".join(raw.split())) % 4 != 0
    return BROKEN_OFF.search(raw[-2:]) is not None


def coding_of(part: Message) -> str:
    """How a part says that it was coded for its way."""
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def transferred(part: Message) -> bytes:
    """The bytes of a leaf as they came, still coded; the library would take eight-bit ones for text of the charset."""
    uncoded = copy(part)
    del uncoded["Content-Transfer-Encoding"]
    raw = uncoded.get_payload(decode=True)
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
    """A part's file name as the sender wrote it, decoded; its headers may hold raw eight-bit bytes."""
    if not any("name" in raw.lower() for name in NAMING for raw in raw_values(part, name)):
        return ""
    try:
        return text_of(str(with_plain_headers(part).get_filename() or ""))
    except (LookupError, ValueError, TypeError):
        return ""


def with_plain_headers(part: Message) -> Message:
    """A part whose headers hold no raw bytes, which the library would replace."""
    found = {name: raw_values(part, name) for name in NAMING}
    if all(raw.isascii() for values in found.values() for raw in values):
        return part
    plainly = Message()
    for name, values in found.items():
        for raw in values[:1]:
            plainly[name] = plain(raw)
    return plainly

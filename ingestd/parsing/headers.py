"""Header values as text: encoded words joined before decoding, raw eight-bit bytes by the charset ladder."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from datetime import datetime, timedelta, timezone
from email.message import Message
from email.utils import parsedate_tz

from ingestd.domain.address import canonical
from ingestd.parsing.charset import decoded
from ingestd.parsing.text import INVISIBLE

ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]{0,20000})\?=")
BETWEEN_WORDS = re.compile(r"\?=[ \t\r\n]+=\?")
FOLDING = re.compile(r"[\r\n\t ]+")
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@\\]{1,128}@[^\s<>()\[\],;:\"@\\]{1,253}")
ANGLED = re.compile(r"<\s*([^<>\s]{1,300}@[^<>\s]{1,253})\s*>")
SPEC = ADDRESS.pattern
ONE_MAILBOX = re.compile(
    rf"[^<>@:;]*<\s*(?P<angled>{SPEC})\s*>|(?P<bare>{SPEC})(?:\s*<\s*(?P=bare)\s*>)?", re.IGNORECASE
)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|(?P<open>\\?\Z))')  # an open one takes all, so that it is tried once
MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")
MAX_VALUE = 20_000  # characters of one header that are looked at


def values(mail: Message, name: str) -> list[str]:
    """All values of a header as clean text, in order."""
    return [text_of(str(v)) for v in raw_values(mail, name)]


def value(mail: Message, name: str) -> str:
    """The first value of a header as clean text, empty where absent."""
    found = raw_values(mail, name)
    return text_of(found[0]) if found else ""


def raw_values(mail: Message, name: str) -> list[str]:
    """The undecoded values of a header; eight-bit bytes stand as surrogates."""
    wanted, length = name.lower(), len(name)
    return [str(v)[:MAX_VALUE] for k, v in mail.raw_items() if len(k) == length and k.lower() == wanted]


def text_of(raw: str) -> str:
    """A header value decoded and cleaned of line ends, control characters and direction marks."""
    if raw.isascii() and raw.isprintable() and "=?" not in raw and "  " not in raw:
        return raw.strip()
    joined = BETWEEN_WORDS.sub("?==?", raw)
    shown = with_words_decoded(joined) if ENCODED_WORD.search(joined) else plain(joined)
    return INVISIBLE.sub("", FOLDING.sub(" ", shown)).strip()


def plain(raw: str) -> str:
    """A value without encoded words; surrogates are the raw bytes of the line."""
    return raw if raw.isascii() else decoded(raw.encode("utf-8", "surrogateescape"))


def with_words_decoded(raw: str) -> str:
    """A value with its encoded words decoded; neighbours of one charset are joined as bytes first."""
    out: list[str] = []
    pending: list[re.Match[str]] = []
    position = 0
    for word in ENCODED_WORD.finditer(raw):
        if pending and (word.start() > position or charset_of(word) != charset_of(pending[-1])):
            out.append(decoded(bytes_of(pending), charset_of(pending[-1])))
            pending = []
        out.append(plain(raw[position : word.start()]))
        pending.append(word)
        position = word.end()
    return "".join([*out, decoded(bytes_of(pending), charset_of(pending[-1])), plain(raw[position:])])


def charset_of(word: re.Match[str]) -> str:
    """The charset of an encoded word, without the language that may follow it."""
    return word.group(1).split("*")[0].lower()


def bytes_of(words: list[re.Match[str]]) -> bytes:
    """The bytes of neighbouring words; some programs cut base64 inside a group of four, which is made whole first."""
    out = b""
    cut = b""
    for word in words:
        content = word.group(3).encode("ascii", "ignore")
        if word.group(2) in "qQ":
            out, cut = out + unbase64(cut) + quopri.decodestring(content, header=True), b""
            continue
        content = cut + b"".join(content.split())
        whole = len(content) if content.endswith(b"=") else len(content) - len(content) % 4
        out, cut = out + unbase64(content[:whole]), content[whole:]
    return out + unbase64(cut)


def unbase64(content: bytes) -> bytes:
    """Base64 as bytes; what is none stays as it is."""
    try:
        return base64.b64decode(content + b"=" * (-len(content) % 4))
    except (binascii.Error, ValueError):
        return content


def addresses(mail: Message, name: str) -> tuple[str, ...]:
    """The addr-specs of all headers of a name, in lower case; display names and comments never count."""
    return tuple(found for raw in raw_values(mail, name) for found in addr_specs(raw))


def addr_specs(raw: str) -> list[str]:
    """The addr-specs of one address header; what stands in quotes or encoded words is display, not address."""
    bare = without_comments(QUOTED.sub(unquoted, ENCODED_WORD.sub(" ", unfolded(raw))))
    angled = ANGLED.findall(bare)
    return [canonical(a) for a in (angled or ADDRESS.findall(bare))]


def authors(mail: Message) -> tuple[str, ...]:
    """The addresses of all From headers; none at all where one of them is no plain list of mailboxes.

    A group, a quote, comment or bracket that nothing closes and a second address beside the first are read one way by
    one program and otherwise by the next (CVE-2023-27043): whoever writes so is nobody.
    """
    found = [mailboxes(raw) for raw in raw_values(mail, "From")]
    return tuple(address for listed in found for address in listed) if all(found) else ()


def mailboxes(raw: str) -> list[str]:
    """The addresses of one header that is a plain list of mailboxes, each `name <address>` or an address; else none."""
    bare = outside(ENCODED_WORD.sub(" ", unfolded(raw)))
    pieces = [piece.strip() for piece in (bare or "").split(",")]
    named = [ONE_MAILBOX.fullmatch(piece) for piece in pieces if set(piece) & set("@<>:;")]
    if not all(named):
        return []
    return [canonical(found["angled"] or found["bare"]) for found in named if found]


def unfolded(raw: str) -> str:
    """A header value on one line, its eight-bit bytes decoded."""
    return plain(FOLDING.sub(" ", raw))


def unquoted(quote: re.Match[str]) -> str:
    """What stands for a quoted string; a quote that nothing closes is no string."""
    return quote.group() if quote["open"] is not None else " "


def without_comments(raw: str) -> str:
    """A structured value with its (nested) comments taken out."""
    if "(" not in raw:
        return raw
    out: list[str] = []
    depth = 0
    for char in raw:
        if char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            out.append(char)
    return "".join(out)


def outside(raw: str) -> str | None:
    """A structured value with a blank for each quoted string and (nested) comment.

    None where one of them stays open or closes nothing: nobody can tell then what is inside (RFC 5322 §3.2).
    """
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in raw:
        if escaped:
            escaped = False
        elif char == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = char != '"'
        elif char == "(":
            depth += 1
        elif depth:
            depth -= char == ")"
        elif char == ")":
            return None
        elif char == '"':
            quoted = True
        else:
            out.append(char)
            continue
        if not (depth or quoted):
            out.append(" ")
    return None if depth or quoted else "".join(out)


def message_ids(mail: Message, name: str) -> tuple[str, ...]:
    """The message ids of a header without angle brackets; a lone id without brackets counts too."""
    joined = " ".join(values(mail, name))
    found = MESSAGE_ID.findall(joined)
    return tuple(found) if found else tuple(joined.split()[:1])


def date(mail: Message) -> datetime | None:
    """The mail's own Date with its offset, None where absent or not a date."""
    parts = parsedate_tz(value(mail, "Date")[:128])
    if parts is None:
        return None
    try:
        offset = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:6], tzinfo=offset)
    except (ValueError, OverflowError):
        return None

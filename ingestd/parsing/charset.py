"""Bytes to characters, whatever the label says: what decodes cleanly and looks most like writing wins."""

from __future__ import annotations

import codecs
import encodings.aliases
import re
from functools import lru_cache

GB_FAMILY = (
    "gb2312", "gbk", "x_gbk", "cp936", "ms936", "936", "windows_936", "cp20936", "gb_1988_80", "euc_cn", "csgb2312",
    "gb2312_1980", "gb2312_80", "euccn", "eucgb2312_cn", "gb_2312_80", "chinese", "csiso58gb231280", "iso_ir_58",
    "gb18030_2000", "x_gb18030", "x_gb2312",
)  # fmt: skip
# Every label of the GB family is read as its superset: senders label gb2312 what holds characters of gb18030. Done at
# import, before anything (mail-parser included) looks a codec up.
encodings.aliases.aliases.update(dict.fromkeys(GB_FAMILY, "gb18030"))
encodings.aliases.aliases.update(dict.fromkeys(("big5", "big5_tw", "csbig5", "x_big5", "cp950"), "big5hkscs"))
encodings.aliases.aliases.update({"utf8mb4": "utf_8", "utf_8mb4": "utf_8", "unicode_1_1_utf_7": "utf_7"})

MEANINGLESS = {"", "us-ascii", "ascii", "default", "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "ansi"}
LATIN = {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"}
NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}  # Python's own, by other rules
SURROGATES = re.compile("[\ud800-\udfff]")
SEVEN_BIT = ("utf-7", "utf-16", "utf-32", "hz", "iso-2022")  # labels that mean something though all bytes are ASCII
HAN = re.compile("[\u3400-\u9fff]")
FOREIGN = re.compile("[^\x00-\x7f\u2000-\u206f\u3000-\u303f\uff00-\uffef\U0001f000-\U0001ffff]+")
LATIN_SIGNS = re.compile("[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]")
SAMPLE = 4000  # characters that are looked at to tell codecs apart
CLEAR = 0.85  # a share of everyday characters that no wrong codec reaches in more than a word or two
DOUBTFUL = 0.7  # a share below which rather a character was lost than a rare word said
LABELLED = 0.3  # what the sender's own word is worth, as a share of everyday characters
MULTIBYTE = 0.5  # what it is worth that bytes form whole UTF-8 sequences, which other codecs' bytes hardly do
MAX_LINES = 5000  # more are not looked at one by one
WIDE_ZEROS = 0.1  # the least share of zero bytes in UTF-16 with the digits and line ends of a mail


def decoded(raw: bytes, label: str | None = None) -> str:
    """The text of `raw`; the label counts where it decodes cleanly and to writing, then what does so best."""
    marked = by_mark(raw)
    if marked is not None:
        return marked
    name = plain_label(label or "")
    if raw.isascii() and not name.startswith(SEVEN_BIT):
        return hz_decoded(raw) if b"~{" in raw and b"~}" in raw else raw.decode("ascii")
    return mended(paired(likeliest(raw, name)))


def likeliest(raw: bytes, name: str) -> str:
    """The text by the codec that takes every byte to writing; else line by line, with marks for what is lost."""
    found = cleanly(raw, name)
    if found is None or (strictly(raw, "utf-8") != found and (likeness(found) < DOUBTFUL or is_mixed(raw))):
        found = max((text for text in (by_lines(raw, name), found) if text is not None), key=likeness)
    return found


def paired(text: str) -> str:
    """Text with the halves of characters that UTF-7 can hold joined, or marked as lost: no database keeps a half."""
    if not SURROGATES.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain_label(label: str) -> str:
    """A label as it is looked up; the many names of UTF-7 are one, and what names no charset is no label."""
    name = label.strip(" \t\"'").lower()
    if "utf-7" in name or "utf7" in name:
        return "utf-7"
    if name.replace("_", "-") in NO_CHARSETS:
        return ""
    return "utf-8" if name in ("utf8", "utf-8mb4", "utf8mb4") else name


def by_mark(raw: bytes) -> str | None:
    """The text where a byte order mark, or every other byte being zero, tells its encoding."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(codec, "replace")
    zeros = raw.count(b"\0")
    if zeros < max(2.0, len(raw) * WIDE_ZEROS) or zeros > len(raw) * 0.6:
        return None
    odd = raw[1::2].count(b"\0") / zeros
    return strictly(raw, "utf-16-le" if odd > 0.95 else "utf-16-be") if odd > 0.95 or odd < 0.05 else None


def cleanly(raw: bytes, name: str) -> str | None:
    """The likeliest text among those of codecs that take every byte, None where none does."""
    best, best_score = None, -1.0
    for codec in ladder(name):
        text = strictly(raw, codec)
        if text is None:
            continue
        if codec == name == "utf-8":
            return text
        score = likeness(text) + MULTIBYTE * (codec == "utf-8" and bool(HAN.search(text)))
        if score >= CLEAR and codec in {name, "utf-8"}:
            return text
        score += LABELLED * (codec == name)
        if score > best_score:
            best, best_score = text, score
    return best


def ladder(name: str) -> list[str]:
    """The codecs to try for a label; UTF-8 first, as hardly anything else passes for it."""
    trusted = [] if name in MEANINGLESS or name in LATIN else [name]
    if name.startswith(("utf-16", "utf-32", "utf-7", "hz", "iso-2022")):
        wide = ["utf-16-le", "utf-16-be"] if name in ("utf-16", "utf16") else []
        return [*(wide or trusted), "utf-8", "gb18030", "big5hkscs"]
    trusted = [codec for codec in trusted if codec not in ("utf-8", "utf8")]
    return ["utf-8", *trusted, "gb18030", "big5hkscs", *([name] if name in LATIN else [])]


def strictly(raw: bytes, codec: str) -> str | None:
    """The text if every byte fits the codec, None if not or if the codec is unknown."""
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def likeness(text: str) -> float:
    """How much a text looks like writing, 0 to 1: the share of everyday characters beyond ASCII and signs."""
    shown = "".join(FOREIGN.findall(text[:SAMPLE]))
    if not shown:
        return 1.0
    everyday = everyday_characters()
    rare = [c for c in shown if c not in everyday]
    foreign = [c for c in rare if c.isalpha() and not HAN.match(c)]
    return (len(shown) - len(rare) + 0.5 * len(foreign)) / len(shown)


@lru_cache(maxsize=1)
def everyday_characters() -> frozenset[str]:
    """The first levels of GB 2312 and of Big5, ordered by their makers by how much a character is used, and the letters
    of GB 2312 that names are written with in pinyin (Lü)."""
    simplified = (bytes((lead, trail)) for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    traditional = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in trails)
    found = [pair.decode("gb2312", "ignore") for pair in simplified]
    pinyin = bytes(byte for trail in range(0xA1, 0xBB) for byte in (0xA8, trail)).decode("gb2312")
    return frozenset([*found, *pinyin, *(pair.decode("big5", "ignore") for pair in traditional)]) - {""}


def by_lines(raw: bytes, name: str) -> str:
    """Text of several encodings, such as a body with a gateway's footer, each line by itself."""
    if raw.count(b"\n") > MAX_LINES:
        return leniently(raw, name)
    out = []
    for line in raw.splitlines(keepends=True):
        if line.isascii():
            out.append(line.decode("ascii"))
        else:
            clean, lenient = cleanly(line, name), leniently(line, name)
            out.append(lenient if clean is None else max(clean, lenient, key=likeness))
    return "".join(out)


def is_mixed(raw: bytes) -> bool:
    """Whether some lines of a text that is not UTF-8 are."""
    if raw.count(b"\n") > MAX_LINES:
        return False
    lines = (line for line in raw.split(b"\n") if not line.isascii())
    return any(HAN.search(strictly(line, "utf-8") or "") for line in lines)


def leniently(raw: bytes, name: str) -> str:
    """The likeliest text where no codec takes every byte; what is lost shows as replacement characters."""
    codec_names = [c for c in ladder(name) if known(c)]
    return max((raw.decode(c, "replace") for c in codec_names), key=likeness)


def known(codec: str) -> bool:
    """Whether Python decodes text by a codec of this name."""
    try:
        return isinstance(b"".decode(codec), str)
    except (LookupError, UnicodeError, ValueError):
        return False


def mended(text: str) -> str:
    """Text that a careless program had taken for Latin letters, decoded once more; all else as it is."""
    odd = len(LATIN_SIGNS.findall(text[:SAMPLE]))
    if odd < 8 or odd < 0.2 * len(text[:SAMPLE]) or HAN.search(text):
        return text
    raw = "".join(c if ord(c) < 256 else c.encode("cp1252", "replace").decode("latin-1") for c in text)
    again = cleanly(raw.encode("latin-1", "replace"), "")
    return again if again is not None and HAN.search(again) and likeness(again) >= CLEAR else text


def hz_decoded(raw: bytes) -> str:
    """Seven-bit Chinese, which some old clients send without saying so."""
    text = strictly(raw, "hz")
    return text if text is not None and HAN.search(text) else raw.decode("ascii")

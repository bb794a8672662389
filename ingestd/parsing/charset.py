"""Bytes to characters, whatever the label says: the ladder label, UTF-8, GB 18030, Big5."""

from __future__ import annotations

import codecs
import encodings.aliases
import re

GB_FAMILY = (
    "gb2312", "gbk", "x_gbk", "cp936", "ms936", "936", "windows_936", "cp20936", "gb_1988_80", "euc_cn", "csgb2312",
    "gb2312_1980", "gb2312_80", "euccn", "eucgb2312_cn", "gb_2312_80", "chinese", "csiso58gb231280", "iso_ir_58",
    "gb18030_2000", "x_gb18030", "x_gb2312",
)  # fmt: skip
# Every label of the GB family is read as its superset: senders label gb2312 what holds characters of gb18030. Done at
# import, before anything (mail-parser included) looks a codec up.
encodings.aliases.aliases.update(dict.fromkeys(GB_FAMILY, "gb18030"))
encodings.aliases.aliases.update({"utf8mb4": "utf_8", "utf_8mb4": "utf_8", "unicode_1_1_utf_7": "utf_7"})

MEANINGLESS = {"", "us-ascii", "ascii", "default", "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "ansi"}
LATIN = {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252"}
HZ = re.compile(rb"~\{[\x21-\x7e~]+?~\}")
HAN = re.compile("[\u4e00-\u9fff]")


def decoded(raw: bytes, label: str | None = None) -> str:
    """The text of `raw`; the label counts where it decodes cleanly, then what decodes cleanly, then replacement."""
    marked = by_mark(raw)
    if marked is not None:
        return marked
    name = (label or "").strip(" \t\"'").lower()
    if raw.isascii() and not name.startswith(("utf-7", "utf-16", "utf-32", "hz", "iso-2022")):
        return hz_decoded(raw) if HZ.search(raw) else raw.decode("ascii")
    for codec in ladder(name):
        text = strictly(raw, codec)
        if text is not None:
            return text
    return raw.decode("gb18030" if gb_like(name) else "utf-8", "replace")


def by_mark(raw: bytes) -> str | None:
    """The text where a byte order mark tells its encoding."""
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(codec, "replace")
    return None


def ladder(name: str) -> list[str]:
    """The codecs to try in turn for a label."""
    trusted = [] if name in MEANINGLESS or name in LATIN else [name]
    if name.startswith("utf-16") and "-" not in name[6:]:
        trusted = ["utf-16-le", "utf-16-be"]
    return [*trusted, "utf-8", "gb18030", "big5hkscs", *([name] if name in LATIN else [])]


def strictly(raw: bytes, codec: str) -> str | None:
    """The text if every byte fits the codec, None if not or if the codec is unknown."""
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def gb_like(name: str) -> bool:
    """Whether a label is of the GB family."""
    return name.replace("-", "_") in GB_FAMILY or name == "gb18030"


def hz_decoded(raw: bytes) -> str:
    """Seven-bit Chinese, which some old clients send without saying so."""
    text = strictly(raw, "hz")
    return text if text is not None and HAN.search(text) else raw.decode("ascii")

"""A message's text in two forms of the same length: as shown, and folded for recognition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple

from ingestd.parsing.definitions import Definitions

# Characters that say nothing but can hide or reorder what is said: C0 (tab and line feed excepted), C1, soft hyphen,
# zero-width signs, direction marks, byte order mark, variation selectors, Mongolian vowel separator.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufe00-\ufe0f\ufff9-\ufffb\U000e0000-\U000e007f]"
)
BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+(?=\n)")
TERMINAL = re.compile(r"\x1b(?:\[[0-?]{0,20}[ -/]{0,4}[@-~]|[@-Z\\^_])")  # what colours and moves on a terminal
LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029|\x85")
WIDE_SIGNS = re.compile("[\u3380-\u33ff\u00bd\u00bc\u00be\u2460-\u249b\u24ea\u2776-\u277f]")
ENUMERATORS = re.compile("[\u2460-\u2473\u2776-\u277f]")
SHOWN_FORMS = {
    code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
SHOWN_FORMS |= {
    0xA0: " ",
    0x3000: " ",
    0x2002: " ",
    0x2003: " ",
    0x2009: " ",
    0x202F: " ",
    0xFF0E: ".",
    0x2F00: "\u4e00",
}
SIGNS = (
    "，, ；; ：: ！! ？? （( ）) 【[ 】] 〔[ 〕] ［[ ］] ‘\" ’' ｜| ～~ 〜~ —- –- ―- −- ‐- ‑- ﹣- －- ﹐, ＠@ "
    '「" 」" 『" 』" “" ”" 〝" 〞" '
    "×x ✕x ✖x ＊* ∗* ＝= ＋+ ／/ ＃# ＆& ％% ｛{ ｝} ｡。 ．. ＞> ＜< →> ﹕: ︰: ∶: •* ▪* ◆* ★* ☆* ※* ·*"
)
SIGN_FORMS = {ord(pair[0]): pair[1] for pair in SIGNS.split(" ")}


MAX_FORMS = 30_000
MAX_EXCHANGED = 20  # different characters
SHORT = 60  # characters; a text this short is looked up sign by sign


class Forms(dict[int, str | int]):
    """A table for `str.translate` that learns what stays as it is, so that it is not looked for again."""

    def __missing__(self, code: int) -> int:
        if len(self) < MAX_FORMS:
            self[code] = code
        return code

    @cached_property
    def signs(self) -> dict[str, str]:
        """Those characters of the table that change, with what they change to."""
        return {chr(code): plain for code, plain in self.items() if isinstance(plain, str) and plain != chr(code)}

    def exchanged(self, text: str) -> str:
        """A text with each character in its plain form; a few that change are quicker exchanged one after the other."""
        if len(text) < SHORT or text.isascii():
            return text.translate(self)
        found = self.signs.keys() & set(text)
        if len(found) > MAX_EXCHANGED or any(self.signs[sign] in found for sign in found):
            return text.translate(self)
        for sign in found:
            text = text.replace(sign, self.signs[sign])
        return text


class Text(NamedTuple):
    """`shown` is what is put out, `folded` what is searched; positions in one are positions in the other."""

    shown: str
    folded: str

    def part(self, start: int, end: int) -> Text:
        """The text between two positions."""
        return Text(self.shown[start:end], self.folded[start:end])

    def lines(self) -> list[Text]:
        """The lines of the text."""
        out, position = [], 0
        for folded in self.folded.split("\n"):
            out.append(Text(self.shown[position : position + len(folded)], folded))
            position += len(folded) + 1
        return out

    @classmethod
    def of_lines(cls, parts: Iterable[Text]) -> Text:
        """Texts as the lines of one."""
        both = [(part.shown, part.folded) for part in parts]
        return cls("\n".join(shown for shown, _ in both), "\n".join(folded for _, folded in both))


def clean(raw: str) -> str:
    """`raw` without what is invisible or moves a terminal, with plain line ends, digits, letters; else as written."""
    text = LINE_ENDS.sub("\n", TERMINAL.sub("", raw) if "\x1b" in raw else raw)
    if not text.isascii():
        text = shown_forms().exchanged(WIDE_SIGNS.sub(spelt_out, text))
    return INVISIBLE.sub("", text)


def spelt_out(match: re.Match[str]) -> str:
    """A sign that stands for several characters, such as a squared unit or a circled number."""
    sign = match.group()
    plain = unicodedata.normalize("NFKC", sign)
    if ENUMERATORS.match(sign):
        behind_digit = match.start() > 0 and match.string[match.start() - 1].isdigit()
        return f" {plain}) " if behind_digit else f"{plain}) "
    return plain.replace("\u2044", "/")


def bounded(text: str, limit: int) -> tuple[str, bool]:
    """`text` without runs of blank lines, cut at `limit` characters; and whether anything was cut."""
    compact = BLANK_LINES.sub("\n\n", text)
    return compact[:limit], len(compact) > limit


def folded(text: str, definitions: Definitions) -> str:
    """`text` in lower-case, half-width and simplified form, of the same length."""
    return fold_forms(definitions).exchanged(text)


def fold(raw: str, definitions: Definitions) -> Text:
    """Both forms of a piece of raw text."""
    shown = clean(raw)
    return Text(shown, folded(shown, definitions))


@lru_cache(maxsize=1)
def shown_forms() -> Forms:
    """Plain forms of digits, letters, spaces and radicals, each one character for one."""
    radicals = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2E80, 0x2FE0)}
    return Forms({code: plain for code, plain in (radicals | SHOWN_FORMS).items() if len(plain) == 1})


@lru_cache(maxsize=4)
def fold_forms(definitions: Definitions) -> Forms:
    """The table of `folded`: signs, case, compatibility forms and traditional characters."""
    table = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    for code in (*range(0xB2, 0xBA), *range(0x2070, 0x209C), *range(0xF900, 0xFB00), *range(0xFF01, 0xFFEF)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1:
            table[code] = plain.lower()
    return Forms(table | SIGN_FORMS | {ord(a): b for a, b in definitions.traditional})

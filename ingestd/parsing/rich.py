"""Rich Text Format: its visible text, as attached files and Outlook's own packages hold it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingestd.parsing import markup
from ingestd.parsing.charset import decoded

MAX_TOKENS = 200_000
TOKEN = re.compile(
    rb"\\(?:'(?P<byte>[0-9a-fA-F]{2})|(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})? ?|(?P<sign>[^a-z']))"
    rb"|(?P<brace>[{}])|(?P<plain>[^\\{}\r\n]{1,4096})|[\r\n]"
)
BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t", b"sect": "\n", b"page": "\n"}
SIGNS = {b"emdash": "\u2014", b"endash": "\u2013", b"bullet": "\u2022", b"lquote": "\u2018", b"rquote": "\u2019"}
SIGNS |= {b"ldblquote": "\u201c", b"rdblquote": "\u201d"}
UNSEEN = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"headerl", b"headerr",
    b"themedata", b"datastore", b"latentstyles", b"listtable", b"listoverridetable", b"xmlnstbl", b"fldinst",
    b"deleted",
}  # fmt: skip
CODE_PAGES = {936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 65001: "utf-8", 10008: "gb18030"}


@dataclass(frozen=True, slots=True)
class State:
    """What holds inside the present group."""

    seen: bool = True
    struck: bool = False
    hidden: bool = False
    markup: bool = False  # HTML that is wrapped in the format, which an htmlrtf switch hides
    after: int = 1  # how many characters stand in for one of Unicode


class Reader:
    """Text being read from Rich Text; bytes are kept until their character ends."""

    def __init__(self, html: bool) -> None:
        self.html = html  # the format only wraps HTML, whose tags are then text
        self.out: list[str] = []
        self.waiting = bytearray()
        self.state = State()
        self.groups: list[State] = []
        self.page = "gb18030"
        self.skip = 0  # stand-ins still to be passed over

    def put(self, text: str) -> None:
        """Write text where it is visible."""
        self.end_bytes()
        if self.visible():
            self.out.append(text)

    def put_bytes(self, raw: bytes) -> None:
        """Write bytes in the document's code page."""
        passed = min(self.skip, len(raw))
        self.skip -= passed
        if self.visible():
            self.waiting += raw[passed:]

    def end_bytes(self) -> None:
        """Decode what waits."""
        if self.waiting:
            self.out.append(decoded(bytes(self.waiting), self.page))
            self.waiting.clear()

    def visible(self) -> bool:
        """Whether text here is seen."""
        return self.state.seen and not (self.state.struck or self.state.hidden or self.state.markup)

    def brace(self, sign: bytes) -> None:
        """Begin or end a group."""
        if sign == b"{":
            self.groups.append(self.state)
        else:
            if self.groups[-1:] != [self.state]:
                self.end_bytes()
            self.state = self.groups.pop() if self.groups else self.state
        self.skip = 0

    def word(self, word: bytes, number: int | None) -> None:
        """Obey a control word."""
        if word in BREAKS or word in SIGNS:
            self.put(BREAKS.get(word) or SIGNS[word])
        elif word == b"u" and number is not None:
            self.put(chr(number % 65536))
            self.skip = self.state.after
        elif word == b"ansicpg" and number is not None:
            self.page = CODE_PAGES.get(number, f"cp{number}")
        elif word in UNSEEN:
            self.change(replace(self.state, seen=False))
        elif word == b"htmltag" and self.html:
            self.change(replace(self.state, seen=True))
        else:
            self.change(self.switched(word, number))

    def switched(self, word: bytes, number: int | None) -> State:
        """The state behind a switch of character formatting."""
        on = number != 0
        if word in (b"strike", b"striked"):
            return replace(self.state, struck=on)
        if word == b"v":
            return replace(self.state, hidden=on)
        if word == b"htmlrtf":
            return replace(self.state, markup=on)
        if word == b"plain":
            return replace(self.state, struck=False, hidden=False)
        if word == b"uc" and number is not None:
            return replace(self.state, after=max(0, min(number, 8)))
        return self.state

    def change(self, state: State) -> None:
        """Enter another state; what waits belongs to the one before."""
        if state != self.state:
            self.end_bytes()
            self.state = state

    def sign(self, sign: bytes) -> None:
        """Obey a control sign."""
        if sign == b"*":
            self.change(replace(self.state, seen=False))  # a group that old readers pass over
        elif sign in b"\\{}":
            self.put_bytes(sign)
        elif sign == b"~":
            self.put(" ")
        elif sign in b"\r\n":
            self.put("\n")


def text(raw: bytes) -> str:
    """The visible text of a document; where it only wraps HTML, the HTML's own text."""
    reader = Reader(html=b"\\fromhtml" in raw[:1000])
    for number, token in enumerate(TOKEN.finditer(raw)):
        if number > MAX_TOKENS:
            break
        kind = token.lastgroup
        if kind == "byte":
            reader.put_bytes(bytes.fromhex(token["byte"].decode()))
        elif kind in ("word", "number"):
            reader.word(token["word"], int(token["number"]) if token["number"] else None)
        elif kind == "sign":
            reader.sign(token["sign"])
        elif kind == "brace":
            reader.brace(token["brace"])
        elif kind == "plain":
            reader.put_bytes(token["plain"])
    reader.end_bytes()
    found = "".join(reader.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return markup.lines_of(found) if reader.html else found

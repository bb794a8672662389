"""HTML to lines: table rows keep their cells, hidden and struck-out text is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

CELL = "\t"
MAX_NODES = 200_000
MAX_COLUMNS = 200
MAX_DEEP = 50  # tables in tables, and quotes in quotes, that are told apart
MAX_CELL_LINES = 6  # a cell with more lines is no cell but a page laid out by a table
CELLS = ("td", "th")
NESTED = "\x1d"  # stands where a table was inside another's cell
SKIPPED = {
    "style",
    "script",
    "head",
    "title",
    "noscript",
    "template",
    "-comment",
    "select",
    "svg",
}
STRUCK = {"s", "strike", "del"}
BLOCKS = {
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "pre",
    "center", "blockquote", "dl", "dt", "dd", "address", "form", "fieldset", "main", "caption",
}  # fmt: skip
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|(?:^|;)\s*max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|text-decoration[^;]{0,40}line-through|(?:^|;)\s*opacity\s*:\s*0\s*(?:;|$)",
    re.IGNORECASE,
)
WHITE = r"(?:#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255\b)"
COLOUR = re.compile(rf"(?:^|;)\s*color\s*:\s*(?:(?P<white>{WHITE})|[^\s;])", re.IGNORECASE)
IN_WHITE = re.compile(rf"color\s{{0,8}}[:=]\s{{0,8}}[\"']?{WHITE}", re.IGNORECASE)
SHADE = re.compile(
    rf"(?:^|;)\s*background(?:-color|-image)?\s*:\s*(?!{WHITE}|transparent|none|inherit|initial)", re.IGNORECASE
)
MAX_UP = 100  # elements around a text whose colours are looked at
COMMENT = re.compile(r"/\*[^*]{0,2000}\*/|<!--|-->")
RULE = re.compile(r"(?:^|[}\s,])\.([\w-]{1,60})\s{0,8}\{([^{}]{0,400})\}")  # only of a class by itself
STYLE = re.compile("<style", re.IGNORECASE)
MAX_STYLES = 50_000
QUOTES = (
    "gmail_quote", "gmail_extra_quote", "yahoo_quoted", "moz-cite-prefix", "aliyun_previous_content", "lark-mail-quote",
    "history-quote", "mailmaster-quote", "isReplyContent", "protonmail_quote", "tutanota_quote", "zmail_extra",
    "moz-forward-container", "OLK_SRC_BODY_SECTION",
)  # fmt: skip
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,4}=\s{0,4}[\"']?([\w-]{2,30})", re.IGNORECASE)
SPACES = re.compile(r"[ \t\r\n\x0b\x0c]+")
QUOTE = "-quote"  # the end of a block that is another mail's text; its lines are marked with ">"


@dataclass(slots=True)
class Grid:
    """The rows of one table while it is walked; rowspan cells are repeated downwards."""

    rows: list[list[str]] = field(default_factory=list)
    spans: dict[int, tuple[int, str]] = field(default_factory=dict)  # column → (rows left, text)

    def add(self, text: str, down: int, across: int) -> None:
        """Put a cell into the last row, behind what hangs down from above."""
        row = self.rows[-1]
        self.hang(row)
        if down > 1:
            self.spans[len(row)] = (down, text)
        row.append(text)
        row.extend([""] * min(across - 1, MAX_COLUMNS - len(row)))

    def hang(self, row: list[str]) -> None:
        """Fill the next columns of `row` with cells of rows above that reach down to it."""
        while len(row) in self.spans:
            row.append(self.spans[len(row)][1])

    def end_row(self) -> None:
        """Finish the last row."""
        if self.rows:
            self.hang(self.rows[-1])
        self.spans = {c: (left - 1, text) for c, (left, text) in self.spans.items() if left > 1}


def charset_of(raw: bytes) -> str:
    """The charset that an HTML document says it is in, empty where it says nothing."""
    found = META_CHARSET.search(raw[:4096])
    return found.group(1).decode("ascii", "ignore") if found else ""


def lines_of(html: str) -> str:
    """The visible text of an HTML body, one line a block, one line a table row with tabs between its cells."""
    return shown_and_struck(html)[0]


def shown_and_struck(html: str) -> tuple[str, str]:
    """The visible text of an HTML body, and what is struck out in it."""
    tree = LexborHTMLParser(html)
    body = tree.body or tree.root
    if body is None:
        return "", ""
    styled = STYLE.search(html) is not None
    walk = Walk(classes(tree, HIDDEN) if styled else frozenset())
    if IN_WHITE.search(html):
        walk.shades = Shades(classes(tree, SHADE) if styled else frozenset())
    return walk.run(body), "\n".join(walk.struck)


@dataclass(frozen=True, slots=True)
class Shades:
    """Tells white words on white ground, which nobody sees, from those on a coloured one."""

    classes: frozenset[str]  # that give a ground by the document's style sheets

    def hide(self, text: LexborNode) -> bool:
        """Whether a text is white by what is nearest around it, and nothing around it gives it a ground."""
        white = False
        around = text.parent
        for _ in range(MAX_UP):
            if around is None:
                break
            attributes = around.attributes or {}
            style = attributes.get("style") or ""
            white = white or is_white(style, attributes.get("color"))
            if not white and (COLOUR.search(style) or attributes.get("color")):
                return False
            if SHADE.search(style) or attributes.get("bgcolor") or self.by_class(attributes.get("class")):
                return False
            around = around.parent
        return white

    def by_class(self, names: str | None) -> bool:
        """Whether one of an element's classes gives it a ground."""
        return bool(self.classes) and not self.classes.isdisjoint((names or "").split())


def is_white(style: str, colour: str | None) -> bool:
    """Whether an element makes its words white."""
    if found := COLOUR.search(style):
        return found["white"] is not None
    return re.fullmatch(WHITE, (colour or "").strip(), re.IGNORECASE) is not None


class Walk:
    """A depth-first walk without recursion, so that deep nesting costs memory only."""

    def __init__(self, hidden_names: frozenset[str] = frozenset()) -> None:
        self.hidden_names = hidden_names
        self.shades: Shades | None = None  # only where something is white
        self.struck: list[str] = []
        self.buffers: list[list[str]] = [[]]
        self.grids: list[Grid] = []
        self.pre = 0
        self.quotes = 0  # how many quoted blocks are open

    def run(self, body: LexborNode) -> str:
        """The text under `body`."""
        stack: list[LexborNode | tuple[str, int, int]] = [body]
        for _ in range(MAX_NODES):
            if not stack:
                break
            top = stack.pop()
            if isinstance(top, tuple):
                self.close(*top)
            else:
                stack.extend(self.open(top))
        return "".join(text for buffer in self.buffers for text in buffer)

    def open(self, node: LexborNode) -> list[LexborNode | tuple[str, int, int]]:
        """Write what a node begins with; returns what is to be walked next, last first."""
        tag = node.tag or ""
        if tag == "-text":
            if self.shades is None or not self.shades.hide(node):
                self.write(node.text_content or "")
            return []
        if tag in STRUCK or tag in SKIPPED or self.hidden(node):
            self.leave_out(tag, node)
            return []
        if tag == "br":
            self.buffers[-1].append("\n")
            return []
        if tag == "table" and len(self.grids) >= MAX_DEEP:
            tag = "div"
        quote = tag in BLOCKS and self.quotes < MAX_DEEP and quoted(tag, node)
        self.begin(tag)
        if quote:
            self.quotes += 1
            self.buffers.append([])
        end = QUOTE if quote else tag
        following: list[LexborNode | tuple[str, int, int]] = [(end, *spans(node, tag))]
        child = node.last_child
        while child is not None:
            following.append(child)
            child = child.prev
        return following

    def hidden(self, node: LexborNode) -> bool:
        """Whether a node's own attributes hide or strike its text."""
        attributes = node.attributes
        if not attributes:
            return False
        if "hidden" in attributes or HIDDEN.search(attributes.get("style") or ""):
            return True
        return bool(self.hidden_names) and not self.hidden_names.isdisjoint((attributes.get("class") or "").split())

    def leave_out(self, tag: str, node: LexborNode) -> None:
        """Note what is struck out; nothing else that is not shown is ever looked at."""
        if tag in STRUCK or "line-through" in ((node.attributes or {}).get("style") or "").lower():
            self.struck.append(node.text() or "")

    def begin(self, tag: str) -> None:
        """What a tag does before its content."""
        if tag == "table":
            self.grids.append(Grid())
            self.buffers.append([])
        elif tag == "tr" and self.grids:
            self.grids[-1].rows.append([])
        elif tag in CELLS and self.grids:
            self.buffers.append([])
        elif tag in BLOCKS:
            self.pre += tag == "pre"
            self.new_line()

    def close(self, tag: str, down: int, across: int) -> None:
        """What a tag does behind its content."""
        if tag == "table" and self.grids:
            self.end_table()
        elif tag == "tr" and self.grids:
            self.grids[-1].end_row()
        elif tag in CELLS and self.grids:
            self.end_cell(down, across)
        elif tag == QUOTE:
            self.quotes -= 1
            lines = "".join(self.buffers.pop()).split("\n")
            self.buffers[-1].append("\n".join(["", *("> " + line for line in lines), ""]))
        elif tag in BLOCKS:
            self.pre -= tag == "pre"
            self.new_line()

    def new_line(self) -> None:
        """End the line; blocks that begin and end together make one line, as a browser shows it."""
        buffer = self.buffers[-1]
        if buffer and not buffer[-1].endswith("\n"):
            buffer.append("\n")

    def end_cell(self, down: int, across: int) -> None:
        """Put the finished cell into its table."""
        text = "".join(self.buffers.pop()).strip(" \n")
        grid = self.grids[-1]
        if not grid.rows:
            grid.rows.append([])
        grid.add(text, down, across)

    def end_table(self) -> None:
        """Write the finished table as lines, a table used for layout as plain blocks."""
        grid = self.grids.pop()
        loose = self.buffers.pop()
        layout = any(NESTED in cell or cell.count("\n") > MAX_CELL_LINES for row in grid.rows for cell in row)
        out = self.buffers[-1]
        out.extend([NESTED if self.grids else "\n", *loose, "\n"])
        titled = True  # rows of one cell above the first row of several are its title
        for row in grid.rows:
            titled = titled and sum(map(bool, row)) < 2
            if layout or titled or len(row) < 2:
                out.extend(f"\n{cell.replace(NESTED, '')}\n" for cell in row)
            else:
                out.append(CELL.join(SPACES.sub(" ", cell) for cell in row) + "\n")
        out.append("\n")

    def write(self, text: str) -> None:
        """Text with white space as a browser shows it."""
        shown = (text if self.pre else SPACES.sub(" ", text)).replace("\xa0", " ")
        buffer = self.buffers[-1]
        if shown == " " and (not buffer or buffer[-1].endswith("\n")):
            return  # white space between blocks is not shown
        buffer.append(shown)


def classes(tree: LexborHTMLParser, look: re.Pattern[str]) -> frozenset[str]:
    """The classes that have such a look by the document's own style sheets."""
    found: set[str] = set()
    for sheet in tree.css("style")[:20]:
        plain = COMMENT.sub("", (sheet.text() or "")[:MAX_STYLES])
        for name, rule in RULE.findall(plain):
            if look.search(rule):
                found.add(name)
    return frozenset(found)


def quoted(tag: str, node: LexborNode) -> bool:
    """Whether a block is another mail's text by its markup."""
    attributes = node.attributes
    if not attributes:
        return False
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if any(name in names for name in QUOTES):
        return True
    return tag == "blockquote" and (attributes.get("type") == "cite" or "gmail" in names)


def spans(node: LexborNode, tag: str) -> tuple[int, int]:
    """How many rows and columns a cell covers."""
    if tag not in CELLS:
        return 1, 1
    attributes = node.attributes
    return span(attributes.get("rowspan")), span(attributes.get("colspan"))


def span(raw: str | None) -> int:
    """A span attribute as a small number."""
    return min(int(raw), MAX_COLUMNS) if raw and raw.isascii() and raw.isdigit() and len(raw) < 5 else 1

"""Tables on a page by the lines drawn around their cells, so that a cell of several lines stays one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

THIN = 4.0  # points; a box less wide or high is a line
SHORT = 6.0  # points; shorter lines bound no cell
NEAR = 2.5  # points within which places are the same
MAX_LINES, MAX_PIECES = 600, 2500
MIN_CELLS = 6  # fewer are no table

Place = tuple[float, float]
Matrix = Sequence[float]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and where it begins; heights grow upwards."""

    x: float
    y: float
    size: float
    text: str

    def end(self) -> float:
        """About where it ends; a Chinese character is as wide as it is high."""
        return self.x + self.size * sum(0.5 if c.isascii() else 1.0 for c in self.text)


@dataclass(slots=True)
class Page:
    """What is drawn on a page: texts, and lines as (place, from, to)."""

    pieces: list[Piece] = field(default_factory=list)
    across: set[tuple[float, float, float]] = field(default_factory=set)
    down: set[tuple[float, float, float]] = field(default_factory=set)
    path: list[Place] = field(default_factory=list)

    def drawn(self, operator: bytes, operands: Any, current: Matrix, _text: Matrix) -> None:
        """Note a drawing operator; called before each."""
        if operator == b"re":
            x, y, width, height = (float(v) for v in operands)
            self.box([placed((x, y), current), placed((x + width, y + height), current)])
        elif operator in (b"m", b"l"):
            self.path.append(placed((float(operands[0]), float(operands[1])), current))
        elif self.path:
            self.box(self.path)
            self.path = []

    def box(self, corners: list[Place]) -> None:
        """Note the lines of a box; a thin one is a line itself."""
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        low, high = min(y for _, y in corners), max(y for _, y in corners)
        if right - left >= SHORT:
            self.across |= {(round(y, 1), left, right) for y in ((low,) if high - low < THIN else (low, high))}
        if high - low >= SHORT:
            self.down |= {(round(x, 1), low, high) for x in ((left,) if right - left < THIN else (left, right))}

    def written(self, text: str, current: Matrix, within: Matrix, _font: Any, size: float) -> None:
        """Note a piece of text; called for each."""
        if text.strip():
            x, y = placed((within[4], within[5]), current)
            height = abs(float(size) * within[3] * current[3]) or 1.0
            self.pieces.append(Piece(x, y, height, text.strip("\n")))


def placed(point: Place, matrix: Matrix) -> Place:
    """A point in the page's own measure."""
    x, y = point
    return (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])


def lines(page: Page) -> list[str] | None:
    """A page's lines, cells with tabs between them; None where nothing is ruled on it and nothing struck out."""
    if not page.across or len(page.across) + len(page.down) > MAX_LINES or len(page.pieces) > MAX_PIECES:
        return None
    seen, struck = without_struck(page)
    cells: dict[Place, list[Piece]] = defaultdict(list)
    free: list[Piece] = []
    for piece in seen.pieces:
        corner = corner_of(piece, seen)
        (cells[corner] if corner else free).append(piece)
    if len(cells) < MIN_CELLS:
        return [joined(row, "\t") for row in rows_of(seen.pieces)] if struck else None
    rows: list[tuple[float, str]] = [(row[0].y, joined(row, "\t")) for row in rows_of(free)]
    columns = sorted({left for _, left in cells})
    rows.extend(
        (top, "\t".join(text_of(cells.get((top, left), [])) for left in columns).rstrip("\t"))
        for top in {top for top, _ in cells}
    )
    return [text for _, text in sorted(rows, key=lambda row: -row[0])]


def without_struck(page: Page) -> tuple[Page, bool]:
    """A page without the texts that a line is drawn through, and without those lines; and whether there were any."""
    strokes = {line: [piece for piece in page.pieces if strikes(line, piece)] for line in page.across}
    gone = {piece for pieces in strokes.values() for piece in pieces}
    kept = {line for line, pieces in strokes.items() if not pieces}
    return Page([piece for piece in page.pieces if piece not in gone], kept, page.down), bool(gone)


def strikes(line: tuple[float, float, float], piece: Piece) -> bool:
    """Whether a line goes through the middle of a text."""
    place, left, right = line
    return 0.12 < (place - piece.y) / piece.size < 0.6 and left <= piece.x + piece.size / 4 <= right


def text_of(cell: list[Piece]) -> str:
    """The text of a cell, its lines joined; nothing for an empty one, which still takes its column."""
    return "".join(joined(row, " ") for row in rows_of(cell))


def corner_of(piece: Piece, page: Page) -> tuple[float, float] | None:
    """Top and left of the cell that a piece of text stands in, None outside all."""
    x, y = piece.x + piece.size / 4, piece.y + piece.size / 3
    at_height = [place for place, low, high in page.down if low - NEAR <= y <= high + NEAR]
    at_width = [place for place, left, right in page.across if left - NEAR <= x <= right + NEAR]
    left = max((place for place in at_height if place <= x), default=None)
    top = min((place for place in at_width if place >= y), default=None)
    closed = any(place > x for place in at_height) and any(place < y for place in at_width)
    return (round(top), round(left)) if left is not None and top is not None and closed else None


def rows_of(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces by the line that they stand on, from the top, each from the left."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.y, p.x)):
        if rows and abs(rows[-1][0].y - piece.y) <= NEAR:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.x) for row in rows]


def joined(row: list[Piece], gap: str) -> str:
    """The pieces of a line; what stands well apart has a gap between."""
    out = row[0].text.strip()
    for before, piece in pairwise(row):
        apart, text = piece.x - before.end(), piece.text.strip()
        latin = before.text.isascii() and text.isascii()
        spaced = before.text.endswith(" ") or piece.text.startswith(" ") or apart > 0.35 * piece.size
        out += (gap if apart > 1.5 * piece.size else " " if latin and spaced else "") + text
    return out

"""The timeline: what arrived, what was understood, what was decided and sent, and the time that it took."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from ingestd.cli.content import detail_lines, field_lines
from ingestd.cli.words import term
from ingestd.composing.text_message import units
from ingestd.domain.reading import OrderReading, Problem
from scripts.demonstration.records import MessageSeen, OrderSeen, SentOut
from scripts.demonstration.words import say

WIDEST = 120  # columns; longer lines are hard to read
PIPED = 100
TIME, LABEL = 9, 9  # columns
GAP = 2
SHORTEST_HALF = 30  # columns; below, each field has a line of its own


class Timeline:
    """Prints scene by scene, each piece once it is known."""

    def __init__(self, zone: ZoneInfo, promise: timedelta, console: Console | None = None) -> None:
        self.console = console or terminal()
        self.zone, self.promise = zone, promise

    @property
    def content_width(self) -> int:
        return self.console.width - TIME - LABEL

    def line(self, text: str = "", style: str = "") -> None:
        """One line by itself."""
        self.console.print(Text(text, style=style))

    def row(self, time: str, label: str, content: Text) -> None:
        """One line of a scene; what is too long goes on below itself."""
        for number, piece in enumerate(content.wrap(self.console, self.content_width, overflow="fold")):
            piece.rstrip()
            head = (time, label) if number == 0 else ("", "")
            self.console.print(Text.assemble((filled(head[0], TIME), "dim"), (filled(head[1], LABEL), "cyan"), piece))

    def scene(self, number: int, total: int, title: str) -> None:
        """A scene begins."""
        self.console.print()
        rule = Text(f"{number}/{total}  {title}", style="bold")
        self.console.print(Rule(rule, align="left", style="dim", characters="─" if utf8(self.console) else "-"))

    def arrived(self, seen: MessageSeen) -> None:
        """What came in, from whom and by which way; a mail's subject."""
        at = seen.arrived_at.astimezone(self.zone)
        subject = seen.reading.envelope.subject if seen.reading else ""
        size = say("size", size=seen.size / 1000)
        text = Text.assemble(f"{term('channel', seen.channel)}  {seen.sender}  ", (size, "dim"))
        self.row(f"{at:%H:%M:%S}", say("arrived"), text)
        if subject:
            self.row("", "", Text(subject))

    def understood(self, seen: MessageSeen) -> None:
        """What the message says, field by field."""
        reading = seen.reading
        if reading is None:
            return
        said = [term("intent", reading.intent), *reading.refers_to]
        details = detail_lines(reading.details, self.zone)
        said += [value if label.lower() == said[0].lower() else f"{label} {value}" for label, value in details]
        self.row(self.after(seen, seen.decided_at), say("read"), Text("  ".join(said), style="bold"))
        for index, order in enumerate(reading.orders):
            problems = [p for p in reading.problems if p.order in (index, None)]
            self.fields(order, problems)
        names = [say("attached", name=a.name) for a in reading.envelope.attachments]
        if names:
            self.row("", "", Text("  ".join(names), style="magenta"))

    def fields(self, order: OrderReading, problems: Sequence[Problem]) -> None:
        """An order's fields, two in a line where they fit."""
        rows = field_lines(order, problems, self.zone)
        widest = max(cell_len(row.label) for row in rows) + GAP
        cells = [FieldCell(row.label, row.value, row.problem) for row in rows]
        for line in packed(cells, widest, self.content_width):
            self.row("", "", line)

    def decided(self, seen: MessageSeen) -> None:
        """What became of the message, and how its orders stand."""
        reason = "" if seen.orders else term("review", seen.reason)
        state = Text.assemble((term("message_state", seen.state), "bold"), "  ", (reason, "dim"))
        self.row(self.after(seen, seen.decided_at), say("decided"), state)
        for order in seen.orders:
            self.order(order)

    def order(self, order: OrderSeen) -> None:
        """How an order stands, and what it still lacks."""
        state = term("order_state", order.state)
        said = [say("order_line", serial=order.serial, state=state, area=order.area)]
        if order.pickup_by:
            said.append(say("pickup_by", at=order.pickup_by.astimezone(self.zone)))
        lacking = [
            say("lacking", field=term("field", p.field), problem=term("problem", p.code)) for p in order.problems
        ]
        self.row("", say("order"), Text.assemble(("  ".join(said), "green"), "  ", ("  ".join(lacking), "red")))

    def sent(self, seen: MessageSeen) -> None:
        """What went out, to whom and by which channel; a text message with its length."""
        if not seen.sendings:
            self.row("", say("sent"), Text(say("nothing_sent"), style="dim"))
        for number, sending in enumerate(seen.sendings):
            self.sending(seen, sending, say("sent") if number == 0 else "")

    def sending(self, seen: MessageSeen, sending: SentOut, label: str) -> None:
        """One sending."""
        words = [term("purpose", sending.purpose), term("channel", sending.channel), sending.recipient]
        if sending.state != "accepted":
            words.append(term("sending_state", sending.state))
        text = sending.body.decode("utf-8", "replace") if sending.channel == "sms" else ""
        length = say("units", units=units(text)) if text else ""
        line = Text.assemble("  ".join(words), "  ", (length, "dim"))
        self.row(self.after(seen, sending.accepted_at), label, line)
        for piece in chop_cells(text, self.content_width) if text else ():
            self.row("", "", Text(piece, style="yellow"))

    def took(self, seen: MessageSeen) -> None:
        """How much of the three minutes the work orders needed."""
        for used in seconds_used(seen):
            told = say("promise", used=used, promise=self.promise.total_seconds())
            self.row("", say("took"), Text(told, style="bold green"))

    def after(self, seen: MessageSeen, at: datetime | None) -> str:
        """Seconds after the message's arrival."""
        return f"+{max(0.0, (at - seen.arrived_at).total_seconds()):.2f} s" if at else ""


def seconds_used(seen: MessageSeen) -> list[float]:
    """What each order dispatched by this message used of the promise."""
    dispatched = any(s.purpose == "work_order" for s in seen.sendings)
    times = [(o.clock_start, o.dispatched_at) for o in seen.orders if dispatched]
    return [(end - start).total_seconds() for start, end in times if start and end]


@dataclass(frozen=True, slots=True)
class FieldCell:
    """A field for people: its label and value, and what is wrong with it."""

    label: str
    value: str
    problem: str

    def text(self, widest: int) -> Text:
        """On one line, the values of all fields under one another; what is wrong in red."""
        gap = " " if self.value and self.problem else ""
        return Text.assemble((filled(self.label, widest), "dim"), self.value, gap, (self.problem, "red"))

    def lines(self, widest: int, width: int) -> Iterator[Text]:
        """On as many lines as it needs, the value below itself."""
        pieces = chop_cells(self.value, width - widest) or [""]
        yield FieldCell(self.label, pieces[0], self.problem if len(pieces) == 1 else "").text(widest)
        for number, piece in enumerate(pieces[1:], start=2):
            yield FieldCell("", piece, self.problem if number == len(pieces) else "").text(widest)


def filled(text: str, width: int) -> str:
    """The text with blanks up to so many columns."""
    return text + " " * (width - cell_len(text))


def packed(cells: Sequence[FieldCell], widest: int, width: int) -> Iterator[Text]:
    """The fields in lines: two in one where each fits into a half."""
    half = (width - GAP) // 2
    waiting: Text | None = None
    for cell in cells:
        short = cell.text(widest)
        fits = half >= SHORTEST_HALF and cell_len(short.plain) <= half
        if waiting is not None:
            yield Text.assemble(waiting, " " * (half + GAP - cell_len(waiting.plain)), short) if fits else waiting
        if not fits:
            yield from cell.lines(widest, width)
        waiting = short if fits and waiting is None else None
    if waiting is not None:
        yield waiting


def terminal() -> Console:
    """Standard output; plain and of a fixed width where no person looks."""
    own = Console(highlight=False)
    width = min(WIDEST, own.width) if own.is_terminal else PIPED
    return Console(highlight=False, width=width, file=sys.stdout)


def utf8(console: Console) -> bool:
    """Whether lines can be drawn."""
    return console.encoding.lower().replace("-", "") == "utf8"

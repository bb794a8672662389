"""Fits a work order into text messages: part one stands alone for the pickup (domain.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from ingestd.composing.places import Places
from ingestd.composing.sms_pieces import PieceMaker, Pieces, glued, plain
from ingestd.composing.sms_words import SmsWords
from ingestd.composing.text_message import SEGMENT, SINGLE, TextMessage, head, joined_here, units
from ingestd.composing.wording import BrokenTemplateError
from ingestd.config.settings import WorkOrderSms
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, OrderReading, Payment

LEAST_NAME = 2  # characters of a goods name that still say something


@dataclass(frozen=True, slots=True)
class Draft:
    """Part one on its way to fitting."""

    pieces: Pieces
    short: bool = False

    def without(self, *names: str) -> Draft:
        return self.with_pieces(**dict.fromkeys(names, ""))

    def with_pieces(self, **changed: str) -> Draft:
        return replace(self, pieces={**self.pieces, **changed})


@dataclass(frozen=True, slots=True)
class Job:
    """An order and the bare values of its pieces."""

    order: OrderView
    said: Pieces

    @property
    def content(self) -> OrderReading:
        return self.order.content


Step = Callable[[Draft, Job], Iterator[Draft]]  # the shorter and shorter forms that a step allows


class WorkOrderFit:
    """Composes the work order's text messages in one language; built once, pure after."""

    def __init__(self, maker: PieceMaker, places: Places, sms: WorkOrderSms, signature: str) -> None:
        self.maker, self.words, self.places, self.sms, self.signature = maker, maker.words, places, sms, signature
        self.steps: dict[str, Step] = {
            "labels": self.shorten_labels,
            "consignee": dropping("consignee", "consignee_address"),
            "goods": self.shorten_goods,
            "destination": self.shorten_destination,
            "place": self.shorten_place,
            "itemised": self.sum_charges,
            "destination_whole": dropping("destination"),
            "goods_whole": self.only_figures,
            **{
                n: dropping(n)
                for n in ("delivery_money", "hints", "more_phones", "contact", "entry", "vehicle", "window")
            },
        }
        check_names(self.words, self.steps)

    def compose(self, order: OrderView) -> TextMessage:
        """One or two parts, with what gave way; no parts where what may never be cut does not fit."""
        job = Job(order, self.maker.said(order))
        fitted = self.fit(job, SINGLE)
        if fitted is None or self.sms.parts == 1 or not self.rest_of(job, fitted[1]):
            return self.alone(fitted)
        if self.sms.split == "gateway":
            return self.joined(job)
        part, gave_way = fitted
        rest, left_out = self.part_two(job, gave_way, SINGLE)
        return TextMessage((part, rest), gave_way, left_out)

    def alone(self, fitted: tuple[str, tuple[str, ...]] | None) -> TextMessage:
        """Part one without a second; what gave way is in the mail only."""
        if fitted is None:
            return TextMessage(())
        return TextMessage((fitted[0],), fitted[1], tuple(name for name in fitted[1] if name != "labels"))

    def joined(self, job: Job) -> TextMessage:
        """One text of two segments that the gateway cuts; part one stands whole in the first."""
        fitted = self.fit(job, SEGMENT)
        if fitted is None:
            return TextMessage(())
        part, gave_way = fitted
        # A pair of surrogates must not straddle the cut: with the content ending on it, blanks move the rest behind.
        rest, left_out = self.rest_within(job, gave_way, 2 * SEGMENT - units(part) - 2)
        if units(head(f"{part} {rest}", SEGMENT)) < min(SEGMENT, units(f"{part} {rest}")):
            rest = f" {rest}"
        return TextMessage((f"{part} {rest}",), gave_way, left_out)

    def fit(self, job: Job, room: int) -> tuple[str, tuple[str, ...]] | None:
        """Part one within `room` units and the steps it took, None where it can't be."""
        draft = Draft(self.maker.pieces(job.said, job.content, short=False))
        gave_way: list[str] = []
        for name in self.allowed_steps():
            if units(self.text(job, draft)) <= room:
                break
            shorter = self.after(self.steps[name], draft, job, room)
            if shorter is not None:
                draft = shorter
                gave_way.append(name)
        text = self.text(job, draft)
        return (text, tuple(gave_way)) if units(text) <= room else None

    def allowed_steps(self) -> list[str]:
        later = self.words.with_part_two if self.sms.parts == 2 else ()
        return [*self.words.give_way, *self.words.then, *later]

    def after(self, step: Step, draft: Draft, job: Job, room: int) -> Draft | None:
        """The first form of a step that fits, else its shortest; None where it makes nothing shorter."""
        least, best = units(self.text(job, draft)), None
        for attempt in step(draft, job):
            length = units(self.text(job, attempt))
            if length < least:
                least, best = length, attempt
            if length <= room:
                break
        return best

    def text(self, job: Job, draft: Draft) -> str:
        """Part one as it would leave."""
        pieces = [draft.pieces[name] for name in self.words.sequence if draft.pieces[name]]
        return self.framed(job, pieces, (self.words.short if draft.short else self.words.long)["separator"])

    def framed(self, job: Job, pieces: list[str], separator: str) -> str:
        """Signature and serial before, the agent's number behind."""
        closing = self.words.agent.format(plain(job.order.agent)) if job.order.agent else ""
        whole = [plain(job.order.serial), *pieces, *filter(None, [closing])]
        return f"{self.signature}{separator.join(whole) if separator else glued(whole)}"

    # The steps, in the order of domain.md §4.

    def shorten_labels(self, draft: Draft, job: Job) -> Iterator[Draft]:
        yield Draft(self.maker.pieces(job.said, job.content, short=True), short=True)

    def shorten_goods(self, draft: Draft, job: Job) -> Iterator[Draft]:
        for form in self.goods_forms(job.content.cargo):
            yield draft.with_pieces(goods=form)

    def goods_forms(self, lines: tuple[CargoLine, ...]) -> Iterator[str]:
        """Several kinds as the first of them with the sums; a name cut shorter and shorter."""
        if len(lines) > 1 and (sums := self.sums(lines)) is not None:
            first = plain(lines[0].name)
            yield glued([self.words.kinds.format(first, len(lines)), sums])
            for name in self.name_forms(first):
                yield glued([name, sums])
        elif len(lines) == 1:
            for name in self.name_forms(plain(lines[0].name)):
                yield self.maker.line(lines[0], name)
        elif lines:
            shortest = [list(self.name_forms(plain(line.name)))[-1:] or [plain(line.name)] for line in lines]
            yield self.words.joint.join(self.maker.line(li, name[0]) for li, name in zip(lines, shortest, strict=True))

    def name_forms(self, name: str) -> Iterator[str]:
        """The first kind of several, then fewer and fewer characters, each marked as incomplete."""
        ends = [name.find(s) for s in self.words.separators if name.find(s) > 0]
        if ends:
            name = name[: min(ends)]
            yield self.words.some_of.format(name)
        for length in range(units(name) - 1, LEAST_NAME - 1, -1):
            start = head(name, length)
            if start and not joined_here(name, len(start)):
                yield self.words.some_of.format(start.rstrip())

    def sums(self, lines: tuple[CargoLine, ...]) -> str | None:
        """The figures of all lines together, None where some lack what others have."""
        if any(
            {getattr(li, f) is None for li in lines} == {True, False} for f in ("quantity", "weight_kg", "volume_m3")
        ):
            return None
        quantities = [self.maker.measures(replace(li, weight_kg=None, volume_m3=None))[0] for li in lines]
        whole = CargoLine(
            quantity=total([li.quantity for li in lines]),
            unit=lines[0].unit,
            weight_kg=total([li.weight_kg for li in lines]),
            volume_m3=total([li.volume_m3 for li in lines]),
        )
        measures = self.maker.measures(whole)
        if len({li.unit for li in lines}) > 1 and lines[0].quantity is not None:
            measures[0] = "+".join(quantities)
        return "".join(measures)

    def only_figures(self, draft: Draft, job: Job) -> Iterator[Draft]:
        lines = job.content.cargo
        sums = self.sums(lines) if len(lines) > 1 else None
        yield draft.with_pieces(goods=sums or self.words.joint.join(self.maker.line(li, "") for li in lines))

    def shorten_destination(self, draft: Draft, job: Job) -> Iterator[Draft]:
        place = plain(job.content.destination or job.content.consignee.address)
        if town := self.places.town(place):
            yield draft.with_pieces(destination=self.words.short["destination"].format(town))

    def shorten_place(self, draft: Draft, job: Job) -> Iterator[Draft]:
        for shorter in self.places.towards_landmark(plain(job.content.pickup.address)):
            yield draft.with_pieces(place=self.words.short["place"].format(shorter))

    def sum_charges(self, draft: Draft, job: Job) -> Iterator[Draft]:
        if job.content.payment is Payment.PREPAID and job.content.charges:
            yield draft.with_pieces(amount=self.maker.summed(job.content, self.words.short))

    # Part two.

    def part_two(self, job: Job, gave_way: tuple[str, ...], room: int) -> tuple[str, tuple[str, ...]]:
        """What gave way, within `room` units with signature, serial and agent; and what stands in it not whole."""
        frame = units(self.framed(job, [""], " "))
        rest, left_out = self.rest_filling(job, gave_way, room - frame)
        return self.framed(job, rest, " "), left_out

    def rest_within(self, job: Job, gave_way: tuple[str, ...], room: int) -> tuple[str, tuple[str, ...]]:
        """What gave way, behind part one in the same text, closed by the agent's number again."""
        closing = [self.words.agent.format(plain(job.order.agent))] if job.order.agent else []
        rest, left_out = self.rest_filling(job, gave_way, room - sum(units(c) + 1 for c in closing))
        return " ".join(rest + closing), left_out

    def rest_filling(self, job: Job, gave_way: tuple[str, ...], room: int) -> tuple[list[str], tuple[str, ...]]:
        taken: list[str] = []
        left_out: list[str] = []
        for name, piece in self.rest_of(job, gave_way):
            if units(piece) <= room:
                taken.append(piece)
                room -= units(piece) + 1
                continue
            left_out.append(name)
            start = head(piece, room - units(self.words.more))
            if len(start) >= 6 and name in ("place", "consignee_address", "hints", "destination", "goods"):
                taken.append(start + self.words.more)
                room = 0
        return taken, tuple(left_out)

    def rest_of(self, job: Job, gave_way: tuple[str, ...]) -> list[tuple[str, str]]:
        """The pieces that gave way, whole, the most needed first."""
        said = dict(job.said)
        gone = {PIECE_OF.get(step, step) for step in gave_way} - {"labels"}
        gone |= {"consignee_address"} if "consignee" in gone else set()
        if len(job.content.cargo) == 1:
            said["goods"] = plain(job.content.cargo[0].name)  # its figures are in part one
        said["itemised"] = self.maker.amount(job.content, self.words.short, short=True)
        words = {**self.words.short, **self.words.rest_words}
        return [(n, words.get(n, "{}").format(said[n])) for n in self.words.rest if n in gone and said[n]]


PIECES = (
    *(
        "place",
        "contact",
        "phone",
        "more_phones",
        "window",
        "goods",
        "vehicle",
        "destination",
        "entry",
        "hold",
        "amount",
    ),
    *("consignee", "consignee_address", "delivery_money", "hints"),
)
NEVER_CUT = ("place", "phone", "goods", "hold", "amount")  # with serial and agent, which frame every text
PIECE_OF = {"destination_whole": "destination", "goods_whole": "goods"}  # steps that take one piece a second time


def dropping(*names: str) -> Step:
    """A step that leaves whole pieces to part two."""

    def step(draft: Draft, job: Job) -> Iterator[Draft]:  # noqa: ARG001  steps look alike
        yield draft.without(*names)

    return step


def total(values: list[Decimal | None]) -> Decimal | None:
    """The sum of figures that are all given, None where they are not."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def check_names(words: SmsWords, steps: dict[str, Step]) -> None:
    """Raise BrokenTemplateError where the definition names what there is not, or lacks what must be there."""
    file = "work_order/sms.*.toml"
    for name in (*words.give_way, *words.then, *words.with_part_two):
        if name not in steps:
            raise BrokenTemplateError(file, None, f"there is no step {name!r}; there are {', '.join(steps)}")
    for name in words.sequence:
        if name not in PIECES:
            raise BrokenTemplateError(file, None, f"there is no piece {name!r}; there are {', '.join(PIECES)}")
    for name in PIECES:
        if name != "amount" and not (name in words.short and name in words.long):
            raise BrokenTemplateError(file, None, f"[long] and [short] need {name!r}")
    if missing := [name for name in NEVER_CUT if name not in words.sequence]:
        raise BrokenTemplateError(file, None, f"sequence lacks {missing[0]!r}, which is never cut")

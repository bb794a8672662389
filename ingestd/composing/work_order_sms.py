"""Fits a work order into text messages: part one stands alone for the pickup (domain.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from ingestd.composing.figures import glued
from ingestd.composing.places import Places
from ingestd.composing.sms_pieces import PieceMaker, Pieces, plain
from ingestd.composing.sms_words import SmsWords
from ingestd.composing.text_message import SEGMENT, SINGLE, TextMessage, head, joined_here, units
from ingestd.composing.wording import BrokenTemplateError
from ingestd.config.settings import WorkOrderSms
from ingestd.domain.assessment import NOTHING_FOUND
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, OrderReading, Payment

Rest = list[tuple[str, str]]  # pieces by their names, as part two words them

LEAST_NAME = 2  # characters of a goods name that still say something


@dataclass(frozen=True, slots=True)
class Job:
    """An order, the bare values of its pieces, and what every one of its texts opens and closes with."""

    order: OrderView
    said: Pieces
    whole: Pieces  # every piece in its short words, before anything of it gives way
    opening: str
    closing: str

    @property
    def content(self) -> OrderReading:
        return self.order.content


@dataclass(frozen=True, slots=True)
class Fitted:
    """Part one as it leaves, the steps it took, and its pieces as they stand."""

    text: str
    gave_way: tuple[str, ...]
    pieces: Pieces


Step = Callable[[Job], Iterator[Pieces]]  # the shorter and shorter forms that a step allows, as the pieces they change


class PartOne:
    """Part one on its way to fitting; counts first, and joins only what may fit."""

    def __init__(self, job: Job, words: SmsWords, room: int) -> None:
        self.job, self.sequence, self.separator, self.room = job, words.sequence, words.short["separator"], room
        self.gap = units(self.separator)
        self.pieces = dict(job.whole)
        self.costs = {name: self.cost(self.pieces[name]) for name in self.sequence}
        self.least = units(job.opening) + self.cost(job.closing) + sum(self.costs.values())

    def cost(self, piece: str) -> int:
        """The units of a piece with the separator before it."""
        return units(piece) + self.gap if piece else 0

    def least_with(self, changed: Pieces) -> int:
        """Its units with some pieces changed, without the spaces that keep neighbouring figures apart."""
        least = self.least
        for name, new in changed.items():
            least += self.cost(new) - self.costs[name]
        return least

    def fits(self) -> bool:
        return self.least <= self.room and units(self.text()) <= self.room

    def fits_with(self, changed: Pieces) -> bool:
        return self.least_with(changed) <= self.room and units(self.text(changed)) <= self.room

    def change(self, changed: Pieces) -> None:
        self.least = self.least_with(changed)
        self.pieces.update(changed)
        self.costs.update({name: self.cost(new) for name, new in changed.items()})

    def text(self, changed: Pieces | None = None) -> str:
        """The text as it would leave, with some pieces changed."""
        pieces = {**self.pieces, **changed} if changed else self.pieces
        return framed(self.job, [pieces[name] for name in self.sequence], self.separator)


class WorkOrderFit:
    """Composes the work order's text messages in one language; built once, pure after."""

    def __init__(self, maker: PieceMaker, places: Places, sms: WorkOrderSms, signature: str) -> None:
        self.maker, self.words, self.places, self.sms, self.signature = maker, maker.words, places, sms, signature
        self.steps: dict[str, Step] = {
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
        later = self.words.with_part_two if sms.parts == 2 else ()
        self.allowed = [*self.words.give_way[1:], *self.words.then, *later]
        self.rest_words = {**self.words.short, **self.words.rest_words}

    def compose(self, order: OrderView) -> TextMessage:
        """One or two parts, with what gave way; no parts where what may never be cut does not fit."""
        job = self.job(replace(order, content=order.priced, assessment=NOTHING_FOUND))
        fitted = self.fit(job, SINGLE)
        if fitted is None or self.sms.parts == 1 or not (rest := self.rest_of(job, fitted)):
            return self.alone(fitted)
        if self.sms.split == "gateway":
            return self.joined(job)
        second, left_out = self.part_two(job, rest, SINGLE)
        return TextMessage((fitted.text, second), fitted.gave_way, left_out)

    def job(self, order: OrderView) -> Job:
        said = self.maker.said(order)
        closing = self.words.agent.format(plain(order.agent)) if order.agent else ""
        whole = self.maker.pieces(said, order.content, short=True)
        return Job(order, said, whole, f"{self.signature}{plain(order.serial)}", closing)

    def alone(self, fitted: Fitted | None) -> TextMessage:
        """Part one without a second; what gave way is in the mail only."""
        if fitted is None:
            return TextMessage(())
        return TextMessage((fitted.text,), fitted.gave_way, tuple(n for n in fitted.gave_way if n != "labels"))

    def joined(self, job: Job) -> TextMessage:
        """One text of two segments that the gateway cuts; part one stands whole in the first."""
        fitted = self.fit(job, SEGMENT)
        if fitted is None:
            return TextMessage(())
        # A pair of surrogates must not straddle the cut: with the content ending on it, blanks move the rest behind.
        room = 2 * SEGMENT - units(fitted.text) - 2
        rest, left_out = self.rest_within(job, self.rest_of(job, fitted), room)
        if units(head(f"{fitted.text} {rest}", SEGMENT)) < min(SEGMENT, units(f"{fitted.text} {rest}")):
            rest = f" {rest}"
        return TextMessage((f"{fitted.text} {rest}",), fitted.gave_way, left_out)

    def fit(self, job: Job, room: int) -> Fitted | None:
        """Part one within `room` units and the steps it took, None where it can't be."""
        if spacious := self.with_labels(job, room):
            return Fitted(spacious, (), job.whole)
        part = PartOne(job, self.words, room)
        taken: list[tuple[str, Pieces]] = []  # each step with the pieces as they were before it
        for name in self.allowed:
            if part.fits():
                break
            if changed := shorter(part, self.steps[name](job)):
                taken.append((name, {piece: part.pieces[piece] for piece in changed}))
                part.change(changed)
        if not part.fits():
            return None
        undone = [name for name, before in reversed(taken) if self.restored(part, name, before)]
        gave_way = [name for name, _ in taken if name not in undone]
        return Fitted(part.text(), ("labels", *gave_way), part.pieces)

    def with_labels(self, job: Job, room: int) -> str | None:
        """Part one with its spaces and labels, None where nothing has room for them."""
        if units(job.opening) + sum([units(value) for value in job.said.values()]) > room:
            return None
        pieces = self.maker.pieces(job.said, job.content, short=False)
        text = framed(job, [pieces[name] for name in self.words.sequence], self.words.long["separator"])
        return text if units(text) <= room else None

    def restored(self, part: PartOne, name: str, before: Pieces) -> bool:
        """Undo a step where later ones left room for it, else as much of it as fits; whether it is undone whole."""
        if part.fits_with(before):
            part.change(before)
            return True
        single = [{piece: text} for piece, text in before.items()] if len(before) > 1 else []
        for changed in (*single, *self.steps[name](part.job)):
            if part.least_with(changed) > part.least and part.fits_with(changed):
                part.change(changed)
                break
        return False

    # The steps, in the order of domain.md §4.

    def shorten_goods(self, job: Job) -> Iterator[Pieces]:
        for form in self.goods_forms(job.content.cargo):
            yield {"goods": form}

    def goods_forms(self, lines: tuple[CargoLine, ...]) -> Iterator[str]:
        """Several kinds as the first of them with the sums; a name cut shorter and shorter."""
        if len(lines) > 1 and (sums := self.sums(lines)) is not None:
            first = plain(lines[0].name)
            yield glued([self.words.kinds.format(first, len(lines)), sums])
            for name in self.name_forms(first):
                yield glued([name, sums])
        elif len(lines) == 1:
            figures = self.maker.line(lines[0], "")
            for name in self.name_forms(plain(lines[0].name)):
                yield glued([name, figures])
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

    def only_figures(self, job: Job) -> Iterator[Pieces]:
        lines = job.content.cargo
        sums = self.sums(lines) if len(lines) > 1 else None
        yield {"goods": sums or self.words.joint.join(self.maker.line(li, "") for li in lines)}

    def shorten_destination(self, job: Job) -> Iterator[Pieces]:
        place = plain(job.content.destination or job.content.consignee.address)
        if town := self.places.town(place):
            yield {"destination": self.words.short["destination"].format(town)}

    def shorten_place(self, job: Job) -> Iterator[Pieces]:
        for shorter in self.places.towards_landmark(plain(job.content.pickup.address)):
            yield {"place": self.words.short["place"].format(shorter)}

    def sum_charges(self, job: Job) -> Iterator[Pieces]:
        if job.content.payment is Payment.PREPAID and job.content.charges:
            yield {"amount": self.maker.summed(job.content, self.words.short)}

    # Part two.

    def part_two(self, job: Job, rest: Rest, room: int) -> tuple[str, tuple[str, ...]]:
        """What gave way, within `room` units with signature, serial and agent; and what stands in it not whole."""
        frame = units(" ".join([job.opening, "", job.closing]))
        taken, left_out = self.rest_filling(rest, room - frame)
        return framed(job, taken, " "), left_out

    def rest_within(self, job: Job, rest: Rest, room: int) -> tuple[str, tuple[str, ...]]:
        """What gave way, behind part one in the same text, closed by the agent's number again."""
        closing = [job.closing] if job.closing else []
        taken, left_out = self.rest_filling(rest, room - sum(units(c) + 1 for c in closing))
        return " ".join(taken + closing), left_out

    def rest_filling(self, rest: Rest, room: int) -> tuple[list[str], tuple[str, ...]]:
        taken: list[str] = []
        left_out: list[str] = []
        for name, piece in rest:
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

    def rest_of(self, job: Job, fitted: Fitted) -> Rest:
        """What stands in part one not whole, the most needed first."""
        gone = {name for name, piece in job.whole.items() if fitted.pieces[name] != piece}
        if not gone:
            return []
        said = dict(job.said)
        if len(job.content.cargo) == 1:
            said["goods"] = plain(job.content.cargo[0].name)  # its figures are in part one
        if "place" in gone:
            said["place"] = self.cut_from_place(said["place"], fitted.pieces["place"])
        if "amount" in gone:
            gone.add("itemised")
            said["itemised"] = job.whole["amount"]
        return [(n, self.rest_words.get(n, "{}").format(said[n])) for n in self.words.rest if n in gone and said[n]]

    def cut_from_place(self, address: str, standing: str) -> str:
        """The words of an address that part one lacks, a mark where those it has belong."""
        for landmark in self.places.towards_landmark(address):
            if self.words.short["place"].format(landmark) == standing and landmark in address:
                return self.words.more.join(address.split(landmark, 1))
        return address


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


def framed(job: Job, pieces: list[str], separator: str) -> str:
    """Signature and serial before, the agent's number behind; in short, spaces only between figures."""
    whole = [text for text in (job.opening, *pieces, job.closing) if text]
    return separator.join(whole) if separator else glued(whole)


def shorter(part: PartOne, forms: Iterator[Pieces]) -> Pieces | None:
    """The first form of a step that fits, else its shortest; None where it makes nothing shorter."""
    least, best = part.least, None
    for changed in forms:
        length = part.least_with(changed)
        if length <= part.room and units(part.text(changed)) <= part.room:
            return changed
        if length < least:
            least, best = length, changed
    return best


def dropping(*names: str) -> Step:
    """A step that leaves whole pieces to part two."""

    def step(job: Job) -> Iterator[Pieces]:  # noqa: ARG001  steps look alike
        yield dict.fromkeys(names, "")

    return step


def total(values: list[Decimal | None]) -> Decimal | None:
    """The sum of figures that are all given, None where they are not."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def check_names(words: SmsWords, steps: dict[str, Step]) -> None:
    """Raise BrokenTemplateError where the definition names what there is not, or lacks what must be there."""
    file = "work_order/sms.*.toml"
    if tuple(words.give_way[:1]) != ("labels",):
        raise BrokenTemplateError(file, None, f"give_way starts with 'labels', not {words.give_way[:1]}")
    for name in (*words.give_way[1:], *words.then, *words.with_part_two):
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

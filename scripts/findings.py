"""`make findings`: what becomes of every message of the corpora at the demo site, and what its checks find."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import House, house_of
from ingestd.config.load import Configuration, load
from ingestd.config.shipped import shipped
from ingestd.config.tables import Area, Customer
from ingestd.domain.assessment import Assessment, Hit
from ingestd.domain.decision import Case, Decision, MessageFacts
from ingestd.domain.keys import Keys
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Intent, Payment, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from scripts.trials.samples import CORPUS, ROOT, Sample, samples

CORPORA = ("own", "fresh", "drills", "shared")
HELD_OUT_OF = "shared"
REPORT = ROOT / "docs" / "findings.md"
BEGIN, END = "<!-- figures: made by `make findings` -->", "<!-- end of figures -->"
GROUP = 16  # samples a process takes at once
EXAMPLES = 6  # of each rule
NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # for messages without a date; a Tuesday, 10:00 in Shanghai
SENDERS = {Channel.EMAIL: "anybody@findings.example", Channel.SMS: "+8613800138099"}
EVERYWHERE = "everywhere"  # the area of pickups that the demo site does not serve


@dataclass(frozen=True, slots=True)
class Read:
    """One message with its reading; `name` is empty where nobody is to look at it."""

    corpus: str
    name: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one order: its state and the checks' word; and whether the demo site picks up there."""

    name: str
    state: OrderState
    assessment: Assessment
    served: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one message."""

    corpus: str
    intent: Intent
    decision: Decision
    orders: tuple[Found, ...]

    @property
    def fate(self) -> str:
        """Where the message ends, in a word or two; orders by the state of the worst."""
        if not self.orders:
            return str(self.decision.state)
        states = {order.state for order in self.orders}
        return str(next(state for state in WORST_FIRST if state in states))


WORST_FIRST = (OrderState.REFUSED, OrderState.REVIEW, OrderState.ASKED, OrderState.OFFERED, OrderState.CONFIRMED)
definitions: list[Definitions] = []  # of this process


def main() -> int:
    """Read and decide everything, and renew the figures of the report."""
    configuration = load(ROOT / "config" / "demo" / "ingestd.toml", {})
    decided = list(decisions(readings(), configuration))
    text = REPORT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    REPORT.write_text(before + BEGIN + "\n\n" + "\n".join(figures(decided)) + "\n" + END + after, "utf-8")
    print(f"{len(decided)} messages; the figures are in {REPORT.relative_to(Path.cwd())}")
    return 0


# --- reading and deciding ---------------------------------------------------------------------------------------------


def readings() -> list[Read]:
    """Every message of the corpora, read; those held out without their names."""
    hidden = set((CORPUS / "held_out.txt").read_text("ascii").split())
    chosen = [(corpus, sample) for corpus in CORPORA for sample in samples(corpus, held_out=True)]
    with get_context("spawn").Pool(os.cpu_count(), initializer=prepare) as pool:
        made = pool.imap(reading_of, [sample for _, sample in chosen], GROUP)
        return [
            Read(corpus, "" if corpus == HELD_OUT_OF and key(sample) in hidden else key(sample), reading)
            for (corpus, sample), reading in zip(chosen, made, strict=True)
        ]


def key(sample: Sample) -> str:
    """A message's name as held_out.txt has it."""
    return f"{sample.channel}/{sample.name}"


def prepare() -> None:
    """What a process needs once."""
    definitions.append(load_definitions([shipped("parsers")]))


def reading_of(sample: Sample) -> Reading:
    """The reading of one message."""
    return read(sample.channel, sample.raw, definitions[0])


def decisions(read_ones: Iterable[Read], configuration: Configuration) -> Iterator[Decided]:
    """What becomes of each message, were its sender a customer whose contract allows everything."""
    site, house = house_of(configuration), house_of(opened(configuration))
    for one in read_ones:
        decision = decide(case_of(one.reading), deciding(house, one.reading))
        orders = tuple(
            Found(one.name, order.state, order.assessment, served(order.content.pickup.address, site))
            for order in decision.new_orders
        )
        yield Decided(one.corpus, one.reading.intent, decision, orders)


def opened(configuration: Configuration) -> Configuration:
    """The same site picking up everywhere, for anybody."""
    tables = configuration.tables
    anybody = Customer(
        name="anybody", addresses=(SENDERS[Channel.EMAIL],), phones=(SENDERS[Channel.SMS],),
        confirmation="automatic", payments=tuple(Payment),
    )  # fmt: skip
    everywhere = Area(name=EVERYWHERE, kind="suburban", default=True, dispatcher=tables.area[0].dispatcher)
    wider = tables.model_copy(update={"customer": (anybody,), "area": (*tables.area, everywhere)})
    return replace(configuration, tables=wider)


def served(address: str | None, site: House) -> bool:
    """Whether the demo site picks up there, as it is."""
    return site.area_at(site.located(address)[0])[0] is not None


def case_of(reading: Reading) -> Case:
    """A reading as if the customer had sent it just now; nothing came before it."""
    sender = SENDERS[reading.channel]
    envelope = replace(reading.envelope, from_=(sender,)) if reading.channel is Channel.EMAIL else reading.envelope
    arrived = reading.sent_at or NOW
    facts = MessageFacts(1, "orders", reading.channel, arrived, 1, arrived, "")
    return Case(facts, replace(reading, sender=sender, envelope=envelope))


def deciding(house: House, reading: Reading) -> Deciding:
    """What the decision on one message needs."""
    numbers = count(1)
    return Deciding(house, Keys(b"findings"), reading.sent_at or NOW, lambda: f"260310{next(numbers):03}")


# --- the report -------------------------------------------------------------------------------------------------------


def figures(decided: list[Decided]) -> Iterator[str]:
    """The tables of the report, as lines of Markdown."""
    orders = [order for one in decided for order in one.orders]
    yield from fates(decided)
    yield from served_by_whom(orders)
    yield from others(decided)
    yield from rules(orders)


def fates(decided: list[Decided]) -> Iterator[str]:
    """How many messages with orders end where, by corpus; those held out are counted, and nothing else."""
    with_orders = [one for one in decided if one.orders]
    yield from heading("Messages with orders", "corpus", "messages", *(str(state) for state in WORST_FIRST))
    for corpus in (*CORPORA, "all"):
        ones = [one for one in with_orders if corpus in (one.corpus, "all")]
        counted = Counter(one.fate for one in ones)
        yield row(corpus, len(ones), *(shared_of(counted[state], len(ones)) for state in WORST_FIRST))
    yield ""


def shared_of(number: int, total: int) -> str:
    """A count with its share."""
    return f"{number} ({100 * number / total:.1f} %)" if number else "0"


def served_by_whom(orders: list[Found]) -> Iterator[str]:
    """How many pickups the demo site would not serve, were it not opened for this run."""
    outside = sum(not order.served for order in orders)
    yield f"{len(orders)} orders; {outside} of them are picked up in no area of the demo's own (`unknown_area`)."
    yield ""


def others(decided: list[Decided]) -> Iterator[str]:
    """Where all the other messages go."""
    yield from heading("Other messages", "intent", "ends as", "because of", "messages")
    counted = Counter(
        (str(one.intent), str(one.decision.state), one.decision.reason.partition(":")[0])
        for one in decided
        if not one.orders
    )
    for (intent, state, reason), number in sorted(counted.items(), key=lambda item: (item[0][0], -item[1])):
        yield row(intent, state, reason, number)
    yield ""


def rules(orders: list[Found]) -> Iterator[str]:
    """Hits by rule and finding, and examples of each."""
    hits: dict[tuple[str, str], list[tuple[Found, Hit]]] = defaultdict(list)
    for order in orders:
        for hit in order.assessment.hits:
            hits[str(hit.finding), hit.rule].append((order, hit))
    yield from heading("Hits by rule", "finding", "rule", "orders", "of them by it alone", "hits")
    for (finding, rule), found in sorted(hits.items()):
        held = {id(order): order for order, _ in found}.values()
        yield row(finding, f"`{rule}`", len(held), sum(alone(order, finding) for order in held), len(found))
    yield ""
    yield "## Examples"
    yield ""
    for (finding, rule), found in sorted(hits.items()):
        yield f"`{rule}` ({finding}):"
        yield ""
        yield from (f"- {order.name}: {told(hit.saw)}" for order, hit in examples(found))
        yield ""


def alone(order: Found, finding: str) -> bool:
    """Whether all that stops an order is hits of one rule."""
    stopping = {hit.rule for hit in order.assessment.hits if hit.finding in ("block", "review", "ask")}
    return finding in ("block", "review", "ask") and len(stopping) == 1


def examples(found: list[tuple[Found, Hit]]) -> list[tuple[Found, Hit]]:
    """A few hits that differ, from all over the corpora; none of a message held out."""
    differing = list({hit.saw: (order, hit) for order, hit in found if order.name}.values())
    return differing[:: max(1, len(differing) // EXAMPLES)][:EXAMPLES]


def told(saw: str) -> str:
    """What a rule saw, on one line of Markdown."""
    return '"' + " ".join(saw.replace("`", "'").replace("|", " / ").split()) + '"'


def heading(title: str, *columns: str) -> Iterator[str]:
    """The beginning of a table."""
    yield from (f"## {title}", "", row(*columns), row(*("---" for _ in columns)))


def row(*cells: object) -> str:
    """A row of a table."""
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    sys.exit(main())

"""Going through what was decided once more: read and decided anew, compared, and nothing written or sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

from pebble import ProcessPool

from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.checks.outcome import Difference, differences, outcome_of, serials_in
from ingestd.domain.decision import Decision
from ingestd.domain.event import place_of
from ingestd.domain.keys import Keys
from ingestd.domain.reading import Reading
from ingestd.reading_pool import ReadTask, read_in_worker
from ingestd.store.database import Database
from ingestd.store.facts import Item, cases_for
from ingestd.store.history import Kept, Past, PastMessage, kept, past_messages

PORTION = 50  # messages that are in memory at once
NOBODYS = Keys(b"replay")  # what is decided here is never sent, so that its tokens need not be the site's


@dataclass(frozen=True, slots=True)
class Replayed:
    """A message that was gone through again: what would differ, or why it can't be told."""

    message: PastMessage
    serials: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    failure: str | None = None  # where the reader or the checks fail on it now; never its words


@dataclass(frozen=True, slots=True)
class Rules:
    """By which a replay reads and decides."""

    house: House
    pool: ProcessPool  # its workers have the definitions

    @property
    def time_limit(self) -> float:
        return self.house.settings.reader.time_limit.total_seconds()


def replay(database: Database, wanted: Sequence[int], rules: Rules) -> Iterator[Replayed]:
    """Each of these messages gone through again, in the order in which they were decided on.

    Each is decided on by what was known before it, and as if all before it had stayed as it was: one difference does
    not drag others behind it. Messages whose bytes are gone are left out.
    """
    with database.read() as site:
        messages = past_messages(site)
        past = Past(site, messages)
    ids = set(wanted)
    try:
        for start in range(0, len(messages), PORTION):
            portion = messages[start : start + PORTION]
            with database.read() as site:
                found = kept(site, [m.message_id for m in portion if m.message_id in ids])
            readings = dict(read_anew(portion, found, rules))
            for one in portion:
                i = one.message_id
                replayed = gone_through(one, past, found.get(i), readings.get(i), rules.house)
                if replayed:
                    yield replayed
    finally:
        past.close()


def read_anew(
    portion: Sequence[PastMessage], found: dict[int, Kept], rules: Rules
) -> Iterator[tuple[int, Reading | str]]:
    """The reading of each message by the new rules, or why there is none."""
    tasks = {
        i: rules.pool.schedule(
            read_in_worker,
            args=([ReadTask(one.reading.channel, one.raw, past.facts.arrived_at)],),
            timeout=rules.time_limit,
        )
        for past in portion
        if (one := found.get(i := past.message_id)) is not None
    }
    for i, future in tasks.items():
        try:
            yield i, future.result()[0]
        except Exception as error:  # noqa: BLE001  whatever a message does, its neighbours go on
            yield i, f"{type(error).__name__} while reading"


def gone_through(
    one: PastMessage, past: Past, was: Kept | None, now: Reading | str | None, house: House
) -> Replayed | None:
    """Decide on a message anew where it is wanted, then let it pass by as it was recorded."""
    past.come_to(one)
    decided = decided_anew(one, now, past, house) if was and now else None
    after = None
    if isinstance(decided, tuple):
        reading, decision = decided
        after = outcome_of(reading, decision, {serial: past.state_of(serial) for serial in serials_in(decision)})
    past.pass_by(one)
    serials = tuple(sorted(past.states_by_serial(one)))
    if isinstance(decided, str):
        return Replayed(one, serials, failure=decided)
    if was is None or after is None:
        return None
    return Replayed(one, serials, tuple(differences(past.outcome(one, was.reading), after)))


def decided_anew(one: PastMessage, now: Reading | str, past: Past, house: House) -> tuple[Reading, Decision] | str:
    """The decision on a message by what was known then, at the time it was made; or why there is none."""
    if isinstance(now, str):
        return now
    serials = chain(past.made_by(one), (f"{one.message_id}+{n}" for n in count(1)))  # those it was given, then others
    try:
        (case,) = cases_for(past.connection, [Item(one.facts, now)], house, one.decided_at)
        return now, decide(case, Deciding(house, NOBODYS, one.decided_at, lambda: next(serials)))
    except Exception as error:  # noqa: BLE001  as above
        return f"{place_of(error)} while deciding"

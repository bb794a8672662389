"""`python -m tests.month.desk`: one day of forty orders, and how many messages each of the people got, by purpose."""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import text

from tests.month import site
from tests.month.house import DESK, house
from tests.month.script import DAY, HOUR, MINUTE, Said, Script, Scripted, Wanted, Writer
from tests.month.site import NATIONAL_DAY
from tests.month.world import World, month

ORDERS = 40
DAYS = 4  # after its beginning: to the deliveries
GOT = text(
    "SELECT recipient, channel, purpose, count(*) FROM sending WHERE state = 'accepted' AND purpose NOT LIKE '%_rest' "
    "AND recipient NOT LIKE 'shipper%' AND recipient NOT LIKE '+86138%' AND created_at < :ends "
    "GROUP BY recipient, channel, purpose ORDER BY recipient, channel, purpose"
)


@dataclass
class OrdinaryDay(Writer):
    """A day on which people do what they should, most of them in time."""

    def order(self, number: int) -> Wanted:
        """One order between half past eight and five."""
        at = self.calendar.begins + DAY + 8.5 * HOUR + number * (8.5 * HOUR / ORDERS)
        plain = replace(super().order(number), at=at + timedelta(microseconds=number), window=None, deliver_by=None)
        return replace(plain, customer=number % 3, hold=False)  # customers whose orders need nobody's yes

    def live(self, order: Wanted) -> None:
        """Taken, with its vehicle, fetched, delivered; some are changed, called off or pressed for."""
        at = self.later(order.at, MINUTE, 4 * MINUTE if self.often(0.85) else 20 * MINUTE)
        self.tell(at, "accepted_all" if self.often(0.7) else "accepted", order)
        if self.often(0.08):
            self.tell(self.later(at, 5 * MINUTE, HOUR), "amended", order, "shipper", Said(quantity=150))
        if self.often(0.05):
            self.tell(self.later(at, 5 * MINUTE, HOUR), "cancelled", order, "shipper")
            return
        if self.often(0.05):
            self.tell(self.later(at, HOUR, 3 * HOUR), "urged", order, "shipper")
        if self.often(0.7):
            self.tell(self.later(at, 5 * MINUTE, 35 * MINUTE), "assigned", order, said=Said(plate=True))
        at = self.later(at, 40 * MINUTE, 3 * HOUR if self.often(0.9) else 8 * HOUR)
        self.tell(at, "picked_up", order)
        self.tell(self.later(at, 6 * HOUR, 40 * HOUR), "delivered", order, "deliverer")


def day(seed: int) -> Script:
    """The day of a seed."""
    writer = OrdinaryDay(Random(f"{seed}/day"), replace(NATIONAL_DAY, away=(), closed=frozenset()))
    orders = tuple(writer.order(number) for number in range(ORDERS))
    for order in orders:
        writer.live(order)
    happenings: list[Scripted] = sorted(writer.together(), key=lambda one: one.at)
    return Script(seed, replace(writer.calendar, days=DAYS), orders, tuple(happenings))


def got(world: World) -> Iterator[tuple[str, str, str, int]]:
    """Who got how many messages of which purpose by which way."""
    known = {address: p.name for p in site.PEOPLE for address in (p.mail, p.phone) if address} | {DESK: "客服台"}
    ends = world.script.calendar.ends
    with world.database.read() as connection:
        rows = connection.execute(GOT, {"ends": ends.isoformat()}).all()
    counted: Counter[tuple[str, str, str]] = Counter()
    for recipient, channel, purpose, count in rows:
        counted[known.get(recipient, "收货人"), channel, purpose] += count
    yield from ((*key, count) for key, count in sorted(counted.items()))


def main(arguments: Sequence[str] | None = None) -> None:
    """Play a day and print the table."""
    parser = argparse.ArgumentParser(prog="desk", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args(arguments).seed
    logging.disable(logging.CRITICAL)
    script = day(seed)
    with TemporaryDirectory() as folder, month(script, house(script.calendar), Path(folder)) as world:
        print("| who | by | what | how many |\n|---|---|---|---|")
        for who, channel, purpose, count in got(world):
            print(f"| {who} | {channel} | `{purpose}` | {count} |")


if __name__ == "__main__":
    main()

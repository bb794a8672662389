"""What the daemon's database says of a bench run: progress, times, and whether each order got all its messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ingestd.domain.order import OrderState
from ingestd.domain.sending import SendingState
from ingestd.store.database import Database
from ingestd.store.schema import message, orders, sending

EXPECTED = {("acknowledgement", "email"): 1, ("work_order", "email"): 1, ("work_order", "sms"): 1}
OPTIONAL = ("work_order_rest", "sms")  # where the work order needs a second text message


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the daemon is."""

    dispatched: int
    decided: int
    unsent: int


@dataclass(frozen=True, slots=True)
class Passage:
    """One order's way: stored, and all its messages accepted."""

    mail_id: str
    stored_at: datetime
    accepted_at: datetime
    keys: tuple[tuple[str, str], ...]  # (key, channel) of its sendings
    kinds: Counter[tuple[str, str]]  # (purpose, channel)


class Outcome:
    """The bench's way to the daemon's database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)

    def progress(self) -> Progress:
        """How far the daemon is, in three short queries."""
        open_states = (SendingState.DUE, SendingState.SENDING, SendingState.UNCERTAIN)
        with self.database.read() as connection:
            dispatched = connection.execute(
                select(func.count()).select_from(orders).where(orders.c.state == OrderState.DISPATCHED)
            ).scalar_one()
            decided = connection.execute(select(func.count()).select_from(message).where(message.c.state != "stored"))
            unsent = connection.execute(
                select(func.count()).select_from(sending).where(sending.c.state.in_(open_states))
            )
            return Progress(dispatched, decided.scalar_one(), unsent.scalar_one())

    def passages(self) -> list[Passage]:
        """Every order that was dispatched, in the order of arrival."""
        columns = (message.c.id, message.c.mail_id, message.c.stored_at)
        rows = (
            select(*columns, sending.c.key, sending.c.purpose, sending.c.channel, sending.c.accepted_at)
            .join(sending, sending.c.message_id == message.c.id)
            .order_by(message.c.id)
        )
        found: dict[int, list[tuple[str, datetime, str, str, str, datetime | None]]] = {}
        with self.database.read() as connection:
            for number, *rest in connection.execute(rows):
                found.setdefault(number, []).append(tuple(rest))
        return [passage(parts) for parts in found.values()]

    def states(self) -> dict[str, int]:
        """How many messages ended in each state."""
        with self.database.read() as connection:
            counted = select(message.c.state, func.count()).group_by(message.c.state)
            return dict(connection.execute(counted).tuples().all())

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()


def passage(parts: list[tuple[str, datetime, str, str, str, datetime | None]]) -> Passage:
    """One message's sendings as its passage; what was never accepted counts as accepted at the end of time."""
    never = datetime.max.replace(tzinfo=parts[0][1].tzinfo)
    return Passage(
        mail_id=parts[0][0],
        stored_at=parts[0][1],
        accepted_at=max(accepted or never for *_, accepted in parts),
        keys=tuple((key, channel) for _, _, key, _, channel, _ in parts),
        kinds=Counter((purpose, channel) for _, _, _, purpose, channel, _ in parts),
    )


def faults(passages: Iterable[Passage], mails: Counter[str], texts: Counter[str]) -> Iterator[str]:
    """Orders whose messages are not exactly what they should be, and messages that no order wanted."""
    wanted_mails: Counter[str] = Counter()
    wanted_texts: Counter[str] = Counter()
    for order in passages:
        kinds = {kind: number for kind, number in order.kinds.items() if kind != OPTIONAL}
        if kinds != EXPECTED or order.kinds[OPTIONAL] > 1:
            yield f"{order.mail_id}: {dict(order.kinds)}"
        wanted_mails.update(key for key, channel in order.keys if channel == "email")
        wanted_texts.update(key for key, channel in order.keys if channel == "sms")
    for what, wanted, taken in (("mail", wanted_mails, mails), ("text", wanted_texts, texts)):
        yield from (f"{what} {key} did not reach its sink" for key in wanted - taken)
        yield from (f"{what} {key} reached its sink {taken[key]} times" for key in taken - wanted)

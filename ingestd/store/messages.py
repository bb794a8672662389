"""What came in: kept whole under the delivery's own key before anything else happens."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import accumulate

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, null, or_, select, update

from ingestd.domain.message import Arrival, FolderState, MessageState, Stored
from ingestd.domain.reading import Channel
from ingestd.store.alarms import open_alarm
from ingestd.store.many import Many
from ingestd.store.schema import STORED, folder, message, message_raw

QUARANTINE = "quarantine"  # the kind of its alarms
TAKEN_BYTES = 16_000_000  # of messages taken at once; a larger one is taken alone
TRACE = (
    b"received:",
    b"return-path:",
    b"delivered-to:",
    b"x-original-to:",
    b"authentication-results:",
    b"received-spf:",
    b"dkim-signature:",
)


@dataclass(frozen=True, slots=True)
class Unread:
    """A stored message taken for reading."""

    message_id: int
    account: str
    channel: Channel
    raw: bytes
    arrived_at: datetime
    position: int
    stored_at: datetime
    strikes: int  # this attempt included
    core_hash: str


INSERT, INSERT_RAW = Many(insert(message)), Many(insert(message_raw))
IDS_BY_KEY = select(message.c.source_key, message.c.id).where(
    message.c.source_key.in_(bindparam("keys", expanding=True))
)
FIRST_WITH_BYTES = (
    select(message.c.sha256, func.min(message.c.id))
    .where(message.c.sha256.in_(bindparam("hashes", expanding=True)))
    .group_by(message.c.sha256)
)


def store_arrivals(
    connection: Connection, arrivals: Sequence[Arrival], state: FolderState | None, now: datetime
) -> list[Stored]:
    """Keep all of them (a key that is there already changes nothing), and how far the folder is taken in."""
    known = ids_of(connection, [a.source_key for a in arrivals])
    fresh = list({a.source_key: a for a in arrivals if a.source_key not in known}.values())
    if fresh:
        hashes = {a.source_key: (sha256(a.raw).hexdigest(), core_hash(a.raw, a.channel)) for a in fresh}
        relayed = [hashes[a.source_key][0] for a in fresh if was_relayed(a)]
        first = firsts(connection, relayed)
        rows = [row_of(arrival, hashes[arrival.source_key], first, now) for arrival in fresh]
        INSERT.run(connection, rows)
        new = ids_of(connection, [a.source_key for a in fresh])
        INSERT_RAW.run(connection, [{"message_id": new[a.source_key], "bytes": a.raw} for a in fresh])
        for arrival in fresh:
            if arrival.trouble:
                open_alarm(connection, f"message {new[arrival.source_key]}", QUARANTINE, arrival.trouble, now)
    else:
        new = {}
    if state:
        save_folder(connection, state, now)
    return [Stored(new.get(a.source_key) or known[a.source_key], a.source_key, a.source_key in new) for a in arrivals]


def row_of(arrival: Arrival, hashes: tuple[str, str], first: dict[str, int], now: datetime) -> dict[str, object]:
    """The row of one new message; `first` maps bytes seen before to the message that had them."""
    whole, core = hashes
    same = first.get(whole)
    state, reason = MessageState.STORED, None
    if arrival.trouble:
        state, reason = MessageState.QUARANTINED, arrival.trouble
    elif arrival.baseline:
        state, reason = MessageState.BASELINE, "was there at first sight"
    elif same:
        state, reason = MessageState.DUPLICATE, "the same delivery, seen in another place"
    return {
        "account": arrival.account,
        "source_key": arrival.source_key,
        "channel": arrival.channel,
        "sha256": whole,
        "core_hash": core,
        "size": len(arrival.raw),
        "arrived_at": min(arrival.arrived_at, now),
        "position": arrival.position,
        "stored_at": now,
        "state": state,
        "strikes": 0,
        "reason": reason,
        "duplicate_of": same,
    }


def count_unread(connection: Connection, before: datetime, lease: timedelta) -> int:
    """How many messages wait to be decided on since before that moment: stored by then, and given to a worker by then
    for this lease; or put off to then, as a change that waits for its order.
    """
    owned = message.c.owner.is_not(None)
    waits = or_(
        message.c.lease_until.is_(None),
        and_(owned, message.c.lease_until <= before + lease),
        and_(~owned, message.c.lease_until <= before),
    )
    unread = select(func.count()).where(STORED, message.c.stored_at <= before, waits)
    return connection.execute(unread).scalar_one()


def was_relayed(arrival: Arrival) -> bool:
    """Whether the bytes carry trace headers, which differ between two deliveries even of one mail."""
    return arrival.channel is Channel.EMAIL and arrival.raw[:65536].lower().find(b"received:") >= 0


def firsts(connection: Connection, hashes: Sequence[str]) -> dict[str, int]:
    """The first message with each of these bytes."""
    if not hashes:
        return {}
    return {row[0]: row[1] for row in connection.execute(FIRST_WITH_BYTES, {"hashes": list(hashes)})}


def core_hash(raw: bytes, channel: Channel) -> str:
    """A hash of an email without the headers that its way adds; equal for one mail that came by two ways."""
    if channel is not Channel.EMAIL:
        return sha256(raw).hexdigest()
    head, separator, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept, keep = [], True
    for line in head.split(b"\n"):
        if not line.startswith((b" ", b"\t")):
            keep = not line.lower().startswith(TRACE)
        if keep:
            kept.append(line)
    return sha256(b"\n".join(kept) + separator + body.rstrip()).hexdigest()


def ids_of(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """The messages stored under these keys."""
    return {row[0]: row[1] for row in connection.execute(IDS_BY_KEY, {"keys": list(keys)})}


def unknown_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those keys under which nothing is stored."""
    wanted = list(keys)
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        known |= ids_of(connection, wanted[start : start + 500]).keys()
    return set(wanted) - known


def unknown_hashes(connection: Connection, hashes: Iterable[str]) -> set[str]:
    """Those hashes that no stored message has, neither of its bytes nor of its core."""
    wanted = list(hashes)
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for column in (message.c.sha256, message.c.core_hash):
            known |= set(connection.execute(select(column).where(column.in_(some))).scalars())
    return set(wanted) - known


def folder_state(connection: Connection, account: str, name: str) -> FolderState | None:
    """The state of a folder under its newest UIDVALIDITY."""
    newest = (
        select(folder)
        .where(folder.c.account == account, folder.c.folder == name)
        .order_by(folder.c.changed_at.desc())
        .limit(1)
    )
    row = connection.execute(newest).mappings().first()
    if row is None:
        return None
    return FolderState(account, name, row["uidvalidity"], row["watermark"], row["baseline_uid"], row["first_seen_at"])


def save_folder(connection: Connection, state: FolderState, now: datetime) -> None:
    """Write a folder's state; a watermark never goes back under one UIDVALIDITY."""
    same = (
        (folder.c.account == state.account)
        & (folder.c.folder == state.folder)
        & (folder.c.uidvalidity == state.uidvalidity)
    )
    values = {
        "watermark": state.watermark,
        "baseline_uid": state.baseline_uid,
        "first_seen_at": state.first_seen_at,
        "changed_at": now,
    }
    higher = {**values, "watermark": func.greatest(folder.c.watermark, state.watermark)}
    if connection.dialect.name == "sqlite":
        higher["watermark"] = func.max(folder.c.watermark, state.watermark)
    if connection.execute(update(folder).where(same).values(higher)).rowcount == 0:
        connection.execute(
            insert(folder).values(account=state.account, folder=state.folder, uidvalidity=state.uidvalidity, **values)
        )


def claim_unread(connection: Connection, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Unread]:
    """Take up to `limit` stored messages in the order of their arrival, their attempt counted before it starts.

    They are few where they are large: all of them stand in memory at once.
    Of those that have failed before only one is under way at a time: whatever a poisonous message breaks, its
    neighbours are struck with it at most once.
    """
    rows = connection.execute(FREE, {"now": now, "most": limit}).all()
    rows = rows[: light(row.size for row in rows)]
    struck = [row.id for row in rows if row.strikes > 0][:1]
    if struck and retrying(connection, now):
        struck = []
    ids = [row.id for row in rows if row.strikes == 0] + struck
    if not ids:
        return []
    connection.execute(COUNT, {"ids": ids, "b_owner": owner, "b_until": now + lease})
    taken = whole(connection, ids)
    for lost in set(ids) - {unread.message_id for unread in taken}:
        quarantine(connection, lost, "its row is damaged or its bytes are gone", now)
    return taken


def whole(connection: Connection, ids: Sequence[int]) -> list[Unread]:
    """Those of the claimed messages that can be read from the database, so that a damaged row stops no other."""
    try:
        return [unread_of(row) for row in connection.execute(TAKEN, {"ids": list(ids)}).mappings()]
    except (ValueError, TypeError):
        return [unread for i in ids for unread in whole(connection, [i])] if len(ids) > 1 else []


def light(sizes: Iterable[int]) -> int:
    """How many of the first are no more than TAKEN_BYTES together, at least one."""
    return max(1, bisect_right(list(accumulate(sizes)), TAKEN_BYTES))


IN_ORDER = (message.c.arrived_at, message.c.position, message.c.id)
FREE = (
    select(message.c.id, message.c.strikes, message.c.size)
    .where(STORED, or_(message.c.lease_until.is_(None), message.c.lease_until <= bindparam("now")))
    .order_by(*IN_ORDER)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
COUNT = (
    update(message)
    .where(message.c.id.in_(bindparam("ids", expanding=True)))
    .values(strikes=message.c.strikes + 1, owner=bindparam("b_owner"), lease_until=bindparam("b_until"))
)
TAKEN = (
    select(message, message_raw.c.bytes)
    .join_from(message, message_raw)
    .where(message.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(*IN_ORDER)
)


def retrying(connection: Connection, now: datetime) -> bool:
    """Whether a message that failed before is being tried again."""
    held = and_(STORED, message.c.strikes > 1, message.c.lease_until >= now)
    return connection.execute(select(message.c.id).where(held).limit(1)).first() is not None


def unread_of(row: RowMapping) -> Unread:
    """A claimed row as a value."""
    return Unread(
        row["id"],
        row["account"],
        Channel(row["channel"]),
        row["bytes"],
        row["arrived_at"],
        row["position"],
        row["stored_at"],
        row["strikes"],
        row["core_hash"],
    )


def give_back(connection: Connection, ids: Sequence[int]) -> None:
    """Let messages be read again at once; their strikes stay."""
    free = update(message).where(message.c.id.in_(list(ids)), message.c.state == MessageState.STORED)
    connection.execute(free.values(owner=null(), lease_until=null()))


def give_back_unfinished(connection: Connection, owner: str) -> int:
    """At an orderly stop: what this owner had taken is free again, its attempt not counted; how many."""
    mine = update(message).where(STORED, message.c.owner == owner, message.c.lease_until.is_not(None))
    return connection.execute(mine.values(strikes=message.c.strikes - 1, owner=null(), lease_until=null())).rowcount


def take_over(connection: Connection, owner: str) -> int:
    """After a restart: the messages that this owner had taken are free again; how many."""
    mine = update(message).where(STORED, message.c.owner == owner, message.c.lease_until.is_not(None))
    return connection.execute(mine.values(owner=null(), lease_until=null())).rowcount


def quarantine(connection: Connection, message_id: int, reason: str, now: datetime) -> bool:
    """Put a stored message aside and alarm a person; True where this call did."""
    aside = update(message).where(message.c.id == message_id, message.c.state == MessageState.STORED)
    values = {"state": MessageState.QUARANTINED, "reason": reason[:400], "owner": null(), "lease_until": null()}
    if connection.execute(aside.values(values)).rowcount != 1:
        return False
    open_alarm(connection, f"message {message_id}", QUARANTINE, reason, now)
    return True


def replay(connection: Connection, message_id: int, now: datetime) -> bool:
    """Give a quarantined message that holds its bytes a new chance from now on; True where this call did."""
    again = update(message).where(message.c.id == message_id, message.c.state == MessageState.QUARANTINED)
    values = {"state": MessageState.STORED, "strikes": 0, "reason": null(), "owner": null(), "lease_until": now}
    return connection.execute(again.values(values)).rowcount == 1


def close_quarantined(connection: Connection, message_id: int, agent: str) -> bool:
    """A person has seen to a quarantined message; its bytes stay. True where this call did."""
    over = update(message).where(message.c.id == message_id, message.c.state == MessageState.QUARANTINED)
    return connection.execute(over.values(state=MessageState.IGNORED, reason=f"closed by {agent}")).rowcount == 1


def quarantined(connection: Connection) -> list[RowMapping]:
    """All messages in quarantine, oldest first."""
    aside = select(message).where(message.c.state == MessageState.QUARANTINED).order_by(message.c.id)
    return list(connection.execute(aside).mappings())


def raw_of(connection: Connection, message_id: int) -> bytes | None:
    """The bytes of a message as received."""
    return connection.execute(
        select(message_raw.c.bytes).where(message_raw.c.message_id == message_id)
    ).scalar_one_or_none()


def message_counts(connection: Connection) -> dict[str, int]:
    """How many messages are in each state."""
    counted = select(message.c.state, func.count()).group_by(message.c.state)
    return {row[0]: row[1] for row in connection.execute(counted)}

"""The judge of a run: what went in, what the sinks hold and what is recorded, compared without code of the daemon's.

`complaints` gives a sentence for each thing that is not as faults.md's invariants want it (their numbers in brackets);
none means that all of them hold. `changes` is I7: what a further start changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.daemon.evidence import Captured, Changed, Course, Evidence, Said, captured, evidence_of, id_in, name_of
from tests.daemon.orders import TEXT, ShippedOrder
from tests.daemon.records import FINAL, OPEN_SENDINGS, Records, Row, moment
from tests.daemon.site import (
    DESK,
    DISPATCHER,
    DISPATCHER_PHONE,
    DOMAIN,
    FALLBACK,
    MANAGER,
    WATCH,
    WATCH_PHONE,
)
from tests.daemon.spool import Text
from tests.servers.smtp_sink import SunkMail

__all__ = ["Captured", "Course", "Evidence", "Said", "captured", "complaints", "evidence_of", "id_in", "name_of"]

STAFF = frozenset({DISPATCHER, FALLBACK, DESK, WATCH, MANAGER, DISPATCHER_PHONE, WATCH_PHONE})
WORK_ORDER, CALLED_OFF = "work_order", "cancellation"
OFF, TAKEN = "撤单", "收到"
ONCE_EACH = "SELECT count(*) AS n FROM event WHERE kind = 'ordered' GROUP BY order_id"
WITHOUT_START = "SELECT serial FROM orders WHERE id NOT IN (SELECT order_id FROM event WHERE kind = 'ordered')"
LASTING = {  # what a further start must leave as it is
    "message": "SELECT id, source_key, state, reason FROM message ORDER BY id",
    "order": "SELECT id, serial, state, revision, dispatched_at FROM orders ORDER BY id",
    "sending": "SELECT id, key, state, attempts, repeated, accepted_at FROM sending ORDER BY id",
    "follow-up": "SELECT id, order_id, kind, occurrence FROM follow_up ORDER BY id",
    "review": "SELECT id, message_id, order_id, reason FROM review ORDER BY id",
}


def complaints(seen: Evidence) -> list[str]:
    """Everything that is wrong, a sentence each."""
    judges = (
        of_intake,
        of_said,
        of_orders,
        of_work_orders,
        of_acknowledgements,
        of_copies,
        of_texts,
        of_outbox,
        of_promise,
        of_keeping,
        of_record,
    )
    return [sentence for judge in judges for sentence in judge(seen)]


# --- what came in -----------------------------------------------------------------------------------------------------


def of_intake(seen: Evidence) -> Iterator[str]:
    """[I1] Each order is stored once, is done with, and nothing is stored that nobody sent."""
    for order in seen.orders:
        rows = counted(seen, order)
        if len(rows) != 1:
            yield f"{order.message_id}: stored {len(rows)} times"
        yield from (f"{order.message_id}: left {row['state']}" for row in rows if row["state"] not in FINAL)
    known = {order.message_id for order in seen.orders} | {said.name for said in seen.said}
    yield from (f"{name}: stored and never sent" for name in sorted(seen.arrivals.keys() - known))


def counted(seen: Evidence, order: ShippedOrder) -> list[Row]:
    """The messages that an order was stored as, without the duplicates of one that was sent again."""
    rows = seen.arrivals.get(order.message_id, [])
    again = order.message_id in seen.resent
    return [row for row in rows if not (again and row["state"] == "duplicate")]


def of_said(seen: Evidence) -> Iterator[str]:
    """[I1] What was said beside orders is stored as often as it was said, and ends where it may."""
    for name, times in Counter(said.name for said in seen.said).items():
        rows = seen.arrivals.get(name, [])
        kept = [row for row in rows if not (name in seen.resent and row["state"] == "duplicate")]
        if len(kept) != times:
            yield f"{name}: said {times} times and stored {len(kept)} times"
        allowed = frozenset[str]().union(*(said.states for said in seen.said if said.name == name))
        yield from (f"{name}: left {row['state']}: {row['reason']}" for row in kept if row["state"] not in allowed)


def of_orders(seen: Evidence) -> Iterator[str]:
    """[I1] Each order's message made one order with one serial of its own, and nothing else made any."""
    makers = set()
    for order in seen.orders:
        for row in counted(seen, order):
            makers.add(row["id"])
            if len(serials := seen.serials.get(row["id"], [])) != 1:
                yield f"{order.message_id}: made {len(serials)} orders"
    yield from (
        f"order {serials}: made by no order's message" for m, serials in seen.serials.items() if m not in makers
    )
    given = Counter(serial for serials in seen.serials.values() for serial in serials)
    yield from (f"serial {serial}: given {times} times" for serial, times in given.items() if times != 1)


# --- what went out ----------------------------------------------------------------------------------------------------


def of_work_orders(seen: Evidence) -> Iterator[str]:
    """[I2] Each order reached the dispatcher by mail and by text message under one name each, as it was ordered.

    What was changed or called off meanwhile reached him once, and nothing older after it.
    """
    mails: defaultdict[str, dict[str, str]] = defaultdict(dict)  # by phone: the words of each, by name, in their order
    texts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    phones = {order.phone: order for order in seen.orders}
    rescued = set()
    for mail in seen.mails:
        found = phones_in(mail.words, phones) if purpose_of(seen, mail) in (WORK_ORDER, CALLED_OFF) else set()
        rescued |= found if FALLBACK in mail.recipients else set()
        for phone in found if DISPATCHER in mail.recipients else ():
            mails[phone][mail.message_id] = mail.words
    made = [(seen.serials.get(row["id"]), order.phone) for order in seen.orders for row in counted(seen, order)]
    ordered = {serials[0]: phone for serials, phone in made if serials}
    for text in seen.texts:
        if text.number == DISPATCHER_PHONE and is_work_order(seen, text):
            named = {phone for serial, phone in ordered.items() if serial in text.words}
            for phone in phones_in(text.words, phones) or named:
                texts[phone][text.name] = text.words
    changed = {change.order: change for change in seen.changed}
    said = {one.name for one in seen.said}
    confirmed = {phone for serial, phone in ordered.items() if f"{TEXT}{serial}{TAKEN}" in said}
    for phone, order in phones.items():
        given_up_on = not mails[phone] and was_given_up(seen, order)
        if given_up_on and phone in rescued:
            continue
        change = changed.get(order.message_id)
        excused = given_up_on and (phone in confirmed or was_given_up(seen, order, FALLBACK))
        if not excused:  # by what the dispatcher said to his text message, or by a relay that eats the fallback's, too
            doubted = was_ended_in_doubt(seen, order)
            yield from as_ordered(order, change, list(mails[phone].values()), "mail", doubted)
        yield from as_ordered(order, change, list(texts[phone].values()), "text message")


def as_ordered(
    order: ShippedOrder, change: Changed | None, words: list[str], way: str, doubted: bool = False
) -> Iterator[str]:
    """What is wrong with the work orders of an order by one way, in the order in which they came.

    One that is called off while it is `doubted` whether it came may have come or not.
    """
    name = order.message_id
    if change is None:
        if len(words) != 1:
            yield f"{name}: {len(words)} work orders by {way}"
        yield from (f"{name}: work order by {way} without {w}" for w in order.says if words and w not in words[0])
        return
    if change.says:
        new = [says for says in words if change.says in says]
        if len(new) != 1 or words[-1] not in new or len(words) > 2:
            yield f"{name}: changed, and {len(words)} work orders by {way}, {len(new)} of them with the change"
        return
    off = [says for says in words if OFF in says]
    told = ((0, 0), (2, 1), (1, 1)) if doubted else ((0, 0), (2, 1))
    if (len(words), len(off)) not in told or (off and words[-1] not in off):
        yield f"{name}: called off, and {len(words)} work orders by {way}, {len(off)} of them calling it off"


def is_work_order(seen: Evidence, text: Text) -> bool:
    """Whether a text message is a work order, or calls one off; not a further part of one."""
    row = seen.by_key.get(key_in(text.name))
    return row is not None and row["purpose"] in (WORK_ORDER, CALLED_OFF) and "#" not in row["cause"]


def purpose_of(seen: Evidence, mail: Captured) -> str:
    """Why a mail went out; one that nobody knows is taken for a work order."""
    row = seen.by_key.get(mail.key)
    return str(row["purpose"]) if row else WORK_ORDER


def was_given_up(seen: Evidence, order: ShippedOrder, recipient: str = DISPATCHER) -> bool:
    """Whether the work order to somebody was given up, with a person told."""
    rows = [row for row in seen.sendings if row["purpose"] == WORK_ORDER and row["recipient"] == recipient]
    return any(given_up(seen, row) and order.phone in words_of(row) for row in rows)


def was_ended_in_doubt(seen: Evidence, order: ShippedOrder) -> bool:
    """Whether the work order to the dispatcher was withdrawn or given up while nobody could tell if it had come."""
    rows = [row for row in seen.sendings if row["purpose"] == WORK_ORDER and row["recipient"] == DISPATCHER]
    doubted = [row for row in rows if row["repeated"] and (row["state"] == "withdrawn" or given_up(seen, row))]
    return any(order.phone in words_of(row) for row in doubted)


def words_of(row: Row) -> str:
    """The words of a recorded mail."""
    return captured(SunkMail("", (row["recipient"],), bytes(row["bytes"]))).words


def phones_in(words: str, phones: Mapping[str, Any]) -> set[str]:
    """Those of the shippers' phones that stand in a text."""
    pieces = {words[at : at + 11] for at in range(len(words) - 10)}
    return pieces & phones.keys()


def of_acknowledgements(seen: Evidence) -> Iterator[str]:
    """[I2, I5] Each shipper was answered under one name; that his mail came twice is told in another letter."""
    answers, final = answers_in(seen), acknowledged_in(seen)
    texted = Counter(text.number for text in seen.texts)
    changed = {change.order for change in seen.changed if change.says}
    for order in seen.orders:
        if order.message_id.startswith(TEXT):
            if not texted[order.shipper]:
                yield f"{order.message_id}: no acknowledgement by text message"
        elif len(answers[order.message_id, (order.shipper,)]) != 1:
            yield f"{order.message_id}: {len(answers[order.message_id, (order.shipper,)])} acknowledgements"
        elif len(final[order.phone, (order.shipper,)]) != 1 + (order.message_id in changed):
            yield f"{order.message_id}: {len(final[order.phone, (order.shipper,)])} final acknowledgements"
    for said in seen.said:
        if len(names := answers[said.name, (said.sender,)]) != said.answers:
            yield f"{said.name}: {len(names)} answers where {said.answers} should be"


def answers_in(seen: Evidence) -> Mapping[tuple[str, tuple[str, ...]], set[str]]:
    """Names of letters by what they answer and who gets them; without the notices that a mail came twice."""
    found = defaultdict(set)
    for mail in seen.mails:
        if purpose_of(seen, mail) != "duplicate_notice":
            found[mail.answers, mail.recipients].add(mail.message_id)
    return found


def acknowledged_in(seen: Evidence) -> Mapping[tuple[str, tuple[str, ...]], set[str]]:
    """Names of acknowledgements by the phone that stands in them and who gets them."""
    found = defaultdict(set)
    phones = {order.phone: order for order in seen.orders}
    for mail in seen.mails:
        if purpose_of(seen, mail) == "acknowledgement":
            for phone in phones_in(mail.words, phones):
                found[phone, mail.recipients].add(mail.message_id)
    return found


def of_copies(seen: Evidence) -> Iterator[str]:
    """[I2, I4] Mails are ours, whole, for whom they are meant, and twice only where a doubt was recorded."""
    expected = STAFF | {order.shipper for order in seen.orders}
    for mail in seen.mails:
        row = seen.by_key.get(mail.key)
        if row is None or mail.message_id != f"{mail.key}@{DOMAIN}":
            if not (mail.recipients == (WATCH,) and seen.told_directly):
                yield f"mail {mail.message_id}: no sending of ours"
        elif bytes(row["bytes"]).replace(b"\r\n", b"\n") != mail.content:
            yield f"mail {mail.message_id}: other bytes than recorded"
        elif mail.recipients != (row["recipient"],) or row["recipient"] not in expected:
            yield f"mail {mail.message_id}: went to somebody else"
        elif (
            row["recipient"] == FALLBACK
            and row["purpose"] == WORK_ORDER
            and not any(was_needed(seen, r) for r in seen.of_order(row["order_id"]))
        ):
            yield f"mail {mail.message_id}: went to the fallback without need"
    for name, copies in Counter(mail.key for mail in seen.mails).items():
        allowed = 2 if seen.by_key.get(name, {}).get("repeated") else 1
        if copies > allowed:
            yield f"mail {name}: {copies} copies where {allowed} may be"


def was_called_for(seen: Evidence, row: Row) -> bool:
    """Whether a work order had to go to the fallback."""
    return any(was_needed(seen, other) for other in seen.of_order(row["order_id"]))


def was_needed(seen: Evidence, row: Row) -> bool:
    """Whether a sending of an order was a reason to fall back: given up, or told to a person as late."""
    return given_up(seen, row) or any(alarm["kind"] == "late" for alarm in seen.alarms)


def of_texts(seen: Evidence) -> Iterator[str]:
    """[I2, I4] No text message was let out twice, neither under one name nor under two, nor to a stranger."""
    expected = STAFF | {order.shipper for order in seen.orders}
    for name, copies in Counter(text.name for text in seen.texts).items():
        if copies > 1:
            yield f"text {name}: {copies} times in the outbox"
    for text in seen.texts:
        if key_in(text.name) not in seen.by_key and not (text.number == WATCH_PHONE and seen.told_directly):
            yield f"text {text.name}: no sending of ours"
    yield from (f"text {text.name}: went to a stranger" for text in seen.texts if text.number not in expected)
    told = [(text.number, text.words) for text in seen.texts if text.number != WATCH_PHONE]  # trouble may come twice
    for (_, words), copies in Counter(told).items():
        if copies > 1:
            yield f"text {words[:15]}...: {copies} times under different names"


def key_in(name: str) -> str:
    """The key of the sending in the name of a text message's file."""
    return name.split("_")[2]


def of_outbox(seen: Evidence) -> Iterator[str]:
    """[I1, I5] Every sending came to an end, and what is recorded as accepted is at its sink."""
    there = {mail.key for mail in seen.mails} | {key_in(text.name) for text in seen.texts}
    for row in seen.sendings:
        name = f"sending {row['id']} ({row['purpose']} by {row['channel']})"
        if row["state"] in OPEN_SENDINGS:
            yield f"{name}: left {row['state']}"
        elif row["state"] == "accepted" and row["key"] not in there:
            yield f"{name}: accepted and at no sink"
        elif row["state"] not in ("accepted", "shadow", "withdrawn") and not given_up(seen, row):
            yield f"{name}: {row['state']}: {row['detail']}"


def given_up(seen: Evidence, row: Row) -> bool:
    """Whether a sending was in doubt a second time, after which it is not tried again and a person is told."""
    told = {(alarm["part"], alarm["kind"]) for alarm in seen.alarms}
    doubted_twice = row["state"] == "failed" and bool(row["repeated"])
    return doubted_twice and (f"sending {row['id']}", "uncertain") in told


# --- in time ----------------------------------------------------------------------------------------------------------


def of_promise(seen: Evidence) -> Iterator[str]:
    """[I3] A work order is with its recipient within the promise, or a person was alarmed within it.

    The time in which no daemon was at work does not count: the dead neither send nor raise an alarm.
    """
    course = seen.course
    if course is None:
        return
    alarmed = [times for alarm in seen.alarms for times in lasted(course, alarm)]
    for order in seen.orders:
        since = course.due_from.get(order.message_id)
        reached = [
            mail.at
            for mail in seen.mails
            if mail.at and {DISPATCHER, FALLBACK} & set(mail.recipients) and order.phone in mail.words
        ]
        until = course.told_by(since) if since else None
        if since is None or until is None or (reached and min(reached) <= until):
            continue
        if not any(begins <= until and ends >= since for begins, ends in alarmed):
            took = f"{(min(reached) - since).total_seconds():.1f} s" if reached else "never"
            yield f"{order.message_id}: reached its dispatcher after {took}, and nobody was alarmed"


def lasted(course: Course, alarm: Row) -> Iterator[tuple[Any, Any]]:
    """From when to when an alarm stood, by the machine's clock."""
    for begins in course.machine_times(moment(alarm["opened_at"])):
        cleared = course.machine_times(moment(alarm["cleared_at"])) if alarm["cleared_at"] else []
        yield begins, max([*cleared, begins], default=begins) if alarm["cleared_at"] else begins + timedelta(days=1)


# --- what is kept -----------------------------------------------------------------------------------------------------


def of_keeping(seen: Evidence) -> Iterator[str]:
    """[I6, I8] The database is sound, and no log holds a phone or a secret."""
    yield from (f"database: {what}" for what in seen.records.damage())
    for log in seen.logs:
        words = log.read_text(errors="replace")
        yield from (f"{log.name}: holds the phone of {o.message_id}" for o in seen.orders if o.phone in words)
        yield from (f"{log.name}: holds a secret" for secret in seen.secrets if secret in words)


def of_record(seen: Evidence) -> Iterator[str]:
    """[I8] The tracking record of every order begins with its being ordered, once."""
    if any(row["n"] != 1 for row in seen.records.rows(ONCE_EACH)):
        yield "an order was ordered twice by its tracking record"
    yield from (f"order {row['serial']}: no tracking record" for row in seen.records.rows(WITHOUT_START))


Standing = Mapping[str, Sequence[Row]]


def standing(records: Records) -> Standing:
    """What a further start must leave as it is."""
    return {name: records.rows(query) for name, query in LASTING.items()}


def changes(before: Standing, after: Standing) -> list[str]:
    """[I7] What is not as it was before a further start; new alarms and what tells of them may come."""
    found = []
    for name, rows in before.items():
        now = {row["id"]: row for row in after[name]}
        found += [f"{name} {row['id']}: changed by a further start" for row in rows if now.get(row["id"]) != row]
        if name in ("message", "order") and len(now) != len(rows):
            found.append(f"{name}: {len(now) - len(rows)} more after a further start")
    return found

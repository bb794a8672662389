"""What agents do at the desk, on SQLite and on PostgreSQL: files, calls, hands, and two agents at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import combinations_with_replacement

import pytest
from sqlalchemy import select

from ingestd.calendar.checking import checking_clock
from ingestd.checks.acts import Agent, NotPossibleError, asked, confirmed, corrected, joined_to, noted, parted, refused
from ingestd.checks.decision import decide
from ingestd.checks.house import House
from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press
from ingestd.config.settings import Desk, Orders, Settings, Site, SmsGateway
from ingestd.config.shipped import shipped
from ingestd.domain.decision import CallDraft, Decision, KnownOrder
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival
from ingestd.domain.order import OrderState
from ingestd.domain.reading import CargoLine, Channel, OrderReading
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Outcome, Purpose, Result
from ingestd.pipeline.acting import Counter
from ingestd.pipeline.deciding import with_calls
from ingestd.store.acts import assigned
from ingestd.store.calls import call_done, write_calls
from ingestd.store.database import Database
from ingestd.store.decisions import Settled, Writing, write_decisions
from ingestd.store.desk import waiting
from ingestd.store.facts import Item, cases_for
from ingestd.store.known_orders import orders_by_serial
from ingestd.store.messages import store_arrivals
from ingestd.store.orders import OrderMovedOnError
from ingestd.store.results import record_results
from ingestd.store.reviews import overdue_reviews, write_reminders
from ingestd.store.schema import orders, review, sending, sending_body
from ingestd.store.sendings import claim_due
from tests.unit.checks.cases import FACTS, NOW, ORDER, READING, deciding, house, speech

SITE = Site(name="顺驰物流", signature="顺驰物流", domain="orders.house.example", address="orders@house.example")
KEYS = Keys(b"secret")
TWO = replace(ORDER, cargo=(*ORDER.cargo, CargoLine("电线", Decimal(5), "卷", Decimal(60), Decimal("0.4"))))
CLOCK = checking_clock(Settings())
ROUNDS = 1  # of each pair of acts


def site(**sections: object) -> House:
    """The small house, with some options."""
    given = {"desk": Desk(notify=("desk@house.example",)), "site": SITE, "sms": SmsGateway(enabled=True), **sections}
    return house(settings=Settings(**given))  # type: ignore[arg-type]


def press() -> Press:
    return Press(Composer([shipped("templates")], SITE, Settings().work_order_sms), KEYS, SITE)


PRESS = press()


def counter(db: Database, number: str = "8012", of: House | None = None) -> Counter:
    """The desk as one agent stands at it."""
    return Counter(db, lambda: NOW, of or site(), PRESS, KEYS, CLOCK, Agent(number), False)


def mail(name: str = "") -> bytes:
    """An order's mail, with a file where one is named."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["Message-ID"] = READING.sender, f"<{name or 'plain'}@shoes.example>"
    made.set_content("order")
    if name:
        made.add_attachment(f"%PDF {name}".encode(), maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return made.as_bytes()


def ordered(db: Database, serial: str, content: OrderReading = ORDER, file: str = "", state: str = "review") -> None:
    """An order that came by mail."""
    with db.write() as connection:
        one = Arrival("orders", f"imap/{serial}", Channel.EMAIL, mail(file) + serial.encode(), NOW)
        (stored,) = store_arrivals(connection, [one], None, NOW)
    facts = replace(FACTS, message_id=stored.message_id)
    reading = replace(READING, orders=(content,), envelope=replace(READING.envelope, message_id=serial))
    with db.read() as connection:
        (case,) = cases_for(connection, [Item(facts, reading)], site(), NOW)
    made = decide(replace(case, twins=()), replace(deciding(site()), next_serial=lambda: serial))
    (order,) = made.new_orders
    opened = ((serial, "agent_confirms"),) if state == "review" else ()
    waits = replace(order, state=OrderState(state), confirmed_at=None, clock_start=None)
    decision = replace(made, new_orders=(waits,), follow_ups=(), wanted=(), reviews=opened)
    with db.write() as connection:
        write_decisions(connection, [Settled(facts, reading, decision, ())], Writing("digest", NOW, checking=CLOCK))


def order_of(db: Database, serial: str) -> KnownOrder:
    with db.read() as connection:
        return orders_by_serial(connection, [serial])[0]


def let_go(at: Counter, serial: str) -> None:
    at.act([serial], lambda known, means: confirmed(known[0], at.agent, None, True, means))


def files_of(db: Database, serial: str) -> list[str]:
    """The files of the work order that leaves for an order by mail."""
    sent = (
        select(sending_body.c.bytes)
        .join_from(sending, sending_body)
        .join(orders, orders.c.id == sending.c.order_id)
        .where(orders.c.serial == serial, sending.c.purpose == Purpose.WORK_ORDER, sending.c.channel == Channel.EMAIL)
    )
    with db.read() as connection:
        (body,) = connection.execute(sent).scalars()
    made = message_from_bytes(body, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return [str(part.get_filename()) for part in made.iter_attachments()]


class TestFiles:
    def test_both_parts_of_an_order_carry_its_files(self, db: Database) -> None:
        ordered(db, "260310501", TWO, "entry")
        at = counter(db)
        done = at.act(["260310501"], lambda known, means: parted(known[0], [2], at.agent, means))
        other = done.new_orders[0].serial
        for serial in ("260310501", other):
            let_go(at, serial)
            assert files_of(db, serial) == ["entry.pdf"]

    def test_an_order_carries_the_files_of_the_one_that_was_put_into_it(self, db: Database) -> None:
        ordered(db, "260310501", file="entry")
        ordered(db, "260310502", file="delivery")
        at = counter(db)
        both = ["260310501", "260310502"]
        at.act(both, lambda known, means: joined_to(known[0], known[1], at.agent, means))
        let_go(at, "260310501")
        assert files_of(db, "260310501") == ["entry.pdf", "delivery.pdf"]

    def test_what_is_beyond_the_limit_stays_and_a_person_is_told(self, db: Database) -> None:
        ordered(db, "260310501", file="entry")
        ordered(db, "260310502", file="delivery")
        at = counter(db, of=site(orders=Orders(attachments_largest=15)))
        at.act(["260310501", "260310502"], lambda known, means: joined_to(known[0], known[1], at.agent, means))
        let_go(at, "260310501")
        assert files_of(db, "260310501") == ["entry.pdf"]
        with db.read() as connection:
            left = connection.execute(select(review.c.reason).where(review.c.state == "open")).scalars().all()
        assert left == ["attachments_left_out"]


class TestHands:
    def test_an_order_whose_shipper_was_asked_is_work_that_can_be_given(self, db: Database) -> None:
        ordered(db, "260310501", state="asked")
        with db.write() as connection:
            assert assigned(connection, "260310501", "260310501", "8012")
            assert not assigned(connection, "260310509", "260310509", "8012")
        assert order_of(db, "260310501").state is OrderState.ASKED

    def test_a_confirmed_order_is_given_to_nobody(self, db: Database) -> None:
        ordered(db, "260310501")
        let_go(counter(db), "260310501")
        with db.write() as connection:
            assert not assigned(connection, "260310501", "260310501", "8012")

    def test_a_question_that_is_in_somebodys_hands_is_listed_at_once(self, db: Database) -> None:
        ordered(db, "260310501", state="review")
        at = counter(db)
        at.act(["260310501"], lambda known, means: asked(known[0], at.agent, "几号进仓？", means))
        with db.write() as connection:
            assert waiting(connection, lambda since: since + timedelta(hours=2), NOW) == []
            assert assigned(connection, "260310501", "260310501", "8012")
            (row,) = waiting(connection, lambda since: since + timedelta(hours=2), NOW)
        assert (row.kind, row.assigned_to, row.due_at) == ("unanswered", "8012", NOW + timedelta(hours=2))


class TestCalls:
    def test_a_work_order_that_fits_no_text_message_goes_by_mail_and_its_recipient_is_phoned(
        self, db: Database
    ) -> None:
        ordered(db, "260310501")
        at = counter(db)
        with db.read() as connection:
            known = orders_by_serial(connection, ["260310501"])[0]
        made = confirmed(known, at.agent, None, False, at.deciding(NOW))
        drafts = [d for d in at.drafts(made, {}, NOW) if d[1].channel is Channel.EMAIL]  # no text message holds it
        (call,) = with_calls(made, drafts, at.house).calls
        assert call == CallDraft("260310501", "李", "+8613900000011", "work_order_sms_too_long")
        with db.write() as connection:
            write_calls(connection, [(known.order_id, call)], "ingestd", (NOW, NOW))
            rows = waiting(connection, lambda since: since, NOW)
        assert [(r.kind, r.whose) for r in rows if r.kind == "call"] == [("call", "李 +8613900000011")]

    def test_a_shipper_whom_no_answer_reaches_is_phoned_once(self, db: Database) -> None:
        ordered(db, "260310501")
        at = counter(db)
        at.act(["260310501"], lambda known, means: asked(known[0], at.agent, "几号进仓？", means))
        at.act(["260310501"], lambda known, means: asked(known[0], at.agent, "几点？", means))
        with db.write() as connection:
            claims = claim_due(connection, Channel.EMAIL, "me", NOW, (timedelta(seconds=90), 10))
            gone = [(c, Result(c.sending_id, c.token, Outcome.REFUSED, "550", NOW)) for c in claims]
            record_results(connection, gone, RetryPolicy((timedelta(1),), timedelta(1), timedelta(1)), NOW, CLOCK)
            (row,) = [w for w in waiting(connection, lambda since: since + timedelta(1), NOW) if w.kind == "call"]
        assert len(gone) == 2
        assert (row.whose, row.reason, row.due_at) == ("王先生 +8613823033212", "answer_refused", CLOCK.due(NOW))

    def test_a_call_that_nobody_made_in_time_is_reminded_of_once(self, db: Database) -> None:
        ordered(db, "260310501")
        late, wanted = NOW + timedelta(hours=1), CallDraft("260310501", "李", "+8613900000011", "which gate?")
        with db.write() as connection:
            ids = [(order_of(db, "260310501").order_id, wanted)]
            (call_id,) = write_calls(connection, ids, "agent 8012", (NOW, NOW + timedelta(minutes=30)))
            assert write_calls(connection, ids, "agent 8013", (NOW, NOW)) == [call_id]  # it waits already
            found = [one for one in overdue_reviews(connection, late) if one.call_id]
            assert [(one.sender, one.serial) for one in found] == [("李 +8613900000011", "260310501")]
            write_reminders(connection, found, [], late)
            assert [one for one in overdue_reviews(connection, late) if one.call_id] == []
            assert call_done(connection, call_id, "agent 8012", "told", late)
            assert not call_done(connection, call_id, "agent 8013", "told", late)


# --- two agents at once -----------------------------------------------------------------------------------------------

SEEN = (OrderState.REVIEW, 1)
SPEECH = speech()
Act = Callable[[Counter, str], Decision]
ACTS: dict[str, Act] = {
    "confirm": lambda at, serial: at.act([serial], lambda k, d: confirmed(k[0], at.agent, None, True, d), SEEN),
    "ask": lambda at, serial: at.act([serial], lambda k, d: asked(k[0], at.agent, "几号进仓？", d), SEEN),
    "refuse": lambda at, serial: at.act([serial], lambda k, d: refused(k[0], at.agent, "no", d), SEEN),
    "set": lambda at, serial: at.act(
        [serial], lambda k, d: corrected(k[0], at.agent, [("remarks", at.agent.number)], SPEECH, d), SEEN
    ),
    "join": lambda at, serial: at.act([serial, f"{serial}9"], lambda k, d: joined_to(k[0], k[1], at.agent, d), SEEN),
    "split": lambda at, serial: at.act([serial], lambda k, d: parted(k[0], [2], at.agent, d), SEEN),
}


def test_of_two_agents_at_once_exactly_one_acts_and_the_other_is_told(database: str, db: Database) -> None:
    pairs = list(combinations_with_replacement(ACTS, 2)) * ROUNDS
    hands = [Database(database) for _ in range(2)]
    try:
        for number, pair in enumerate(pairs, 501):
            serial = f"260310{number}"
            ordered(db, serial, TWO)
            if "join" in pair:
                ordered(db, f"{serial}9")
            told = both_at_once(hands, pair, serial)
            assert sorted(told) == ["done", "told"], (pair, told)
            assert_one_act(db, serial, dict(zip(told, pair, strict=True))["done"])
    finally:
        for hand in hands:
            hand.close()


def test_who_has_not_looked_is_told_of_another_agents_act_of_this_minute(db: Database) -> None:
    ordered(db, "260310501")

    def ask(at: Counter, unseen: bool = True) -> Decision:
        return at.act(["260310501"], lambda known, means: asked(known[0], at.agent, "几号进仓？", means), unseen=unseen)

    first, other = counter(db, "8012"), counter(db, "8013")
    ask(first)
    with pytest.raises(NotPossibleError, match="just_now: 8012"):
        ask(other)
    other.act(["260310501"], lambda known, _: noted(known[0], other.agent, "客户在电话上"))
    ask(first)  # his own act he knows
    ask(other, unseen=False)
    later = replace(first, now=lambda: NOW + timedelta(minutes=2))
    assert ask(later).changes


def both_at_once(hands: list[Database], pair: tuple[str, str], serial: str) -> list[str]:
    """How each of the two ends."""
    told = ["", ""]
    start = threading.Barrier(2)

    def agent(number: int) -> None:
        at = counter(hands[number], f"801{number + 2}")
        start.wait()
        try:
            ACTS[pair[number]](at, serial)
            told[number] = "done"
        except (OrderMovedOnError, NotPossibleError):
            told[number] = "told"

    both = [threading.Thread(target=agent, args=(number,)) for number in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    return told


def assert_one_act(db: Database, serial: str, act: str) -> None:
    """The order is as the one act leaves it, and nothing of another leaves."""
    states = {"confirm": "confirmed", "ask": "asked", "refuse": "refused"}
    order = order_of(db, serial)
    assert (order.state, order.revision) == ((states[act], 1) if act in states else ("review", 2))
    with db.read() as connection:
        mine = select(sending.c.purpose).where(sending.c.order_id == order.order_id)
        purposes = set(connection.execute(mine).scalars())
    assert purposes <= {
        "confirm": {"work_order", "work_order_copy", "work_order_rest", "acknowledgement"},
        "ask": {"question"},
        "refuse": {"refusal"},
    }.get(act, set())

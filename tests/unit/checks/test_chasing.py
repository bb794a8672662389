"""Who is chased when duties fall due, by which message, and how often (domain.md §4-6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestd.checks.alarming import alarm_letters, alike, joined
from ingestd.checks.chasing import ANEW, MOST_LISTED, ChasePlan, Duty, Round, chase_plan
from ingestd.checks.conditions import CONDITIONS
from ingestd.checks.house import House
from ingestd.config.settings import AlarmDestination, Alarms, Chasing
from ingestd.config.tables import Absence, Staff, Tables
from ingestd.config.trade import Depot
from ingestd.domain.alarm import Alarm
from ingestd.domain.decision import KnownOrder, Tried
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Consignee, Driver, Pickup, Receipt
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, ORDER, SETTINGS, STAFF, TABLES, house, known

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOUSE = house()
FIRST = known("260310001", OrderState.DISPATCHED, order_id=1)
SECOND = known("260310002", OrderState.TAKEN, order_id=2)
LI, ZHAO = "li@house.example", "zhao@house.example"


def duty(number: int, kind: str = "pickup_asked", occurrence: int = 1, order: KnownOrder = FIRST) -> Duty:
    return Duty(number, kind, occurrence, NOW, order)


def chasing(at: datetime = NOW, of: House = HOUSE, **known: Any) -> Round:
    return Round(known.pop("open_orders", (FIRST, SECOND)), known.pop("last", {}), of, at, **known)


def with_staff(*more: Staff, **changes: object) -> House:
    """The house with more people, or another dispatcher."""
    first = STAFF[0].model_copy(update=changes)
    return house(Tables.model_validate({**dict(TABLES), "staff": (first, *STAFF[1:], *more)}))


FLEET = Staff(number="8020", name="钱", role="fleet_manager", email="qian@house.example", phone="+8613900000020")


# --- one message a person ---------------------------------------------------------------------------------------------


def test_one_message_lists_all_of_a_persons_open_orders_with_what_is_asked_of_each() -> None:
    plan = chase_plan([duty(1), duty(2, "vehicle_asked")], chasing())
    (letter,) = plan.wanted
    assert (letter.purpose, letter.recipient, letter.name) == (Purpose.CHASE, LI, "李")
    assert [o.serial for o in letter.orders] == ["260310001", "260310002"]
    assert letter.asks == (("pickup_asked", "vehicle_asked"), ())
    assert plan.done == (1, 2)


def test_what_was_asked_before_and_not_answered_is_asked_again() -> None:
    asked = {1: ["vehicle_asked"], 2: ["not_accepted", "vehicle_asked"]}  # the second is accepted meanwhile
    (letter,) = chase_plan([duty(1)], chasing(asked=asked)).wanted
    assert letter.asks == (("pickup_asked", "vehicle_asked"), ("vehicle_asked",))
    known_driver = replace(SECOND, driver=Driver("孙", None, None))
    (letter,) = chase_plan([duty(1)], chasing(asked=asked, open_orders=(FIRST, known_driver))).wanted
    assert letter.asks[1] == ()


def test_who_was_written_to_within_the_half_hour_is_asked_after_it() -> None:
    before = NOW - timedelta(minutes=10)
    plan = chase_plan([duty(1)], chasing(last={LI: before}))
    assert (plan.wanted, plan.done) == ((), ())
    assert plan.postponed == (((1,), before + timedelta(minutes=30)),)


def test_the_manager_is_told_even_where_the_dispatcher_was_written_to_just_now() -> None:
    plan = chase_plan([duty(1, "pickup_overdue"), duty(2, "pickup_escalated")], chasing(last={LI: NOW}))
    assert [(w.purpose, w.recipient) for w in plan.wanted] == [(Purpose.ESCALATION, ZHAO)]
    assert plan.done == (2,)


def test_of_too_many_orders_for_a_message_the_others_come_half_an_hour_later() -> None:
    orders = [known(f"2603100{n:02d}", OrderState.TAKEN, order_id=n) for n in range(1, 2 * MOST_LISTED)]
    plan = chase_plan([duty(o.order_id, order=o) for o in orders], chasing(open_orders=orders))
    (letter,) = plan.wanted
    assert [o.serial for o in letter.orders] == [o.serial for o in orders[:MOST_LISTED]]
    assert plan.done == tuple(range(1, MOST_LISTED + 1))
    assert plan.postponed == ((tuple(range(MOST_LISTED + 1, 2 * MOST_LISTED)), NOW + 30 * MINUTE),)


def test_a_person_without_mail_is_reached_by_sms() -> None:
    (letter,) = chase_plan([duty(1)], chasing(of=with_staff(email=None), open_orders=())).wanted
    assert (letter.channel, letter.recipient) == (Channel.SMS, "+8613900000011")


def test_each_chase_is_written_down_with_who_and_channel_and_how_late() -> None:
    at = NOW + 62 * MINUTE
    ((order_id, event),) = chase_plan([duty(1)], chasing(at)).events
    assert (order_id, event.kind, event.serial) == (1, "chased.pickup_asked", "260310001")
    assert event.data == {"who": "李", "channel": "email", "late": "+62 min"}
    ((_, event),) = chase_plan([duty(1)], chasing()).events
    assert event.data == {"who": "李", "channel": "email"}


# --- what is over -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [OrderState.PICKED_UP, OrderState.IN_TRANSIT, OrderState.PROBLEM, OrderState.DELIVERED]
)
def test_an_order_that_is_picked_up_meanwhile_is_let_go(state: OrderState) -> None:
    plan = chase_plan([duty(1, order=replace(FIRST, state=state))], chasing())
    assert plan == ChasePlan(over=(1,))


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.CLOSED, OrderState.REFUSED, OrderState.REVIEW])
@pytest.mark.parametrize("kind", [row.name for row in TABLES.follow_up] + ["of_another_file"])
def test_of_an_order_that_has_ended_nothing_is_asked(state: OrderState, kind: str) -> None:
    assert chase_plan([duty(1, kind, order=replace(FIRST, state=state))], chasing()) == ChasePlan(over=(1,))


def test_a_pickup_of_some_of_the_goods_does_not_end_it() -> None:
    partly = replace(FIRST, state=OrderState.PICKED_UP_PARTLY)
    asked = [duty(1, "not_accepted", order=partly), duty(2, "vehicle_asked", order=partly), duty(3, order=partly)]
    plan = chase_plan(asked, chasing())
    assert (plan.over, plan.done) == ((1, 2), (3,))


# --- in time ----------------------------------------------------------------------------------------------------------


def told_between(
    kind: str, order: KnownOrder, of: House, begins: datetime, most: int = 12
) -> Iterator[tuple[Any, ...]]:
    """(minutes from the start, purpose, recipient, calls) of each time of a duty that nobody answers."""
    due = Duty(1, kind, 1, begins, order)
    for _ in range(most):
        plan = chase_plan([due], chasing(due.due_at, of, open_orders=()))
        for ids, until in plan.postponed:
            assert (ids, until > due.due_at) == ((1,), True)
            due = replace(due, due_at=until)
        if plan.done:
            letter = plan.wanted[0]
            yield (due.due_at - begins) // MINUTE, letter.purpose, letter.name, [c.name for _, c in plan.calls]
            following = [f for _, f in plan.following if f.kind == kind]
            if not following:
                return
            due = replace(due, due_at=following[0].due_at, occurrence=following[0].occurrence)


def test_an_order_that_nobody_accepts_goes_from_one_to_the_next_each_five_minutes() -> None:
    fallback = Staff(number="8021", name="吴", role="dispatcher", phone="+8613900000021")
    area = TABLES.area[0].model_copy(update={"fallback": "8021"})
    tables = {**dict(TABLES), "area": (area,), "staff": (*STAFF, FLEET, fallback)}
    told = list(told_between("not_accepted", FIRST, house(Tables.model_validate(tables)), NOW))
    assert told == [
        (0, Purpose.CHASE, "李", ["李"]),
        (5, Purpose.ESCALATION, "吴", ["吴"]),
        (10, Purpose.ESCALATION, "钱", ["钱"]),
        (15, Purpose.ESCALATION, "赵", []),  # has no phone
    ]


def test_nobody_is_told_twice_before_all_are_and_a_part_that_nobody_plays_is_passed_over() -> None:
    told = list(told_between("not_accepted", FIRST, HOUSE, NOW))
    assert [(minutes, name) for minutes, _, name, _ in told] == [(0, "李"), (5, "赵"), (10, "赵"), (15, "赵")]


def test_an_overdue_pickup_is_urged_three_times_more_and_then_at_the_rounds() -> None:
    begins = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)  # 15:00
    for kind, who in (("pickup_overdue", "李"), ("pickup_escalated", "赵")):
        told = list(told_between(kind, FIRST, HOUSE, begins, 6))
        assert [minutes for minutes, *_ in told] == [0, 30, 60, 90, 18 * 60 + 30, 23 * 60 + 30]  # 09:30, 14:30
        assert {name for *_, name, _ in told} == {who}


def test_repeats_that_were_missed_are_one() -> None:
    late = NOW + 3 * HOUR
    plan = chase_plan([duty(1, "pickup_overdue", 2)], chasing(late))
    assert [(f.occurrence, f.due_at) for _, f in plan.following] == [(3, late + 30 * MINUTE)]


def test_a_duty_that_began_anew_counts_from_one() -> None:
    plan = chase_plan([duty(1, "not_accepted", ANEW + 1)], chasing())
    assert [w.name for w in plan.wanted] == ["李"]
    assert [f.occurrence for _, f in plan.following] == [ANEW + 2]


def test_past_the_deadline_the_dispatcher_is_urged_and_the_manager_told_and_phoned() -> None:
    tried = {1: (Tried(NOW - HOUR, "pickup_asked", "李"),)}
    of = house(
        Tables.model_validate(
            {**dict(TABLES), "staff": (STAFF[0], STAFF[1].model_copy(update={"phone": "+8613900000012"}), *STAFF[2:])}
        )
    )
    due = [duty(n, kind, order=o) for n, (kind, o) in enumerate(
        (k, o) for k in ("pickup_overdue", "pickup_escalated") for o in (FIRST, SECOND))]  # fmt: skip
    plan = chase_plan(due, chasing(of=of, tried=tried))
    assert [(w.purpose, w.recipient, len(w.orders)) for w in plan.wanted] == [
        (Purpose.CHASE, LI, 2),
        (Purpose.ESCALATION, ZHAO, 2),
    ]
    assert plan.wanted[1].tried == (tried[1], ())
    assert [(o, c.name, c.reason) for o, c in plan.calls] == [
        (1, "赵", "follow_up:pickup_escalated")
    ]  # not one an order


def test_deliveries_are_chased_in_one_digest_and_two_hours_later_told_up() -> None:
    orders = [known(f"26031000{n}", OrderState.IN_TRANSIT, order_id=n) for n in (1, 2, 3)]
    plan = chase_plan([duty(o.order_id, "delivery_overdue", order=o) for o in orders], chasing())
    (digest,) = plan.wanted
    assert [o.serial for o in digest.orders] == [o.serial for o in orders]
    assert {(f.kind, f.occurrence, f.due_at) for _, f in plan.following} == {
        ("delivery_overdue", 2, datetime(2026, 3, 10, 6, 30, tzinfo=UTC)),  # 14:30
        ("delivery_escalated", 1, NOW + 2 * HOUR),
    }
    again = chase_plan([duty(9, "delivery_overdue", 2, orders[0])], chasing())
    assert [f.kind for _, f in again.following] == ["delivery_overdue"]


def test_while_goods_are_held_their_delivery_is_not_chased_but_waits() -> None:
    plan = chase_plan([duty(1, "delivery_overdue", order=replace(FIRST, state=OrderState.HELD))], chasing())
    assert plan == ChasePlan(postponed=(((1,), datetime(2026, 3, 10, 6, 30, tzinfo=UTC)),))


def test_a_depots_contact_is_asked_for_what_it_delivers() -> None:
    depot = Depot(name="杭州", places=("浙江省",), contact="8020")
    of = house(Tables.model_validate({**dict(TABLES), "staff": (*STAFF, FLEET), "depot": (depot,)}))
    carried = replace(FIRST, state=OrderState.ARRIVED, depot="杭州")
    (letter,) = chase_plan([duty(1, "delivery_overdue", order=carried)], chasing(of=of)).wanted
    assert letter.name == "钱"
    ((order_id, notice),) = chase_plan([duty(1, "depot_asked", order=carried)], chasing(of=of)).letters
    assert (order_id, notice.purpose, notice.recipient) == (1, Purpose.NOTICE, "qian@house.example")
    assert (notice.happening, notice.cause) == ("depot_asked", "duty:260310001/depot_asked")


# --- when it is night, or somebody is away ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "clock", "asked"),
    [
        ("", "10:00", "10:00"),  # no duty hours: at any hour but the quiet ones
        ("", "21:59", "21:59"),
        ("", "22:00", "07:00 next"),
        ("", "03:00", "07:00"),
        ("08:00-20:00", "19:59", "19:59"),
        ("08:00-20:00", "20:00", "08:00 next"),
        ("20:00-08:00", "23:00", "23:00"),  # his duty is at night
        ("20:00-08:00", "10:00", "20:00"),
    ],
)
def test_nobody_is_asked_off_duty_or_in_the_quiet_hours(hours: str, clock: str, asked: str) -> None:
    of, order = with_staff(duty=hours), replace(FIRST, pickup_by=NOW - HOUR)
    at, then = (day_time(text) for text in (clock, asked))
    plan = chase_plan([Duty(1, "pickup_asked", 1, at, order)], chasing(at, of))
    assert (plan.postponed[0][1] if plan.postponed else at) == then


def day_time(text: str) -> datetime:
    """ "07:00 next" as the time of the next day."""
    clock, _, following = text.partition(" ")
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 3, 9, 16, 0, tzinfo=UTC) + timedelta(days=bool(following), hours=hours, minutes=minutes)


def test_off_duty_he_is_asked_all_the_same_where_the_pickup_is_due_before() -> None:
    of = with_staff(duty="13:00-21:00")
    assert chase_plan([duty(1)], chasing(of=of)).postponed == (((1,), day_time("13:00")),)
    soon = replace(FIRST, pickup_by=NOW + HOUR)
    assert chase_plan([duty(1, order=soon)], chasing(of=of)).done == (1,)


def test_who_stands_in_is_asked_at_that_moment() -> None:
    absent = Absence(staff="8011", days="2026-03-10", substitute="8020")
    of = house(Tables.model_validate({**dict(TABLES), "staff": (*STAFF, FLEET), "absence": (absent,)}))
    assert [w.name for w in chase_plan([duty(1)], chasing(of=of)).wanted] == ["钱"]
    assert [w.name for w in chase_plan([duty(1)], chasing(NOW + DAY, of)).wanted] == ["李"]


def test_who_stands_in_is_shown_his_own_open_orders_and_those_of_whom_he_stands_in_for() -> None:
    absent = Absence(staff="8011", days="2026-03-10", substitute="8020")
    of = house(Tables.model_validate({**dict(TABLES), "staff": (*STAFF, FLEET), "absence": (absent,)}))
    own = replace(SECOND, serial="260310003", order_id=3, dispatcher="8020")

    others = (FIRST, SECOND, own, replace(SECOND, dispatcher="8012"))
    (letter,) = chase_plan([duty(1)], chasing(of=of, open_orders=others)).wanted
    assert [o.serial for o in letter.orders] == ["260310001", "260310002", "260310003"]


# --- letters about one order ------------------------------------------------------------------------------------------

CITY = replace(
    ORDER,
    pickup=Pickup("深圳福田汽配城A12栋"),
    destination="深圳龙岗",
    consignee=Consignee("马先生", None, ("+8613725852654",), "深圳市龙岗区坂田街道1号"),
)
PICKED = known("260310001", OrderState.PICKED_UP, CITY, order_id=1)


def test_the_consignee_of_a_city_delivery_is_told_ahead_by_text_message() -> None:
    plan = chase_plan([duty(1, "consignee_told", order=PICKED)], chasing(last={LI: NOW}))  # whoever was chased
    ((order_id, letter),) = plan.letters
    assert (order_id, letter.purpose, letter.channel) == (1, Purpose.ANNOUNCEMENT, Channel.SMS)
    assert (letter.recipient, letter.happening, letter.cause) == (
        "+8613725852654", "picked_up", "duty:260310001/consignee_told")  # fmt: skip
    assert [e.data for _, e in plan.events] == [{"who": "consignee", "channel": "sms"}]


def test_a_consignee_with_a_fixed_line_is_phoned() -> None:
    fixed = replace(CITY, consignee=replace(CITY.consignee, phones=("+8675525852654",)))
    plan = chase_plan([duty(1, "consignee_told", order=replace(PICKED, content=fixed))], chasing())
    assert [(c.name, c.phone, c.reason) for _, c in plan.calls] == [
        ("马先生", "+8675525852654", "follow_up:consignee_told")
    ]
    assert (plan.letters, plan.done) == ((), (1,))


def test_who_gets_goods_from_out_of_town_or_on_hold_is_not_told_by_us() -> None:
    for order in (replace(PICKED, content=ORDER), replace(PICKED, content=replace(CITY, hold=True))):
        assert chase_plan([duty(1, "consignee_told", order=order)], chasing()) == ChasePlan(over=(1,))


def test_of_goods_on_hold_the_consignee_is_told_once_they_are_released_and_with_us() -> None:
    held = replace(CITY, hold=True)
    for state, after in ((OrderState.TAKEN, ChasePlan(over=(1,))), (OrderState.IN_TRANSIT, None)):
        order = known("260310001", state, held, order_id=1, released_at=NOW)
        plan = chase_plan([duty(1, "consignee_told", order=order)], chasing())
        assert plan == after or plan.done == (1,)
    assert "released" in HOUSE.follow_ups["consignee_told"].after


def test_the_consignee_is_told_while_the_desk_is_open() -> None:
    plan = chase_plan([duty(1, "consignee_told", order=PICKED)], chasing(day_time("20:00")))
    assert plan == ChasePlan(postponed=(((1,), day_time("08:30 next")),))


def test_a_text_message_to_an_outsider_waits_for_the_end_of_the_quiet_hours() -> None:
    always = SETTINGS.desk.model_copy(update={"hours": "00:00-24:00"})
    of = house(settings=SETTINGS.model_copy(update={"desk": always}))
    plan = chase_plan([duty(1, "consignee_told", order=PICKED)], chasing(day_time("23:00"), of))
    assert plan == ChasePlan(postponed=(((1,), day_time("07:00 next")),))
    loud = house(settings=SETTINGS.model_copy(update={"desk": always, "chasing": Chasing(quiet="")}))
    assert chase_plan([duty(1, "consignee_told", order=PICKED)], chasing(day_time("23:00"), loud)).done == (1,)


def test_a_note_a_day_says_where_an_order_stands_and_goes_to_shippers_who_want_it() -> None:
    plan = chase_plan([duty(1, "daily_note", order=PICKED)], chasing())
    assert (plan.letters, plan.wanted) == ((), ())
    assert [(e.kind, e.data) for _, e in plan.events] == [("status_note", {"state": "picked_up"})]
    assert [f.due_at for _, f in plan.following] == [NOW + DAY]
    first = TABLES.customer[0].model_copy(update={"told": ("daily",)})
    of = house(Tables.model_validate({**dict(TABLES), "customer": (first, *TABLES.customer[1:])}))
    ((_, letter),) = chase_plan([duty(1, "daily_note", order=PICKED)], chasing(of=of)).letters
    assert (letter.purpose, letter.happening, letter.cause) == (Purpose.PROGRESS, "daily", "follow_up:1")


# --- the end ----------------------------------------------------------------------------------------------------------


def test_an_order_is_closed_once_nothing_more_is_to_come() -> None:
    delivered = replace(PICKED, state=OrderState.DELIVERED)
    plan = chase_plan([duty(1, "closing", order=delivered)], chasing())
    assert [(c.order.serial, c.state) for c in plan.closed] == [("260310001", OrderState.CLOSED)]
    assert [e.kind for _, e in plan.events] == ["closed"]
    with_receipt = replace(delivered, content=replace(CITY, receipt=Receipt.ORIGINAL))
    assert chase_plan([duty(1, "closing", order=with_receipt)], chasing()) == ChasePlan(over=(1,))
    problem = replace(delivered, state=OrderState.PROBLEM)
    assert chase_plan([duty(1, "closing", order=problem)], chasing()) == ChasePlan(over=(1,))


def test_a_receipt_that_is_wanted_is_asked_for_until_it_is_back() -> None:
    wanted = replace(PICKED, state=OrderState.DELIVERED, content=replace(CITY, receipt=Receipt.PHOTO))
    plan = chase_plan([duty(1, "receipt_asked", order=wanted)], chasing())
    assert plan.wanted[0].asks == (("receipt_asked",), ())
    assert [(f.kind, f.due_at) for _, f in plan.following] == [
        ("receipt_asked", day_time("14:30") + 2 * DAY),
        ("receipt_escalated", day_time("14:30") + 7 * DAY),
    ]
    back = replace(wanted, state=OrderState.RECEIPT_RETURNED)
    assert chase_plan([duty(1, "receipt_asked", order=back)], chasing()) == ChasePlan(over=(1,))


def test_every_condition_that_a_row_may_name_is_known() -> None:
    assert set(CONDITIONS) == {"city", "out_of_town", "receipt", "no_receipt", "hold", "no_hold", "with_us"}


# --- alarms -----------------------------------------------------------------------------------------------------------


def test_an_alarm_goes_by_another_way_than_the_one_that_failed() -> None:
    destinations = (
        AlarmDestination(channel="email", recipient="admin@house.example"),
        AlarmDestination(channel="sms", recipient="+8613900000001"),
    )
    reached = house(settings=SETTINGS.model_copy(update={"alarms": Alarms(destinations=destinations)}))
    for part, channels in (("channel email", ["sms"]), ("channel sms", ["email"]), ("disk", ["email", "sms"])):
        letters = alarm_letters(Alarm(5, part, "channel", "refused", NOW), reached, NOW)
        assert [letter.channel for letter in letters] == channels


def test_an_alarm_uses_the_failed_way_where_there_is_no_other() -> None:
    only = (AlarmDestination(channel="email", recipient="admin@house.example"),)
    reached = house(settings=SETTINGS.model_copy(update={"alarms": Alarms(destinations=only)}))
    assert len(alarm_letters(Alarm(5, "channel email", "channel", "refused", NOW), reached, NOW)) == 1


def test_one_trouble_with_many_sendings_is_one_alarm_to_a_person() -> None:
    doubted = [Alarm(n, f"sending {n * 3}", "uncertain", "not repeated", NOW) for n in range(1, 8)]
    others = [Alarm(8, "sending 50", "bounced", "gone", NOW), Alarm(9, "disk", "disk", "5 MB", NOW)]
    first, *rest = alike([*doubted, *others])
    assert first == doubted
    assert rest == [[others[0]], [others[1]]]
    assert joined(first) == replace(doubted[0], part="sending 3, 6, 9, 12, 15, ... (7)")
    assert joined(first[:2]).part == "sending 3, 6"
    assert joined(rest[1]) == others[1]


def test_alarms_that_could_not_be_written_down_are_told_apart() -> None:
    moments = [("disk", NOW), ("smtp/inlet", NOW), ("disk", NOW + timedelta(hours=1))]
    only = (AlarmDestination(channel="email", recipient="admin@house.example"),)
    reached = house(settings=SETTINGS.model_copy(update={"alarms": Alarms(destinations=only)}))
    letters = [alarm_letters(Alarm(0, part, "disk", "full", at), reached, NOW) for part, at in moments]
    assert len({letter.cause for (letter,) in letters}) == 3  # else a mail program shows one of three

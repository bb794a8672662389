"""Who is chased when duties fall due, and how often (domain.md §5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ingestd.checks.alarming import alarm_letters
from ingestd.checks.chasing import Duty, Round, chase_plan, recipients
from ingestd.config.settings import AlarmDestination, Alarms
from ingestd.domain.alarm import Alarm
from ingestd.domain.order import OrderState
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, SETTINGS, TABLES, house, known

HOUSE = house()
FIRST = known("260310001", OrderState.DISPATCHED, order_id=1)
SECOND = known("260310002", OrderState.TAKEN, order_id=2)


def duty(number: int, kind: str = "pickup_asked", occurrence: int = 1, order: object = FIRST) -> Duty:
    return Duty(number, kind, occurrence, NOW, order)  # type: ignore[arg-type]


def chasing(**last: datetime) -> Round:
    return Round((FIRST, SECOND), last, HOUSE, NOW)


def test_one_message_lists_all_of_a_persons_open_orders() -> None:
    plan = chase_plan([duty(1), duty(2, order=SECOND)], chasing())
    (letter,) = plan.wanted
    assert (letter.purpose, letter.recipient, letter.name) == (Purpose.CHASE, "li@house.example", "李")
    assert [o.serial for o in letter.orders] == ["260310001", "260310002"]
    assert plan.done == (1, 2)


def test_who_was_written_to_within_the_half_hour_is_asked_after_it() -> None:
    before = NOW - timedelta(minutes=10)
    plan = chase_plan([duty(1)], Round((FIRST,), {"li@house.example": before}, HOUSE, NOW))
    assert (plan.wanted, plan.done) == ((), ())
    assert plan.postponed == (((1,), before + timedelta(minutes=30)),)


def test_a_question_is_asked_once_more_half_an_hour_before_the_deadline() -> None:
    assert FIRST.pickup_by is not None
    ((order_id, following),) = chase_plan([duty(1)], chasing()).following
    assert (order_id, following.kind, following.occurrence) == (1, "pickup_asked", 2)
    assert following.due_at == FIRST.pickup_by - timedelta(minutes=30)
    assert chase_plan([duty(1, occurrence=2)], chasing()).following == ()


def test_past_the_deadline_the_dispatcher_is_urged_and_the_manager_told() -> None:
    plan = chase_plan([duty(1, "pickup_overdue")], chasing())
    assert [(w.purpose, w.recipient) for w in plan.wanted] == [
        (Purpose.ESCALATION, "zhao@house.example"),
        (Purpose.CHASE, "li@house.example"),
    ]


def test_the_manager_is_told_even_where_the_dispatcher_was_written_to_just_now() -> None:
    plan = chase_plan([duty(1, "pickup_overdue")], Round((FIRST,), {"li@house.example": NOW}, HOUSE, NOW))
    assert [w.purpose for w in plan.wanted] == [Purpose.ESCALATION]
    assert plan.done == (1,)


def test_an_overdue_pickup_is_reminded_of_three_times_and_no_more() -> None:
    occurrence, at = 1, NOW
    due_times = []
    while following := chase_plan([duty(1, "pickup_overdue", occurrence)], replace(chasing(), now=at)).following:
        occurrence, at = following[0][1].occurrence, following[0][1].due_at
        due_times.append((at - NOW).total_seconds() / 60)
    assert due_times == [30, 60, 90]


def test_an_order_that_is_picked_up_meanwhile_is_let_go() -> None:
    done = replace(FIRST, state=OrderState.PICKED_UP)
    plan = chase_plan([duty(1, order=done)], chasing())
    assert (plan.wanted, plan.done, plan.following) == ((), (1,), ())


def test_a_person_without_mail_is_reached_by_sms() -> None:
    staff = tuple(s.model_copy(update={"email": None}) if s.number == "8011" else s for s in TABLES.staff)
    by_phone = house(TABLES.model_copy(update={"staff": staff}))
    assert recipients([duty(1)], by_phone) == ["+8613900000011"]


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


def test_alarms_that_could_not_be_written_down_are_told_apart() -> None:
    moments = [("disk", NOW), ("smtp/inlet", NOW), ("disk", NOW + timedelta(hours=1))]
    only = (AlarmDestination(channel="email", recipient="admin@house.example"),)
    reached = house(settings=SETTINGS.model_copy(update={"alarms": Alarms(destinations=only)}))
    letters = [alarm_letters(Alarm(0, part, "disk", "full", at), reached, NOW) for part, at in moments]
    assert len({letter.cause for (letter,) in letters}) == 3  # else a mail program shows one of three

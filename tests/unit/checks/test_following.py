"""Which duties begin and end by what happens, and when each is due (domain.md §4-7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ingestd.checks.delivering import depot_for, in_one_city
from ingestd.checks.dispatch import view_of
from ingestd.checks.following import Duties, duties
from ingestd.checks.house import House
from ingestd.config.tables import Tables
from ingestd.config.trade import Depot
from ingestd.domain.order import Happening, OrderState, OrderView
from ingestd.domain.reading import Consignee, OrderReading, Pickup
from tests.unit.checks.cases import NOW, ORDER, STAFF, TABLES, house, known

SHANGHAI = ZoneInfo("Asia/Shanghai")
BY = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)  # 15:00
VIEW = view_of(known("260310001", OrderState.CONFIRMED, confirmed_at=NOW, pickup_by=BY), house())


def clock(text: str) -> datetime:
    """A time of 10 March, or of another day "11 09:00", in Shanghai."""
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-03-{day or 10} {time}").replace(tzinfo=SHANGHAI)


def due(found: Duties) -> dict[str, datetime]:
    """When each duty that begins is due."""
    return {draft.kind: draft.due_at for draft in found.begin}


def of_dispatcher(**changes: object) -> House:
    first = STAFF[0].model_copy(update=changes)
    return house(Tables.model_validate({**dict(TABLES), "staff": (first, *STAFF[1:])}))


def confirmed(order: OrderView = VIEW, of: House | None = None, at: datetime = NOW) -> Duties:
    return duties(Happening.CONFIRMED, replace(order, confirmed_at=at), "8011", at, of or house())


def test_a_confirmed_order_is_followed_from_its_acceptance_to_its_pickup() -> None:
    assert due(confirmed()) == {
        "not_accepted": clock("10:08"),
        "vehicle_asked": clock("10:33"),
        "pickup_asked": clock("11:03"),
        "pickup_asked_again": clock("14:30"),
        "pickup_overdue": BY,
        "pickup_escalated": BY,
        "daily_note": clock("11 10:03"),
    }


def test_where_text_messages_are_the_main_channel_the_pickup_is_asked_for_sooner() -> None:
    assert due(confirmed(of=of_dispatcher(main_channel="sms")))["pickup_asked"] == clock("10:33")


@pytest.mark.parametrize(
    ("duty", "at", "accepted", "asked"),
    [
        ("08:00-20:00", "10:03", "10:08", "11:03"),
        ("13:00-21:00", "10:03", "13:05", "14:00"),  # the clocks start with his duty
        ("08:00-10:30", "10:03", "10:08", "11:03"),  # off duty before the deadline: asked all the same
        ("15:00-23:00", "10:03", "10:08", "11:03"),
        ("08:00-10:05", "10:03", "10:08", "11:03"),
    ],
)
def test_the_clocks_run_on_duty_unless_the_pickup_is_due_before(duty: str, at: str, accepted: str, asked: str) -> None:
    found = due(confirmed(of=of_dispatcher(duty=duty), at=clock(at)))
    assert (found["not_accepted"], found["pickup_asked"]) == (clock(accepted), clock(asked))


def test_duty_that_ends_meanwhile_goes_on_the_next_day() -> None:
    later = replace(VIEW, pickup_by=clock("11 12:00"))
    found = due(confirmed(later, of_dispatcher(duty="08:00-17:00"), clock("16:40")))
    assert found["vehicle_asked"] == clock("11 08:10")  # 20 minutes today, 10 tomorrow
    assert found["pickup_asked"] == clock("11 08:40")


def test_questions_start_with_the_shippers_own_window() -> None:
    windowed = replace(ORDER, pickup=replace(ORDER.pickup, start=clock("11 15:00"), by=clock("11 17:00")))
    found = due(confirmed(replace(VIEW, content=windowed, pickup_by=clock("11 17:00"))))
    assert found["not_accepted"] == clock("10:08")
    assert (found["vehicle_asked"], found["pickup_asked"]) == (clock("11 15:00"), clock("11 15:00"))
    assert (found["pickup_asked_again"], found["pickup_overdue"]) == (clock("11 16:30"), clock("11 17:00"))


def test_a_question_before_a_deadline_that_is_nearer_than_that_is_not_asked() -> None:
    assert "pickup_asked_again" not in due(confirmed(replace(VIEW, pickup_by=NOW + timedelta(minutes=20))))


def test_picked_up_goods_end_what_is_asked_about_the_pickup_and_have_a_deadline_of_their_own() -> None:
    view = replace(VIEW, state=OrderState.PICKED_UP, deliver_by=clock("12 18:00"))
    found = duties(Happening.PICKED_UP, view, "8011", clock("14:00"), house())
    ended = {kind for serial, kind in found.end if serial == VIEW.serial}
    about_pickup = {"vehicle_asked", "pickup_asked", "pickup_asked_again", "pickup_overdue", "pickup_escalated"}
    assert ended == {"not_accepted", *about_pickup}  # who has fetched the goods has taken the order
    assert due(found) == {"consignee_told": clock("14:00"), "delivery_overdue": clock("13 09:30")}
    unknown = duties(Happening.PICKED_UP, replace(view, deliver_by=None), "8011", clock("20:00"), house())
    assert due(unknown) == {"consignee_told": clock("11 08:30")}


def test_some_of_the_goods_end_only_the_question_for_the_vehicle() -> None:
    found = duties(Happening.PICKED_UP_PARTLY, VIEW, "8011", NOW, house())
    assert (found.begin, found.end) == ((), ((VIEW.serial, "vehicle_asked"),))


def test_delivered_goods_are_closed_a_week_later_and_their_receipt_is_asked_for_in_a_round() -> None:
    found = duties(Happening.DELIVERED, replace(VIEW, state=OrderState.DELIVERED), "8011", clock("11:00"), house())
    assert due(found) == {"receipt_asked": clock("12 14:30"), "closing": clock("17 11:00")}
    returned = duties(Happening.RECEIPT_RETURNED, VIEW, "8011", clock("11:00"), house())
    assert due(returned) == {"closing_after_receipt": clock("13 11:00")}


@pytest.mark.parametrize("happening", [Happening.CANCELLED, Happening.CLOSED])
def test_the_end_of_an_order_ends_everything(happening: Happening) -> None:
    found = duties(happening, VIEW, "8011", NOW, house())
    assert found == Duties(end=tuple((VIEW.serial, row.name) for row in TABLES.follow_up))


def test_a_change_is_to_be_accepted_anew_and_moves_what_counts_from_a_deadline() -> None:
    moved = replace(VIEW, pickup_by=clock("11 12:00"), state=OrderState.CONFIRMED)
    found = duties(Happening.AMENDED, moved, "8011", clock("12:00"), house())
    assert due(found) == {"not_accepted": clock("12:05")}
    assert {draft.kind: draft.due_at for draft in found.retimed} == {
        "vehicle_asked": clock("10:33"),
        "pickup_asked": clock("11:03"),
        "pickup_asked_again": clock("11 11:30"),
        "pickup_overdue": clock("11 12:00"),
        "pickup_escalated": clock("11 12:00"),
    }


def test_in_other_hands_the_dispatcher_is_asked_anew_and_others_are_told_on_as_before() -> None:
    found = duties(Happening.CONFIRMED, replace(VIEW, confirmed_at=NOW - timedelta(hours=1)), "8011", NOW, house())
    assert set(due(found)) == {"not_accepted", "vehicle_asked", "pickup_asked", "pickup_asked_again", "pickup_overdue"}
    assert {draft.kind: draft.due_at for draft in found.retimed} == {"pickup_escalated": BY}


def test_what_counts_back_into_the_past_is_over_where_an_order_is_in_other_hands() -> None:
    late = replace(VIEW, confirmed_at=NOW - timedelta(hours=5), pickup_by=NOW - timedelta(minutes=5))
    found = duties(Happening.CONFIRMED, late, "8011", NOW, house())
    assert "pickup_asked_again" not in due(found)
    assert (VIEW.serial, "pickup_asked_again") in found.end


def test_a_change_on_the_way_moves_the_delivery_alone() -> None:
    way = replace(VIEW, state=OrderState.IN_TRANSIT, deliver_by=clock("13 18:00"))
    found = duties(Happening.AMENDED, way, "8011", clock("12:00"), house())
    assert {draft.kind: draft.due_at for draft in found.retimed} == {"delivery_overdue": clock("14 09:30")}


def test_a_site_without_rows_follows_nothing() -> None:
    empty = house(TABLES.model_copy(update={"follow_up": ()}))
    assert confirmed(of=empty) == Duties()


# --- how goods come to the consignee ----------------------------------------------------------------------------------

DEPOTS = (
    Depot(name="杭州萧山", places=("浙江省",), contact="8013"),
    Depot(name="广州林安", places=("广东省",)),
)


def going(start: str, to: str, address: str | None = None) -> OrderReading:
    return replace(ORDER, pickup=Pickup(start), destination=to, consignee=Consignee("马", None, (), address))


@pytest.mark.parametrize(
    ("content", "city", "depot"),
    [
        (going("深圳福田汽配城A12栋", "杭州"), False, "杭州萧山"),
        (going("深圳福田汽配城A12栋", "杭州", "杭州市余杭区文一西路969号"), False, "杭州萧山"),
        (going("深圳福田汽配城A12栋", "深圳龙岗"), True, ""),
        (going("深圳市宝安区西乡", "深圳", "深圳市龙岗区坂田街道1号"), True, ""),
        (going("深圳福田汽配城A12栋", "东莞"), False, ""),  # its depot has no contact
        (going("深圳福田汽配城A12栋", "乌鲁木齐"), False, ""),  # no depot serves it
        (going("汽配城A12栋", "某处"), False, ""),  # nobody knows
        (going("深圳福田汽配城A12栋", "广东省"), False, ""),  # a province is no city
    ],
)
def test_the_arrival_depot_is_that_of_the_place_unless_it_lies_in_our_city(
    content: OrderReading, city: bool, depot: str
) -> None:
    of = house(Tables.model_validate({**dict(TABLES), "depot": DEPOTS}))
    order = known("260310001", OrderState.PICKED_UP, content)
    assert (in_one_city(order, of), depot_for(order, of)) == (city, depot)

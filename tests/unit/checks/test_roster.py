"""Who gets an area's work orders at a moment, and who is next (domain.md §1, §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ingestd.checks.house import House
from ingestd.checks.roster import depots_of, first_recipient, next_on_duty, reports_for, stand_in
from ingestd.config.tables import Absence, Staff, Tables
from ingestd.config.trade import Depot
from tests.unit.checks.cases import NOW, STAFF, TABLES, house

TODAY, DAY = "2026-03-10", timedelta(days=1)
MORE = (
    Staff(number="8020", name="钱", role="fleet_manager", email="qian@house.example", duty="08:00-12:00"),
    Staff(number="8021", name="吴", role="dispatcher", email="wu@house.example"),
    Staff(number="8022", name="郑", role="dispatcher", email="zheng@house.example"),
)


def roster(*absences: Absence, fallback: str | None = None) -> House:
    area = TABLES.area[0].model_copy(update={"fallback": fallback})
    tables = {**dict(TABLES), "staff": (*STAFF, *MORE), "area": (area,), "absence": absences}
    return house(Tables.model_validate(tables))


def away(staff: str, substitute: str | None = None, days: str = TODAY, hours: str = "") -> Absence:
    return Absence(staff=staff, days=days, hours=hours, substitute=substitute)


@pytest.mark.parametrize(
    ("absences", "fallback", "first"),
    [
        ((), None, "8011"),
        ((away("8011", "8021"),), "8022", "8021"),
        ((away("8011", "8021"), away("8021", "8022")), None, "8022"),  # the substitute's substitute
        ((away("8011", "8021"), away("8021")), "8022", "8022"),
        ((away("8011"),), "8022", "8022"),
        ((away("8011"),), None, "8020"),  # the fleet manager on duty
        ((away("8011"), away("8020")), None, "8012"),  # the operations manager
        ((away("8011"), away("8020"), away("8012")), None, "8011"),  # nobody: he finds it when he is back
        ((away("8011", "8021", "2026-03-11/2026-03-12"),), None, "8011"),  # from tomorrow on
        ((away("8011", "8021", hours="13:00-18:00"),), None, "8011"),  # it is 10:03
        ((away("8011", "8021", hours="10:03-10:04"),), None, "8021"),
    ],
)
def test_the_first_recipient_is_the_dispatcher_or_who_stands_in(
    absences: tuple[Absence, ...], fallback: str | None, first: str
) -> None:
    of = roster(*absences, fallback=fallback)
    assert first_recipient(of.tables.area[0], of, NOW).number == first


def test_a_fleet_manager_off_duty_gets_no_work_order() -> None:
    of, evening = roster(away("8011")), NOW + timedelta(hours=10)
    assert first_recipient(of.tables.area[0], of, evening).number == "8012"


@pytest.mark.parametrize(
    ("beside", "hours_later", "following"),
    [
        (("8011",), 0, "8022"),
        (("8011", "8022"), 0, "8020"),
        (("8011", "8022"), 5, "8012"),  # the fleet manager has gone home
        (("8011", "8022", "8020"), 0, "8012"),
        (("8011", "8022", "8012"), 5, "8020"),  # off duty, and nobody else is left
        (("8011", "8022", "8020", "8012"), 0, None),
    ],
)
def test_who_is_next_is_on_duty_and_none_of_those_passed_over(
    beside: tuple[str, ...], hours_later: int, following: str | None
) -> None:
    of = roster(fallback="8022")
    found = next_on_duty(of.tables.area[0], of, NOW + timedelta(hours=hours_later), beside)
    assert (found.number if found else None) == following


def test_who_is_back_is_there_again() -> None:
    of = roster(away("8011", "8021", "2026-03-09/2026-03-10"))
    found = [stand_in(of.numbers["8011"], of, NOW + n * DAY) for n in (-1, 0, 1)]
    assert [who.number for who in found if who] == ["8021", "8021", "8011"]


def test_a_substitute_reports_on_the_orders_of_who_is_away_while_he_is() -> None:
    of = roster(away("8011", "8021"), away("8021", "8022", hours="10:00-11:00"))
    assert reports_for(of.numbers["8022"], of, NOW) == {"8022", "8011", "8021"}
    assert reports_for(of.numbers["8021"], of, NOW) == {"8021"}
    assert reports_for(of.numbers["8021"], of, NOW + timedelta(hours=1)) == {"8021", "8011"}
    assert reports_for(of.numbers["8021"], of, NOW + DAY) == {"8021"}


def test_the_substitute_of_a_depots_contact_reports_for_the_depot() -> None:
    of = roster()
    depot = Depot(name="萧山", places=("浙江省",), contact="8021")
    assert depots_of({"8021", "8011"}, house(of.tables.model_copy(update={"depot": (depot,)}))) == {"萧山"}


def test_people_who_stand_in_for_each_other_are_refused() -> None:
    with pytest.raises(ValidationError, match="on 2026-03-11 8011 and 8021 stand in for each other"):
        roster(away("8011", "8021", "2026-03-10/2026-03-12"), away("8021", "8011", "2026-03-11"))
    with pytest.raises(ValidationError, match="8011 stand in"):
        roster(away("8011", "8011"))
    roster(away("8011", "8021", "2026-03-10"), away("8021", "8011", "2026-03-11"))  # never on the same day


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"staff": "9999", "days": TODAY}, "absence names staff 9999, who is not in staff.toml"),
        ({"staff": "8011", "days": TODAY, "substitute": "9999"}, r"absence of 8011 \(substitute\) names staff 9999"),
        ({"staff": "8011", "days": "10.3."}, "write a date like"),
        ({"staff": "8011", "days": TODAY, "hours": "18:00-13:00"}, "write hours of one day"),
    ],
)
def test_an_absence_that_cannot_be_says_what_would_be_right(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Tables.model_validate({**dict(TABLES), "absence": (wrong,)})

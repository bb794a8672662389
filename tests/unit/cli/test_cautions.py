"""What `ingestd check` warns of: each warning where it is due, and none where all is well."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingestd.cli.cautions import cautions
from ingestd.config.settings import Settings
from ingestd.config.tables import Tables

SPRING, AUTUMN = date(2026, 3, 10), date(2026, 11, 1)
GOOD: dict[str, Any] = {
    "imap": [{"name": "orders", "host": "imap.example", "authserv_id": "mx.example"}],
    "desk": {"notify": ["desk@house.example"], "closures": ["2027-02-05/2027-02-12"]},
    "alarms": {"destinations": [{"channel": "email", "recipient": "duty@house.example"}]},
    "calendar": {"free": ["2027-02-05/2027-02-12"]},
}
DISPATCHER = {"number": "8011", "name": "李", "role": "dispatcher", "email": "li@house.example"}
AGENT = {"number": "8021", "name": "林", "role": "agent", "email": "lin@house.example"}
TABLES: dict[str, Any] = {
    "customer": [{"name": "远达", "addresses": ["a@yuanda.example"]}],
    "staff": [DISPATCHER, AGENT],
    "area": [{"name": "城区", "kind": "urban", "default": True, "dispatcher": "8011", "fallback": "8011"}],
    "operations_manager": "8011",
}
PHONE_ONLY = {"number": "8011", "name": "李", "role": "driver", "phone": "+8613800138051"}


def warned(settings: dict[str, Any], tables: dict[str, Any], today: date = AUTUMN) -> list[str]:
    return cautions(Settings.model_validate(GOOD | settings), Tables.model_validate(TABLES | tables), today)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def test_a_careful_site_hears_nothing() -> None:
    assert warned({}, {}) == []


@pytest.mark.parametrize(
    ("settings", "tables", "about"),
    [
        ({"imap": []}, {}, "nothing will come in"),
        ({"imap": [{"name": "orders", "host": "imap.example"}]}, {}, "orders: authserv_id"),
        (
            {"inlet": {"enabled": True, "host": "0.0.0.0", "addresses": ["o@house.example"]}},
            {},
            'inlet.host = "0.0.0.0"',
        ),
        ({"inlet": {"enabled": True, "socket": "systemd", "addresses": ["o@house.example"]}}, {}, "no certificate"),
        (
            {"inlet": {"enabled": True, "addresses": ["o@house.example"], "trusted": ["192.0.2.0/24", "::1"]}},
            {},
            "192.0.2.0/24), and authserv_id",
        ),
        ({"desk": {"closures": ["2027-02-05"]}}, {}, "desk.notify"),
        ({"alarms": {}}, {}, "alarms.destinations is empty"),
        ({"alarms": {"destinations": [{"channel": "sms", "recipient": "+8613800138051"}]}}, {}, "text messages only"),
        ({"desk": {"notify": ["desk@house.example"]}}, {}, "no day of 2027"),
        ({"calendar": {"working": ["2027-02-20"]}}, {}, "holidays of 2027"),
        ({}, {"customer": []}, "customers.toml"),
        ({}, {"staff": [PHONE_ONLY, AGENT]}, "staff 8011 (李) has no email"),
        ({}, {"staff": [DISPATCHER]}, "none is agent, operations manager, fleet manager"),
        ({}, {"operations_manager": None}, "operations_manager"),
        ({}, {"area": []}, "default = true"),
        ({}, {"area": [TABLES["area"][0] | {"fallback": None}]}, "area 城区 has no fallback"),
    ],
)
def test_each_gap_is_named(settings: dict[str, Any], tables: dict[str, Any], about: str) -> None:
    (only,) = warned(settings, tables)
    assert about in only


def test_the_next_years_closures_are_asked_for_from_november_on() -> None:
    without = {"desk": {"notify": ["desk@house.example"]}}
    assert warned(without, {}, date(2026, 10, 31)) == []
    assert len(warned(without, {}, date(2026, 11, 1))) == 1


def test_a_phone_is_enough_where_text_messages_go_out() -> None:
    sms_alarm = {"destinations": [{"channel": "sms", "recipient": "+8613800138051"}]}
    assert warned({"sms": {"enabled": True}, "alarms": sms_alarm}, {"staff": [PHONE_ONLY, AGENT]}) == []

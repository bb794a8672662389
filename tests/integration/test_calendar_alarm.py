"""The alarm that a year's holidays are not known: each week anew, and over once they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingestd.daemon.alarms import tell_of_calendar
from ingestd.store.alarms import mark_told, open_alarms, untold_alarms
from ingestd.store.database import Database
from ingestd.store.upgrade import upgrade

NOVEMBER = datetime(2050, 11, 1, tzinfo=UTC)


def test_a_missing_year_is_told_each_week_until_it_is_known(database: str) -> None:
    upgrade(database)
    db = Database(database)
    told = []
    for day in range(20):
        now = NOVEMBER + timedelta(days=day)
        with db.write() as connection:
            tell_of_calendar(connection, (2051,), now)
            for alarm in untold_alarms(connection):
                assert (alarm.part, alarm.kind, alarm.detail) == ("calendar", "calendar", "2051")
                mark_told(connection, [alarm.alarm_id], now)
                told.append(day)
            assert len(open_alarms(connection)) == 1
    assert told == [0, 7, 14]
    with db.write() as connection:
        tell_of_calendar(connection, (), NOVEMBER + timedelta(days=20))
        assert open_alarms(connection) == []
    db.close()

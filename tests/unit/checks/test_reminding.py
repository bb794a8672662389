"""Who is reminded of reviews that nobody decided on in time."""

from __future__ import annotations

from datetime import timedelta

from ingestd.checks.reminding import reminders
from ingestd.config.settings import Desk, Settings
from ingestd.domain.decision import OverdueReview
from ingestd.domain.reading import Channel
from ingestd.domain.sending import Purpose
from tests.unit.checks.cases import NOW, TABLES, house

LONG_AGO = NOW - timedelta(hours=1)
FIRST = OverdueReview(4, 1, "260310001", 7, "wang@shoes.example", "agent_confirms", LONG_AGO, NOW)
SECOND = OverdueReview(5, None, None, 8, "who@strange.example", "unknown_sender", LONG_AGO, NOW)


def test_the_desk_and_the_operations_manager_get_one_letter_each_about_all() -> None:
    letters = reminders([FIRST, SECOND], house(), NOW)
    assert [(w.purpose, w.recipient, w.name) for w in letters] == [
        (Purpose.ESCALATION, "desk@house.example", ""),
        (Purpose.ESCALATION, "zhao@house.example", "赵"),
    ]
    assert {(w.overdue, w.cause) for w in letters} == {((FIRST, SECOND), "review:4")}


def test_a_manager_who_is_the_desk_is_told_once() -> None:
    alone = house(settings=Settings(desk=Desk(notify=("zhao@house.example",))))
    assert [(w.recipient, w.name) for w in reminders([FIRST], alone, NOW)] == [("zhao@house.example", "赵")]


def test_a_manager_whose_main_channel_is_sms_is_told_by_it() -> None:
    staff = tuple(
        s.model_copy(update={"phone": "+8613900000012", "main_channel": "sms"}) if s.number == "8012" else s
        for s in TABLES.staff
    )
    _, told = reminders([FIRST], house(TABLES.model_copy(update={"staff": staff})), NOW)
    assert (told.channel, told.recipient) == (Channel.SMS, "+8613900000012")


def test_where_nobody_is_named_nobody_is_told() -> None:
    nobody = house(TABLES.model_copy(update={"operations_manager": None}), Settings())
    assert reminders([FIRST], nobody, NOW) == []

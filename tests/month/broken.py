"""Builds of the daemon with one rule of an order's life taken out, for the judge to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from ingestd.calendar.pickup import pickup_deadline
from ingestd.checks import cancelling, changing, chasing, following, house, releasing, reporting, roster
from ingestd.config.follow_up import FollowUp
from ingestd.store import decisions, follow_ups, sendings
from ingestd.store.schema import follow_up
from tests.month.world import World

Break = Callable[[pytest.MonkeyPatch], None]
LOST_AFTER = timedelta(minutes=2)


def chases_twice(patch: pytest.MonkeyPatch) -> None:
    """What is asked once is asked again two hours later."""
    real = following.next_due

    def next_due(row: FollowUp, time: int, who: Any, now: datetime, of: Any) -> datetime | None:
        return real(row, time, who, now, of) or (now + timedelta(hours=2) if time == 1 and row.is_grouped else None)

    patch.setattr(chasing, "next_due", next_due)


def chases_what_is_over(patch: pytest.MonkeyPatch) -> None:
    """No follow-up ends by what happens."""
    patch.setattr(decisions, "end_follow_ups", lambda *_: None)
    patch.setattr(chasing, "is_over", lambda *_: False)


def writes_at_night(patch: pytest.MonkeyPatch) -> None:
    """Nobody's quiet hours count."""
    patch.setattr(house.House, "quiet_until", lambda _, now: now)


def works_on_closed_days(patch: pytest.MonkeyPatch) -> None:
    """The site's closures are days like others."""
    patch.setattr(house, "closed_days", lambda _: frozenset())


def knows_no_substitutes(patch: pytest.MonkeyPatch) -> None:
    """Who is away is asked all the same."""
    patch.setattr(roster, "absence_of", lambda *_: None)


def never_escalates(patch: pytest.MonkeyPatch) -> None:
    """Whoever was asked first is asked each time."""
    patch.setattr(FollowUp, "parts", property(lambda row: (row.to,)))


def loses_what_fell_due_meanwhile(patch: pytest.MonkeyPatch) -> None:
    """What fell due during a standstill is let go."""
    real = World.start_again

    def start_again(world: World) -> None:
        lost = update(follow_up).where(follow_up.c.state == "due", follow_up.c.due_at < world.clock.now() - LOST_AFTER)
        world.writer.run(lambda connection: connection.execute(lost.values(state="ended")))
        real(world)

    patch.setattr(World, "start_again", start_again)


def promises_from_the_first_mail(patch: pytest.MonkeyPatch) -> None:
    """The three minutes of a change run since its order came."""
    real = changing.amended_order
    patch.setattr(
        changing,
        "amended_order",
        lambda by, *rest: real(replace(by, since=by.order.order_time.arrived_at), *rest),
    )


def fetches_by_the_last_change(patch: pytest.MonkeyPatch) -> None:
    """Each change counts as the confirmation of which the pickup's deadline is reckoned."""

    def deadline(judged: Any, _: Any, deciding: Any) -> datetime:
        by = judged.content.pickup.by
        return pickup_deadline(deciding.now, judged.area.kind, by, deciding.house.pickup)

    patch.setattr(changing, "changed_deadline", deadline)


def forgets_the_half_hour(patch: pytest.MonkeyPatch) -> None:
    """Nobody remembers when somebody was written to last."""
    patch.setattr(follow_ups, "last_chased", lambda *_: {})


def lists_no_other_orders(patch: pytest.MonkeyPatch) -> None:
    """A chase names the orders that are due, and none of the others that are open."""
    patch.setattr(chasing, "others_of", lambda *_: [])


def withdraws_nothing(patch: pytest.MonkeyPatch) -> None:
    """What was to leave when its order was changed or called off leaves."""

    def nothing(_: Connection, __: object, ___: datetime) -> set[int]:
        return set()

    patch.setattr(decisions, "withdraw", nothing)
    patch.setattr(sendings, "withdraw_outdated", nothing)


def calls_off_in_silence(patch: pytest.MonkeyPatch) -> None:
    """Who has the work order of a cancelled order does not hear of it."""
    patch.setattr(cancelling, "told_of_cancellation", lambda *_: iter(()))


def keeps_releases_to_itself(patch: pytest.MonkeyPatch) -> None:
    """Who has held goods does not hear of their release."""
    patch.setattr(releasing, "looks_after", lambda *_: None)


def goes_back(patch: pytest.MonkeyPatch) -> None:
    """A late report moves its order back."""
    patch.setattr(reporting, "is_back", lambda *_: False)


BUILDS: dict[str, Break] = {
    one.__name__: one
    for one in (
        chases_twice, chases_what_is_over, writes_at_night, works_on_closed_days, knows_no_substitutes, never_escalates,
        loses_what_fell_due_meanwhile, promises_from_the_first_mail, fetches_by_the_last_change, forgets_the_half_hour,
        lists_no_other_orders, withdraws_nothing, calls_off_in_silence, keeps_releases_to_itself, goes_back,
    )
}  # fmt: skip

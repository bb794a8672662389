"""Which mails of a folder are taken in, and in which portions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.domain.message import FolderState
from ingestd.sources.imap.folder import arrived
from ingestd.sources.imap.intake import (
    BATCH_BYTES,
    EVER,
    Start,
    after_loss,
    batches,
    begun_again,
    is_wanted,
    look_back_from,
    source_key,
)
from ingestd.sources.imap.session import Facts

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
STATE = FolderState("orders", "INBOX", 5, 0, 0, NOW)


def facts(uid: int, size: int = 1000, arrived_at: datetime | None = NOW) -> Facts:
    return Facts(uid, size, arrived_at)


@pytest.mark.parametrize(
    ("said", "watermark", "baseline_uid", "first_seen_at"),
    [
        ("now", 40, 40, NOW),
        ("all", 0, 0, EVER),
        ("2026-11-22", 0, 40, datetime(2026, 11, 21, 16, 0, tzinfo=UTC)),
    ],
)
def test_first_sight_sets_what_is_baseline(
    said: str, watermark: int, baseline_uid: int, first_seen_at: datetime
) -> None:
    state = Start(said, ZONE).first_sight(STATE, 40, NOW)
    assert (state.watermark, state.baseline_uid, state.first_seen_at) == (watermark, baseline_uid, first_seen_at)


@pytest.mark.parametrize(
    ("uid", "arrived_at", "wanted"),
    [
        (40, NOW - timedelta(seconds=1), False),
        (40, NOW, True),
        (40, None, True),
        (41, NOW - timedelta(days=400), True),
    ],
)
def test_up_to_the_baseline_a_mail_is_wanted_by_its_arrival_beyond_it_always(
    uid: int, arrived_at: datetime | None, wanted: bool
) -> None:
    assert is_wanted(replace(STATE, baseline_uid=40), facts(uid, arrived_at=arrived_at)) is wanted


def test_a_new_uidvalidity_begins_at_zero_and_keeps_the_first_sight() -> None:
    again = begun_again(replace(STATE, watermark=90, baseline_uid=40), uidvalidity=6, highest=12)
    assert again == replace(STATE, uidvalidity=6, watermark=0, baseline_uid=12)
    assert source_key(again, 3) == "imap/orders/INBOX/6/3"


@pytest.mark.parametrize(
    ("watermark", "baseline_uid", "look_back", "first"),
    [
        (1000, 0, 500, 501),
        (1000, 900, 500, 901),
        (40, 40, 500, 41),
        (0, 0, 500, 1),
        (40, 90, 500, 41),
        (40, 0, 0, 41),
    ],
)
def test_looking_back_stays_above_the_baseline_and_leaves_nothing_out_above_the_watermark(
    watermark: int, baseline_uid: int, look_back: int, first: int
) -> None:
    assert look_back_from(replace(STATE, watermark=watermark, baseline_uid=baseline_uid), look_back) == first


@given(
    sizes=st.lists(st.integers(0, 2 * BATCH_BYTES), max_size=40),
    most=st.integers(1, 10),
    struck=st.dictionaries(st.integers(1, 40), st.integers(0, 5), max_size=5),
)
def test_batches_hold_each_mail_once_within_both_limits_and_the_struck_ones_alone_at_the_end(
    sizes: list[int], most: int, struck: dict[int, int]
) -> None:
    mails = [facts(uid, size) for uid, size in enumerate(sizes, start=1)]
    portions = list(batches(mails, most, struck))
    order = [mail.uid for portion in portions for mail in portion]
    assert sorted(order) == [mail.uid for mail in mails]
    assert all(len(portion) <= most for portion in portions)
    assert all(len(portion) == 1 or sum(mail.size for mail in portion) <= BATCH_BYTES for portion in portions)
    assert all(len(portion) == 1 for portion in portions if portion[0].uid in struck)
    assert order == sorted(order, key=lambda uid: (uid in struck, struck.get(uid, 0), uid))


def test_a_loss_over_several_lets_each_go_alone_and_counts_against_none() -> None:
    assert after_loss({7: 2}, [facts(6), facts(7)]) == {6: 0, 7: 2}


def test_a_loss_over_one_counts_against_it() -> None:
    assert after_loss({6: 0, 7: 2}, [facts(7)]) == {6: 0, 7: 3}
    assert after_loss({}, [facts(7)]) == {7: 1}


def test_nothing_arrives_later_than_now() -> None:
    assert arrived(NOW + timedelta(minutes=3), NOW) == NOW
    assert arrived(NOW - timedelta(days=3), NOW) == NOW - timedelta(days=3)
    assert arrived(None, NOW) == NOW

"""What a report says beside its kind: figures that were really there, who signed, the driver, the arrival."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from ingestd.domain.reading import Actual, Driver, Reading

Read = Callable[..., Reading]
Figures = tuple[int | None, int | None, float | None]


def figures(actual: Actual | None) -> Figures:
    """Pieces, kilograms and cubic metres."""
    if actual is None:
        return None, None, None

    def plain(value: Decimal | None) -> float | None:
        return None if value is None else float(value)

    quantity, weight = plain(actual.quantity), plain(actual.weight_kg)
    return None if quantity is None else int(quantity), None if weight is None else int(weight), plain(actual.volume_m3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # a scale's slip tells what was there, the order's paper does not
        ("260304018 9点40装好走了,仓库点的是46箱,磅单812公斤,跟单子差不多", (46, 812, None)),
        ("260304018应提20件500公斤,实提19件475公斤,缺一件", (19, 475, None)),
        ("260304018单子上写900公斤,我上地磅一称1350,先停在磅房", (None, 1350, None)),
        # each piece weighs as much
        ("260304018拉了,12托,一托80公斤", (12, 960, None)),
        # bare numbers under their labels
        ("260304018已装车。件数35。重量1240。", (35, 1240, None)),
        ("LT260304018 picked up, only 8 of 12 pallets loaded", (8, None, None)),
        # several orders with figures of their own: none is that of all
        ("260304018 30件已提,260304019 12件已提", (None, None, None)),
    ],
)
def test_what_was_there_is_no_figure_of_the_papers(sms: Read, text: str, told: Figures) -> None:
    assert figures(sms(text).details.actual) == told


@pytest.mark.parametrize(
    ("text", "signer"),
    [
        ("260304018 10点05分送到,单子上签字的是梁惠,盖了章", "梁惠"),
        ("260304018老板出差了,打电话让他妹妹收的,名字写的贺小芸", "贺小芸"),
        ("260304018 已交吴会计", "吴会计"),
        ("260304018送到了,10点整,李文斌收", "李文斌"),
        ("260304018货送到了,门卫老周签收", "门卫老周"),
    ],
)
def test_who_signed_is_named_in_many_ways(sms: Read, text: str, signer: str) -> None:
    assert sms(text).details.signed_by == signer


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("031 老魏跑 冀A7K218 电话13933221100", Driver("老魏", "+8613933221100", "冀A7K218")),
        ("收到260304018,粤S3D118刘志去提", Driver("刘志", None, "粤S3D118")),
        ("260304018小曹出去派了,他电话13933221100,中午12点前到客户那", Driver("小曹", "+8613933221100", None)),
        ("260304018安排阿坤去提,13933221100", Driver("阿坤", "+8613933221100", None)),
    ],
)
def test_a_driver_ends_where_he_goes(sms: Read, text: str, driver: Driver) -> None:
    assert sms(text).details.driver == driver


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("收到,260304018一个小时后到", 1),
        ("收到260304018,半小时左右赶到", 0.5),
        ("260304018接到,一个半小时能到厂里", 1.5),
        ("260304018 received, on my way, about 45 min away", 0.75),
        ("260304018车坏了,要晚两个小时到", None),
    ],
)
def test_an_arrival_is_told_from_now_on(sms: Read, text: str, hours: float | None) -> None:
    reading = sms(text)
    assert reading.sent_at is not None
    told = reading.details.eta
    assert (told and (told - reading.sent_at).total_seconds() / 3600) == hours


def test_an_hour_is_read_behind_a_serial_and_around_it(sms: Read) -> None:
    told = sms("260304018九点就到了,门口排了七八台车,还在等").details.at
    assert told is not None
    assert (told.hour, told.minute) == (9, 0)
    eta = sms("260304018车安排好了:皖A88F21,田师傅18633221100,4点前后到装货点").details.eta
    assert eta is not None
    assert eta.hour == 16


def test_the_next_step_of_what_goes_well_is_no_new_try(sms: Read) -> None:
    assert sms("260304018今早六点到达成都站,实卸88件,今天下午安排派送").details.next_try is None

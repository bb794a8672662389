"""What a report tells of each of several orders."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingestd.config.shipped import shipped
from ingestd.domain.reading import Channel, Driver, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions([shipped("parsers")])


def report(words: str, definitions: Definitions) -> Reading:
    raw = f"From: +8613800138000\nDate: 2026-03-10T10:40:00+08:00\nTo: 10690000\n\n{words}".encode()
    return read(Channel.SMS, raw, definitions)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("001已提，002没货", {("001",): "picked_up", ("002",): "pickup_failed"}),
        ("221,222已提,223没提到,工厂没人", {("221", "222"): "picked_up", ("223",): "pickup_failed"}),
        (
            "已提260310001，260310002；260310003没提到",
            {("260310001", "260310002"): "picked_up", ("260310003",): "pickup_failed"},
        ),
        (
            "收到，260310001和260310002已提，260310003没提到",
            {("260310001", "260310002"): "picked_up", ("260310003",): "pickup_failed"},
        ),
        (
            "260310001已签收，马国强签的。260310002明天上午送",
            {("260310001",): "delivered", ("260310002",): "waiting"},
        ),
    ],
)
def test_each_order_has_what_is_told_of_it(
    words: str, told: dict[tuple[str, ...], str], definitions: Definitions
) -> None:
    assert {part.refers_to: part.details.report for part in report(words, definitions).parts} == told


def test_figures_belong_to_the_order_beside_them(definitions: Definitions) -> None:
    parts = report("260310001提了10件，260310002提了5件", definitions).parts
    assert [part.details.actual and part.details.actual.quantity for part in parts] == [10, 5]


@pytest.mark.parametrize(
    "words", ["221、222、225已提", "001和002已提", "已提260310001，260310002", "260310001已提", "收到"]
)
def test_one_thing_told_of_all_has_no_parts(words: str, definitions: Definitions) -> None:
    assert report(words, definitions).parts == ()


def test_what_is_not_clear_of_one_order_says_nothing_of_it(definitions: Definitions) -> None:
    first, second = report("260310001已提，260310002你们自己看着办吧", definitions).parts
    assert (first.details.report, second.details.report) == ("picked_up", None)


def test_who_signed_may_stand_behind_a_comma(definitions: Definitions) -> None:
    assert report("260310001已签收，马国强", definitions).details.signed_by == "马国强"
    assert report("260310001已签收，货物完好", definitions).details.signed_by is None


def test_a_driver_is_told_by_his_title_and_phone(definitions: Definitions) -> None:
    driver = report("260310001已装车派送，李师傅13800138007", definitions).details.driver
    assert driver == Driver("李师傅", "+8613800138007")


def test_what_is_to_be_delivered_tomorrow_is_not_on_its_way(definitions: Definitions) -> None:
    assert report("260310002明天上午送", definitions).details.report == "waiting"
    assert report("已约好，今天下午3点前送到", definitions).details.report == "accepted"


@pytest.mark.parametrize(
    ("words", "agreed"),
    [
        ("260310221 已联系好收货人，下午送", "10T18:00"),
        ("联系好收货人了 下午送 260310221", "10T18:00"),
        ("260310221 跟收货人约好了，明天上午送", "11T12:00"),
        ("收货人那边约好了，他明早来提 221", "11T12:00"),
        ("约好明天上午10点", "11T10:00"),
        ("人联系上了，说后天才有空收，约后天上午", "12T23:59"),
        ("260310221 联系好了", None),
    ],
)
def test_what_a_depot_agreed_on_with_the_consignee_is_neither_delivered_nor_failed(
    words: str, agreed: str | None, definitions: Definitions
) -> None:
    details = report(words, definitions).details
    assert details.report == "accepted"
    assert (None if details.eta is None else details.eta.isoformat()[8:16]) == agreed


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("260310221 客户不在，约好明天送", "delivery_failed"),
        ("约好两点，到了没人", "delivery_failed"),
        ("联系不上收货人", "delivery_failed"),
        ("已联系，正在送", "out_for_delivery"),
        ("260310221已签收，约好的时间送的", "delivered"),
    ],
)
def test_what_has_happened_in_spite_of_what_was_agreed_on_counts(
    words: str, kind: str, definitions: Definitions
) -> None:
    assert report(words, definitions).details.report == kind


@pytest.mark.parametrize("words", ["260310221 4点半到", "收到，4点半到", "已派粤B12345，4点半到"])
def test_when_who_is_on_his_way_will_be_there_is_no_hour_of_last_night(words: str, definitions: Definitions) -> None:
    details = report(words, definitions).details
    assert details.at is None
    assert details.eta == datetime.fromisoformat("2026-03-10T16:30+08:00")

"""Replies that order "as last time": what they leave out comes from the quote, and says so."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from ingestd.domain.reading import Intent, Reading
from tests.unit.parsing.clients import HEADED, MARKED, marked

Email = Callable[[bytes], Reading]
OLD = (
    "您好，已受理：\n单号：260309411\n发货人：吕喆\n联系电话：13605876300\n提货地址：台州市温岭市大溪镇泽丰路7号\n"
    "提货时间：3月9日15:00前\n货物：水泵电机 28台 700kg 1.4方\n发往：衡阳\n收货人：欧阳镕\n收货电话：13973405500\n"
    "付费方式：到付\n运费：320元\n代收货款：5000元\n送达时间：3月11日前\n进仓编号：HX2611-07\n"
)


def reply(new: str, history: str = HEADED["qq"] + "\n" + OLD) -> bytes:
    head = "From: a@shipper.example\r\nSubject: Re: 260309411\r\nDate: Tue, 10 Mar 2026 10:02:03 +0800\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{new}\n\n{history}".encode()


@pytest.mark.parametrize(
    "words",
    [
        "同上", "同上次", "同上，谢谢", "老样子", "还是老样子", "跟上次一样", "这票和上次一样，麻烦安排", "照上次的发",
        "按老规矩", "再来一票，同上次", "您好，\n同上一单。\n谢谢", "資料同上次",
        "Same as last time please", "Hi,\nsame again, thanks",
    ],
)  # fmt: skip
@pytest.mark.parametrize("history", [HEADED["qq"] + "\n" + OLD, MARKED["gmail zh"] + marked(OLD)])
def test_a_bare_ditto_takes_the_order_from_the_quote_and_says_so(words: str, history: str, email: Email) -> None:
    reading = email(reply(words, history))
    (order,) = reading.orders
    assert (reading.intent, reading.review, reading.problems) == (Intent.ORDER, ("from_quote",), ())
    assert (order.shipper.name, order.shipper.phones) == ("吕喆", ("+8613605876300",))
    assert (order.consignee.name, order.destination, order.payment) == ("欧阳镕", "衡阳", "collect")
    assert [(c.name, c.quantity, c.weight_kg) for c in order.cargo] == [("水泵电机", Decimal(28), Decimal(700))]
    evidence = {e.path: e for e in reading.evidence}
    assert all(e.rule.startswith("quote.") for e in reading.evidence if e.path.startswith("orders"))
    assert (evidence["orders[0].destination"].words, evidence["orders[0].payment"].words) == ("衡阳", "到付")


def test_sums_dates_and_numbers_of_last_time_are_not_taken(email: Email) -> None:
    (order,) = email(reply("同上次")).orders
    assert (order.freight, order.cod, order.deliver_by, order.references) == (None, None, None, ())
    assert (order.pickup.by, order.pickup.address) == (None, "台州市温岭市大溪镇泽丰路7号")


@pytest.mark.parametrize(
    ("words", "cargo", "consignee", "missing"),
    [
        ("跟上次一样，数量改20件", ("水泵电机", 20, None, None), "欧阳镕", ["cargo.weight_kg"]),
        ("老样子，30台750公斤", ("水泵电机", 30, 750, None), "欧阳镕", []),
        ("老样子再发20台，500公斤", ("水泵电机", 20, 500, None), "欧阳镕", []),
        ("再来一票，其他同上次，货物：铜线 5卷 100公斤", ("铜线", 5, 100, None), "欧阳镕", []),
        ("同上次，这次收货人李明 13900139000", ("水泵电机", 28, 700, Decimal("1.4")), "李明", []),
        ("老样子，发往：长沙", ("水泵电机", 28, 700, Decimal("1.4")), None, ["consignee.name", "consignee.phones"]),
    ],
)  # fmt: skip
def test_what_a_ditto_says_itself_outdates_the_quote(
    words: str, cargo: tuple[object, ...], consignee: str | None, missing: list[str], email: Email
) -> None:
    reading = email(reply(words))
    (order,) = reading.orders
    assert [(c.name, c.quantity, c.weight_kg, c.volume_m3) for c in order.cargo] == [cargo]
    assert (order.consignee.name, [p.field for p in reading.problems]) == (consignee, missing)
    assert reading.review[0] == "from_quote"


def test_a_figure_of_one_piece_holds_for_another_number(email: Email) -> None:
    each = OLD.replace("28台 700kg 1.4方", "28台 每台25公斤")
    (order,) = email(reply("跟上次一样，数量改20台", HEADED["qq"] + "\n" + each)).orders
    assert order.cargo[0].weight_kg == 500


@pytest.mark.parametrize(
    "words",
    [
        "收到，谢谢", "收货电话改成13900001111，其他同上", "同上次的问题一样，司机没来", "跟上次一样吗？",
        "这单取消，同上次", "发货地址同上", "数量改成20台，其余同上次",
    ],
)  # fmt: skip
def test_other_words_take_nothing_from_the_quote(words: str, email: Email) -> None:
    reading = email(reply(words))
    assert reading.intent is not Intent.ORDER
    assert not any(e.rule.startswith("quote.") for e in reading.evidence)


def test_the_nearest_order_counts_and_of_several_in_one_quote_none(email: Email) -> None:
    other = OLD.replace("衡阳", "岳阳")
    near = HEADED["foxmail"] + "\n好的\n\n" + HEADED["outlook zh"] + "\n" + other + "\n" + HEADED["qq"] + "\n" + OLD
    assert email(reply("同上次", near)).orders[0].destination == "岳阳"
    two = HEADED["qq"] + "\n1、" + "，".join(OLD.split("\n")[2:9]) + "\n2、" + "，".join(other.split("\n")[2:9])
    assert "from_quote" not in email(reply("同上次", two)).review


REPEATED = (
    "水泵电机 28台 700kg 1.4方\n提货地址：台州市温岭市大溪镇泽丰路7号\n发往：衡阳\n收货人：欧阳镕 13973405500\n到付\n"
)


@pytest.mark.parametrize(
    "words", ["核对过了，都对", "没问题，就这么发", "All correct, please proceed", "全部啱，冇嘢要改"]
)
def test_a_yes_that_repeats_the_quoted_values_is_a_confirmation(words: str, email: Email) -> None:
    for text in (f"{words}\n\n{REPEATED}", f"{REPEATED}\n{words}"):
        assert email(reply(text)).intent is Intent.CONFIRMATION


@pytest.mark.parametrize(
    "text",
    [
        REPEATED, f"再发一票，没问题的话今天提\n{REPEATED}", f"没问题\n{REPEATED.replace('28台', '30台')}",
        f"没问题\n{REPEATED.replace('衡阳', '岳阳')}",
    ],
)  # fmt: skip
def test_an_order_that_only_resembles_the_quoted_one_stays_an_order(text: str, email: Email) -> None:
    assert email(reply(text)).intent is Intent.ORDER

"""The letters of an order's life after its work order: what each is told, from what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ingestd.composing.changes import changed
from ingestd.composing.facts import Facts, Teller
from ingestd.composing.figures import clean
from ingestd.composing.open_orders import open_orders
from ingestd.composing.rows import entry, rows_of, to_pay
from ingestd.domain.decision import Wanted
from ingestd.domain.order import Happening, OrderView
from ingestd.domain.reading import CargoLine, Delivery, Details, Driver
from ingestd.domain.sending import Purpose

DAILY = "daily"  # the happening of a status note about several orders, and the name of its templates
Tells = Callable[[Wanted, Teller, datetime], Facts]


def order_of(wanted: Wanted) -> OrderView:
    """The order that a letter is about."""
    assert wanted.order is not None
    return wanted.order


def cancelled(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """An order that is called off, told so that nobody takes it for another one."""
    order = order_of(wanted)
    told = teller.facts(order)
    return {**told, "brief": teller.brief(order.content), "landmark": teller.landmark(told["pickup_address"])}


def noticed(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """What staff is to do about an order, by the `[notice]` table of the labels."""
    order, words = order_of(wanted), entry("notice", wanted.happening, teller)
    return {
        **changed(order, teller),
        "happening": wanted.happening,
        "title": words["subject"],
        "line": words["line"],
        "todo": words["todo"].format(serial=clean(order.serial)),
        "rows": rows_of(words["shows"], order, wanted.details, teller),
        "sms": words["sms"],
        "short_rows": rows_of(words["sms_shows"], order, wanted.details, teller),
    }


def progressed(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """What has happened to an order and what is next, by the `[progress]` table of the labels."""
    order, words = order_of(wanted), entry("progress", wanted.happening, teller)
    return {
        **teller.facts(order),
        "happening": wanted.happening,
        "title": words["title"],
        "line": fitting("line", words, order),
        "next": fitting("next", words, order).format(serial=clean(order.serial)),
        "coming": teller.wording["coming_news"].get(wanted.told_next, ""),
        "rows": rows_of(words["shows"], order, wanted.details, teller),
        "short_rows": rows_of(words.get("sms_shows", words["shows"]), order, wanted.details, teller),
        "brief": teller.brief(order.content),
    }


def fitting(key: str, words: Mapping[str, Any], order: OrderView) -> str:
    """The words of an entry for goods that are held, collected, or whose receipt is to come back; else the plain ones.

    They stand under the key with `_hold`, `_self_collect` or `_receipt` behind it.
    """
    content = order.content
    kinds = {
        "hold": content.hold,
        "self_collect": content.delivery is Delivery.SELF_COLLECT,
        "receipt": content.receipt is not None,
    }
    names = (f"{key}_{kind}" for kind, is_so in kinds.items() if is_so)
    return str(next((words[name] for name in names if name in words), words[key]))


def daily(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """Where a shipper's orders are: of each serial, goods and place, state, and until when it is delivered."""
    states = teller.wording["state"]
    orders = [
        (
            clean(order.serial),
            teller.brief(order.content),
            states.get(order.state or "", ""),
            teller.times.moment(order.deliver_by),
        )
        for order in wanted.orders or (order_of(wanted),)
    ]
    return {"orders": orders, "count": len(orders), "more": 0}


def which_order(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """The orders that a report may be about: of each serial, place, place in few words, goods."""
    told = [teller.facts(order) for order in wanted.orders]
    orders = [
        (t["serial"], t["pickup_address"], teller.landmark(t["pickup_address"]), teller.brief(order.content))
        for t, order in zip(told, wanted.orders, strict=True)
    ]
    words = teller.wording["report"]
    reported = words.get((wanted.details or Details()).report or "", words["other"])
    return {"orders": orders, "count": len(orders), "more": 0, "reported": reported}


def announced(wanted: Wanted, teller: Teller, _: datetime) -> Facts:
    """Goods that come to their consignee: from whom, how many, when, what they cost him, whom to call."""
    order, details = order_of(wanted), wanted.details or Details()
    shipper, driver = order.content.shipper, details.driver or Driver()
    return {
        **teller.facts(order),
        "sender": clean(shipper.company or shipper.name),
        "parcels": parcels(order.content.cargo, teller),
        "coming": coming(wanted.happening, order, details, teller),
        "self_collect": order.content.delivery is Delivery.SELF_COLLECT,
        "to_pay": to_pay(order, teller),
        "driver": clean(driver.name),
        "driver_phone": teller.phones((driver.phone,) if driver.phone else ()),
        "plate": clean(driver.plate),
    }


def parcels(cargo: Sequence[CargoLine], teller: Teller) -> str:
    """The goods by the first of their names, and how many packages there are of each unit."""
    if not cargo:
        return ""
    counts = [teller.quantity(line) for line in cargo if line.quantity is not None]
    name = clean(cargo[0].name)
    first = CargoLine(teller.wording["brief"]["many"].format(name) if len(cargo) > 1 and name else name)
    return teller.named(first, str(teller.wording["brief"]["counts"]).join(counts))


def coming(happening: str, order: OrderView, details: Details, teller: Teller) -> str:
    """When goods come to their consignee, as exactly as it is known."""
    words, times, content = teller.wording["coming"], teller.times, order.content
    window = times.window(content.deliver_from, content.deliver_by)
    if details.eta or window:
        return str(words["at"]).format(times.moment(details.eta) or window)
    if happening == Happening.OUT_FOR_DELIVERY:
        return str(words["today"])
    return str(words["by"]).format(times.moment(order.deliver_by)) if order.deliver_by else str(words["soon"])


LIFE: Mapping[str, Tells] = {  # by the name of its templates
    Purpose.CANCELLATION: cancelled,
    Purpose.NOTICE: noticed,
    Purpose.WHICH_ORDER: which_order,
    Purpose.PROGRESS: progressed,
    DAILY: daily,
    Purpose.ANNOUNCEMENT: announced,
    Purpose.CHASE: open_orders,
    Purpose.ESCALATION: open_orders,
}


def templates_of(wanted: Wanted) -> str:
    """The name of the templates of a letter of an order's life."""
    return DAILY if wanted.purpose is Purpose.PROGRESS and wanted.happening == DAILY else wanted.purpose.value

"""Writes every letter into a folder, in both languages, of several orders, to be looked at.

Usage: scripts/gallery.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from ingestd.composing.composer import Composer, Letter, Repeat, ReviewCase, TextMessage, Told, Trouble
from ingestd.composing.drafts import letter_for, text_for
from ingestd.composing.wording import LANGUAGES
from ingestd.config.settings import Site, WorkOrderSms
from ingestd.domain.answer import Answer, Offer
from ingestd.domain.assessment import Assessment, Basis, Due, Finding, Hit, Quote
from ingestd.domain.decision import Language, OverdueReview, Tried, Wanted
from ingestd.domain.order import OrderState, OrderTime, OrderView
from ingestd.domain.reading import (
    Actual,
    CargoLine,
    Channel,
    Charge,
    Code,
    Consignee,
    Delivery,
    Details,
    Driver,
    OrderReading,
    Party,
    Payment,
    Pickup,
    Problem,
    Receipt,
    Reference,
)
from ingestd.domain.sending import Purpose

ROOT = Path(__file__).resolve().parent.parent
TIME = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SITE = Site(name="顺驰物流有限公司", signature="顺驰物流", phone="0755-88886666", address="orders@shunchi.example")
PLAIN = {
    "zh": OrderReading(
        shipper=Party("王先生", "古镇星河灯饰有限公司", ("+8613823033212",)),
        pickup=Pickup("中山市古镇镇灯饰广场B3栋2楼", "仓库老李", ("+8676022345678;ext=801",)),
        cargo=(CargoLine("LED灯具", Decimal(40), "箱", Decimal(600), Decimal("3.5")),),
        destination="义乌",
        consignee=Consignee("许小姐", "义乌恒通商贸", ("+8657985321466",), "义乌市福田街道诚信一区41栋"),
        payment=Payment.PREPAID,
        remarks="易碎，请勿倒置",
    ),
    "en": OrderReading(
        shipper=Party("Daniel Weber", "Bright Star Lighting Co., Ltd", ("+8613823033212",)),
        pickup=Pickup("Bldg B3, Lighting Plaza, Guzhen, Zhongshan", "Mr Li", ("+8676022345678;ext=801",)),
        cargo=(CargoLine("LED lamps", Decimal(40), "ctns", Decimal(600), Decimal("3.5")),),
        destination="Yiwu",
        consignee=Consignee(
            "Ms Xu", "Yiwu Hengtong Trading", ("+8657985321466",), "Bldg 41, Chengxin Area 1, Futian, Yiwu"
        ),
        payment=Payment.PREPAID,
        remarks="fragile, this side up",
    ),
}
DUES = (Due("送货费", Decimal(72), "door"),)
QUOTE = Quote("义乌市", Decimal(480), Basis.WEIGHT, 2, 3)
MISSING = (Problem(Code.MISSING, "consignee.phones", 0), Problem(Code.MISSING, "cargo.weight_kg", 0))
ASKS = (
    Hit("payment_not_allowed", Finding.ASK, "monthly"),
    Hit("place_contradiction", Finding.ASK, "义乌|杭州"),
    Hit("consignee_full_name", Finding.ASK, "许小姐"),
    Hit("second_shipment", Finding.ASK, "260310187"),
)
BLOCKED = (Hit("prohibited_goods", Finding.BLOCK, "烟花:爆炸品"),)


def whole(content: OrderReading, language: Language) -> OrderReading:
    """The order with all that an order may have, and goods of three kinds."""
    others = (("五金配件", "件"), ("说明书", "包")) if language == "zh" else (("hardware", "pcs"), ("manuals", "bags"))
    goods = (
        *content.cargo,
        CargoLine(others[0][0], Decimal(120), others[0][1], Decimal("88.5"), None),
        CargoLine(others[1][0], Decimal(3), others[1][1], Decimal(24), Decimal("0.1")),
    )
    return replace(
        content, cargo=goods, delivery=Delivery.UPSTAIRS, deliver_from=TIME + timedelta(days=2),
        deliver_by=TIME + timedelta(days=2, hours=3), freight=Decimal(1280), cod=Decimal(3500),
        charges=(Charge("打木架费" if language == "zh" else "crating", Decimal(150)),), declared_value=Decimal(20000),
        vehicle="9.6米高栏" if language == "zh" else "9.6 m high-sided truck", hold=True, receipt=Receipt.ORIGINAL,
        references=(Reference("entry", "SZX2603188"), Reference("customer", "PO-77120-A")),
        pickup=replace(content.pickup, start=TIME, by=TIME + timedelta(hours=2)),
    )  # fmt: skip


def view(content: OrderReading, hits: tuple[Hit, ...] = (), problems: tuple[Problem, ...] = ()) -> OrderView:
    """An order of that content."""
    placed = OrderTime(TIME, "arrival", "sample", None, TIME)
    made = Assessment(hits=hits, dues=DUES, quote=QUOTE)
    return OrderView(
        "260310221", 1, content, placed, "古镇灯饰", "城区", TIME + timedelta(hours=3), TIME, "8011", problems,
        cargo_note="内含锂电池，轻放" if content.hold else "", assessment=made,
    )  # fmt: skip


DRIVERS = {"zh": Driver("张师傅", "+8613912345678", "粤B12345"), "en": Driver("Mr Zhang", "+8613912345678", "B12345")}


def under_way(content: OrderReading, language: Language) -> OrderView:
    """An order whose driver is known, to be delivered by the next day but one."""
    return replace(view(content), driver=DRIVERS[language], deliver_by=TIME + timedelta(days=2))


def changed(content: OrderReading, language: Language) -> OrderView:
    """An order with all that there may be, which was another one before."""
    now = whole(content, language)
    goods = (replace(now.cargo[0], quantity=Decimal(38)), now.cargo[1], CargoLine("A6205", Decimal(2), "件"))
    consignee = replace(now.consignee, phones=("+8613905791234",), address=None)
    old = replace(now, cargo=goods, consignee=consignee, cod=None, remarks="轻放" if language == "zh" else "with care")
    return replace(under_way(now, language), revision=2, before=old)


def wanted(purpose: Purpose, order: OrderView, language: Language, happening: str = "") -> Wanted:
    """A letter of an order's life."""
    signed_by, reason = {"zh": ("许小姐", "仓库没人"), "en": ("Ms Xu", "nobody there")}[language]
    details = Details(
        None, None, happening, TIME, signed_by, reason, TIME + timedelta(days=1), TIME + timedelta(hours=20),
        order.driver, Actual(Decimal(38), Decimal(600)),
    )  # fmt: skip
    return Wanted(
        purpose, Channel.EMAIL, "a@b.example", language, "gallery", TIME, order, happening=happening,
        details=details,
    )  # fmt: skip


def of_life(composer: Composer, language: Language) -> Iterator[tuple[str, Letter | None, TextMessage | None]]:
    """The letters of an order's life, by name, each with its text message."""
    plain, all_of_it = under_way(PLAIN[language], language), changed(PLAIN[language], language)
    held = replace(all_of_it, before=None, content=replace(all_of_it.content, payment=Payment.COLLECT))
    letters = {
        "cancellation": wanted(Purpose.CANCELLATION, plain, language),
        "announcement": wanted(Purpose.ANNOUNCEMENT, plain, language),
        "announcement.collect": wanted(Purpose.ANNOUNCEMENT, held, language),
        "progress.arrived.held": wanted(Purpose.PROGRESS, held, language, "arrived"),
        "progress.delivered.receipt": wanted(Purpose.PROGRESS, held, language, "delivered"),
    }
    for word in composer.wordings[language]["notice"]:
        order = all_of_it if word == "changed" else replace(held, depot="")
        letters[f"notice.{word}"] = wanted(Purpose.NOTICE, order, language, word)
    for word in composer.wordings[language]["progress"]:
        letters[f"progress.{word}"] = wanted(Purpose.PROGRESS, plain, language, word)
    for name, one in {**letters, **dict(about_several(plain, held, language))}.items():
        late = TIME + timedelta(days=2, hours=5)
        yield name, letter_for(composer, one, late), text_for(composer, one, late)


def about_several(plain: OrderView, held: OrderView, language: Language) -> Iterator[tuple[str, Wanted]]:
    """The letters about several orders of one person."""
    name = {"zh": "李调度", "en": "Mr Li"}[language]
    outcome = {"zh": "未接", "en": "no answer"}[language]
    fresh = replace(plain, serial="260312005", deliver_by=None, pickup_by=TIME + timedelta(days=3))
    orders = (
        replace(plain, deliver_by=None, state=OrderState.TAKEN),
        replace(held, serial="260310222", state=OrderState.HELD),
        replace(fresh, state=OrderState.CONFIRMED),
    )
    asks = (("pickup_asked", "pickup_overdue"), ("delivery_overdue",), ("not_accepted", "vehicle_asked"))
    late = TIME + timedelta(days=2, hours=3)
    tried = (Tried(late, "pickup_overdue", name), Tried(late + timedelta(minutes=35), "call", name, outcome))
    base = replace(wanted(Purpose.CHASE, plain, language), order=None, orders=orders, name=name, asks=asks)
    yield "chase", base
    yield "chase.many", replace(base, orders=orders * 5, asks=asks * 5)
    yield "escalation", replace(base, purpose=Purpose.ESCALATION, tried=(tried, tried[:1], ()))
    yield "which_order", replace(base, purpose=Purpose.WHICH_ORDER)
    yield "daily", replace(base, purpose=Purpose.PROGRESS, happening="daily")


def to_shippers(composer: Composer, language: Language) -> Iterator[tuple[str, Letter | None, TextMessage | None]]:
    """The letters to a shipper, by name, each with its text message."""
    plain = PLAIN[language]
    bare = replace(
        plain,
        consignee=Consignee(plain.consignee.name),
        cargo=(replace(plain.cargo[0], weight_kg=None, volume_m3=None),),
    )
    orders = {
        "plain": view(plain),
        "whole": view(whole(plain, language)),
        "bare": view(bare, problems=MISSING),
        "checked": view(plain, ASKS),
        "blocked": view(plain, BLOCKED),
        "under_way": under_way(plain, language),
        "changed": changed(plain, language),
    }
    shown = {
        "acknowledgement": ("plain", "whole", "changed"),
        "confirmation_request": ("plain", "whole"),
        "question": ("bare", "checked", "whole"),
        "refusal": ("blocked",),
    }
    for purpose, names in shown.items():
        for name in names:
            order = orders[name]
            if purpose == "question" and name == "whole":
                order = replace(order, problems=(Problem(Code.AMBIGUOUS, "cargo.quantity", 0), MISSING[0]))
            made, short = getattr(composer, purpose), getattr(composer, f"{purpose}_sms")
            yield f"{purpose}.{name}", made(order, language), short(order, language)
    reason = {"zh": "这几天没有到那里的车", "en": "there is no truck to that place this week"}[language]
    declined = orders["plain"], reason, language
    yield "decline", composer.decline(*declined), composer.decline_sms(*declined)
    offer = Offer("义乌", QUOTE, Decimal("0.8"), Decimal(190), Decimal(60))
    price = Told(None, "", Answer("price", "中山", (offer, Offer("拉萨")), Decimal(600), Decimal("3.5"), DUES))
    for name, told in (("status", Told(orders["under_way"], "taken")), ("price", price)):
        yield f"answer.{name}", composer.answer(told, language), composer.answer_sms(told, language)
    yield "holding_reply", composer.holding_reply(language), composer.holding_reply_sms(language)
    again = Repeat(("260310221",), TIME)
    yield "duplicate_notice", composer.duplicate_notice(again, language), None
    same = Repeat(("260310187",), None, "260310221"), language
    yield "duplicate_notice.same", composer.duplicate_notice(*same), composer.duplicate_notice_sms(*same)
    answered = orders["bare"], language
    yield "handover", composer.handover(*answered), composer.handover_sms(*answered)


def to_colleagues(composer: Composer, language: Language) -> Iterator[tuple[str, Letter | None, TextMessage | None]]:
    """The letters to dispatch and to the desk, by name, each with its text message."""
    plain, late = PLAIN[language], TIME + timedelta(hours=5)
    orders = {"plain": view(plain), "whole": view(whole(plain, language)), "changed": changed(plain, language)}
    for name, order in orders.items():
        yield f"work_order.{name}", composer.work_order(order, language), composer.work_order_sms(order, language)
    name = {"zh": "李调度", "en": "Mr Li"}[language]
    words = "王先生13823033212\n灯具40箱到义乌，付费老样子"
    sender, doubts = "cang1@shipper.example", ("low_support:consignee.address", "second_shipment:260310187")
    case = ReviewCase(17, sender, TIME, doubts, view(plain, problems=MISSING), words, late)
    yield "review_notice.order", composer.review_notice(case, language), None
    yield "review_notice.message", composer.review_notice(replace(case, order=None), language), None
    refused = ReviewCase(17, sender, TIME, ("prohibited_goods:烟花:爆炸品",), view(plain, BLOCKED), words)
    yield "review_notice.refused", composer.review_notice(refused, language), None
    overdue = [OverdueReview(3, 1, s, 17, sender, doubts[0], TIME, late) for s in ("260310221", None)]
    due = name, overdue, language
    yield "review_due", composer.review_due(*due), composer.review_due_sms(*due)
    trouble = Trouble("mailbox", "orders", TIME)
    yield "alarm", composer.alarm(trouble, language), composer.alarm_sms(trouble, language)


def everything(composer: Composer, language: Language) -> Iterator[tuple[str, Letter | None, TextMessage | None]]:
    """All letters of a language, by name."""
    yield from to_shippers(composer, language)
    yield from to_colleagues(composer, language)
    yield from of_life(composer, language)


def main(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    composer = Composer([ROOT / "templates"], SITE, WorkOrderSms())
    for language in LANGUAGES:
        for name, letter, short in everything(composer, language):
            if letter:
                (folder / f"{name}.{language}.txt").write_text(f"{letter.subject}\n\n{letter.text}", "utf-8")
            if letter and letter.html:
                (folder / f"{name}.{language}.html").write_text(letter.html, "utf-8")
            if short:
                (folder / f"{name}.{language}.sms.txt").write_text("\n".join(short.parts) + "\n", "utf-8")
    print(f"{len(list(folder.iterdir()))} files in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "letters")

"""Writes every letter to a shipper into a folder, in both languages, of a full and a bare order, to be looked at.

Usage: scripts/gallery.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ingestd.composing.composer import Composer, Letter, TextMessage
from ingestd.composing.wording import LANGUAGES
from ingestd.config.settings import Site, WorkOrderSms
from ingestd.domain.assessment import Assessment, Basis, Due, Finding, Hit, Quote
from ingestd.domain.order import OrderTime, OrderView
from ingestd.domain.reading import CargoLine, Code, Consignee, OrderReading, Party, Payment, Pickup, Problem

ROOT = Path(__file__).resolve().parent.parent
TIME = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
SITE = Site(name="顺驰物流有限公司", signature="顺驰物流", phone="0755-88886666", address="orders@shunchi.example")
FULL = OrderReading(
    shipper=Party("王先生", "古镇星河灯饰有限公司", ("+8613823033212",)),
    pickup=Pickup("中山市古镇镇灯饰广场B3栋2楼", "仓库老李", ("+8676022345678;ext=801",)),
    cargo=(CargoLine("LED灯具", Decimal(40), "箱", Decimal(600), Decimal("3.5")),),
    destination="义乌",
    consignee=Consignee("许小姐", "义乌恒通商贸", ("+8657985321466",), "义乌市福田街道诚信一区41栋"),
    payment=Payment.PREPAID,
    remarks="易碎，请勿倒置",
)
BARE = replace(FULL, consignee=Consignee("许小姐"), payment=None, remarks=None)
CHECKED = Assessment(
    hits=(
        Hit("payment_not_allowed", Finding.ASK, "monthly"),
        Hit("prohibited_goods", Finding.BLOCK, "烟花:爆炸品"),
    ),
    dues=(Due("送货费", Decimal(72), "door"),),
    quote=Quote("义乌市", Decimal(480), Basis.WEIGHT, 2, 3),
)
MISSING = (Problem(Code.MISSING, "consignee.phones", 0), Problem(Code.MISSING, "payment", 0))


def view(content: OrderReading, problems: tuple[Problem, ...] = ()) -> OrderView:
    """An order of that content."""
    placed = OrderTime(TIME, "arrival", "sample", None, TIME)
    return OrderView(
        "260310221", 1, content, placed, "古镇灯饰", "城区", TIME, TIME, "8011", problems, assessment=CHECKED
    )


def letters(composer: Composer, language: str) -> Iterator[tuple[str, Letter, TextMessage]]:
    """Each letter with its text message."""
    for name, order in (("full", view(FULL)), ("bare", view(BARE, MISSING))):
        for purpose in ("acknowledgement", "question", "confirmation_request", "refusal"):
            made, short = getattr(composer, purpose), getattr(composer, f"{purpose}_sms")
            yield f"{purpose}.{name}.{language}", made(order, language), short(order, language)


def main(folder: Path) -> None:
    """Write them all."""
    folder.mkdir(parents=True, exist_ok=True)
    composer = Composer([ROOT / "templates"], SITE, WorkOrderSms())
    for language in LANGUAGES:
        for name, letter, short in letters(composer, language):
            (folder / f"{name}.txt").write_text(f"{letter.subject}\n\n{letter.text}", "utf-8")
            (folder / f"{name}.sms.txt").write_text("\n".join(short.parts) + "\n", "utf-8")
            if letter.html:
                (folder / f"{name}.html").write_text(letter.html, "utf-8")
    print(f"{len(list(folder.iterdir()))} files in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "letters")

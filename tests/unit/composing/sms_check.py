"""Reads a work order's part one back, by rules of its own: what is never cut must stand in it, whole and exact."""

from __future__ import annotations

import re
from decimal import Decimal

from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, OrderReading, Payment

SIGNATURE = "【顺驰物流】"
ENGLISH_UNITS = {
    "carton": "箱", "ctn": "箱", "case": "箱", "boxe": "箱", "box": "箱", "pallet": "托", "plt": "托", "piece": "件",
    "pc": "件", "package": "件", "pkg": "件", "bag": "袋", "roll": "卷", "drum": "桶", "set": "套",
}  # fmt: skip
WORDS = {Payment.COLLECT: "到付", Payment.MONTHLY: "月结", Payment.ON_RECEIPT: "回单付", Payment.PREPAID: "现付"}


def air_units(text: str) -> int:
    """UTF-16 code units, counted as a handset does."""
    return len(text.encode("utf-16-be")) // 2


def shown(value: Decimal) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return text or "0"


def faults(part: str, order: OrderView) -> list[str]:
    """What of the never-cut content is not to be read from part one."""
    found = []
    if not re.match(rf"{SIGNATURE}{order.serial}(?!\d)", part):
        found.append("serial does not head it")
    if not part.endswith(f"工{order.agent}"):
        found.append("agent's number does not close it")
    body = part.removeprefix(SIGNATURE + order.serial)
    content = order.content
    if not any(stands(form, body) for form in phone_forms((content.pickup.phones or content.shipper.phones)[0])):
        found.append("pickup phone")
    if not any(all(stands(f, body) for f in forms) for forms in figure_forms(content.cargo)):
        found.append("quantity, weight, volume")
    if not any(stands(form, body) for form in amount_forms(content)):
        found.append("amount to collect")
    if content.hold != ("等通知放货" in body):
        found.append("hold")
    return found


def stands(form: str, body: str) -> bool:
    """Whether a form stands by itself: no digit, point or letter that would make another figure of it."""
    before = r"(?<![\d.\-+A-Za-z])" if form[0].isdigit() else ""
    after = r"(?![\d.])" if form[-1].isdigit() else r"(?![A-Za-z])" if form[-1].isascii() else ""
    return re.search(before + re.escape(form) + after, body) is not None


def phone_forms(e164: str) -> list[str]:
    number, _, extension = e164.partition(";ext=")
    tail = f"转{extension}" if extension else ""
    national = number.removeprefix("+86")
    if number.startswith("+86") and len(national) == 11 and national[0] == "1" and national[1] in "3456789":
        return [national + tail]
    if re.fullmatch(r"[48]00\d{7}", national):
        return [f"{national[:3]}-{national[3:6]}-{national[6:]}{tail}"]
    if number.startswith("+86"):
        return [f"0{national[:at]}-{national[at:]}{tail}" for at in (2, 3)] + [number + tail]
    return [number + tail]


def figure_forms(lines: tuple[CargoLine, ...]) -> list[list[str]]:
    """Either every line's figures in a run, or their sums in one."""
    forms = [[one_run([line]) for line in lines]]
    if len(lines) > 1:
        forms.append([one_run(list(lines))])
    return forms


def one_run(lines: list[CargoLine]) -> str:
    units = [ENGLISH_UNITS.get(line.unit.lower().rstrip("s"), line.unit) if line.unit else "件" for line in lines]
    quantities = [line.quantity for line in lines]
    run = ""
    if None not in quantities:
        if len({line.unit for line in lines}) == 1:
            run = f"{shown(sum((q for q in quantities if q), Decimal(0)))}{units[0]}"
        else:
            run = "+".join(f"{shown(q)}{u}" for q, u in zip(quantities, units, strict=True) if q is not None)
    weights, volumes = [line.weight_kg for line in lines], [line.volume_m3 for line in lines]
    if weights[0] is not None:
        run += f"{shown(sum((w for w in weights if w), Decimal(0)))}kg"
    if volumes[0] is not None:
        run += f"{shown(sum((v for v in volumes if v), Decimal(0)))}方"
    return run


def amount_forms(content: OrderReading) -> list[str]:
    """Prepaid freight and charges, itemised or as one sum; else the word of who pays, and nothing to collect."""
    if content.payment is None:
        return [""]
    if content.payment is not Payment.PREPAID:
        return [WORDS[content.payment]]
    total = shown(sum((c.amount for c in content.charges), content.freight or Decimal(0)))
    whole = [f"{c.name}{shown(c.amount)}" for c in content.charges]
    short = [f"{c.name.removesuffix('费')}{shown(c.amount)}" for c in content.charges]
    if content.freight is None:
        return ["+".join(["现付", *items]) for items in (whole, short)] + [f"现付+{total}"]
    freight = shown(content.freight)
    return [f"收运费{'+'.join([freight, *whole])}", f"收{'+'.join([freight, *short])}", f"收{total}"]

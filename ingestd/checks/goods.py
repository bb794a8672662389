"""Checks of what is carried: prohibited, sensitive and nameless goods, and figures that goods do not have."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.checks.checked import Checked
from ingestd.checks.house import House
from ingestd.checks.known_goods import distinct, plainly
from ingestd.config.trade import Goods


def too_general_goods(order: Checked, house: House) -> Iterator[str]:
    """A cargo name that names nothing."""
    yield from (name for name, plain in names(order, house) if plain in house.tables.words.too_general)


def prohibited_goods(order: Checked, house: House) -> Iterator[str]:
    """Goods that must not be carried, by their very name."""
    for name, plain in names(order, house):
        yield from (f"{name}:{goods.kind}" for _, goods in distinct(house.prohibited.itself(plain)))


def prohibited_part(order: Checked, house: House) -> Iterator[str]:
    """Goods in whose name that of prohibited ones stands, or that often are: they may be it, or harmless."""
    for name, plain in names(order, house):
        refused = {goods.kind for _, goods in house.prohibited.itself(plain)}
        for part, goods in distinct(house.prohibited.parts(plain)):
            if goods.kind not in refused:
                yield f"{name}:{part}:{goods.kind}"


def sensitive_goods(order: Checked, house: House) -> Iterator[str]:
    """Goods that the site wants a person or the driver to look at."""
    for name, goods in sensitive(order, house):
        yield f"{name}:{goods.kind}"


def sensitive(order: Checked, house: House) -> Iterator[tuple[str, Goods]]:
    """The sensitive goods of an order with what the site says of them."""
    for name, plain in names(order, house):
        yield from ((name, goods) for _, goods in distinct(house.sensitive.parts(plain)))


def density(order: Checked, house: House) -> Iterator[str]:
    """Kilograms in a cubic metre that goods do not have."""
    if order.load.kg and order.load.m3:
        found, limits = order.load.kg / order.load.m3, house.tables.limits
        if not limits.density_least <= found <= limits.density_most:
            yield f"{found:.0f} kg/m³"


def too_heavy_piece(order: Checked, house: House) -> Iterator[str]:
    """A single piece heavier than the arriving depot handles."""
    most = order.depot.piece_kg if order.depot else None
    for line in order.content.cargo:
        if most and line.weight_kg and line.quantity and line.weight_kg / line.quantity > most:
            yield f"{line.weight_kg / line.quantity:.0f} kg:{most} kg"


def too_big_shipment(order: Checked, house: House) -> Iterator[str]:
    """More than the arriving depot handles."""
    if order.depot is None:
        return
    if order.depot.shipment_kg and order.load.kg and order.load.kg > order.depot.shipment_kg:
        yield f"{order.load.kg} kg:{order.depot.shipment_kg} kg"
    if order.depot.shipment_m3 and order.load.m3 and order.load.m3 > order.depot.shipment_m3:
        yield f"{order.load.m3} m³:{order.depot.shipment_m3} m³"


def names(order: Checked, house: House) -> Iterator[tuple[str, str]]:
    """The names of the goods, as written and as compared."""
    for line in order.content.cargo:
        if line.name:
            yield line.name, plainly(house.atlas.simplified(line.name))

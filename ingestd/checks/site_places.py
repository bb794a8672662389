"""What is wrong with the places of a site's tables: none of the country, one in two areas, a depot without a lane."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.config.tables import Tables
from ingestd.places.atlas import Atlas, Division

RIGHT = "浙江省, 杭州市 or 义乌市 would be right"


def place_faults(tables: Tables, atlas: Atlas) -> tuple[str, ...]:
    """Each fault as one line: which table, what is wrong, and what would be right."""
    return (*areas_overlapping(tables, atlas), *unknown_places(tables, atlas), *depots_unreached(tables, atlas))


def areas_overlapping(tables: Tables, atlas: Atlas) -> Iterator[str]:
    """One place under two names in different areas: 宝安 and 宝安区."""
    seen: dict[frozenset[str], tuple[str, str]] = {}
    for area in tables.area:
        for place in area.places:
            meant = frozenset(d.code for d in divisions(place, atlas))
            other, name = seen.setdefault(meant, (area.name, place)) if meant else (area.name, place)
            if other != area.name:
                yield f"areas.toml: {place} in area {area.name} is {name} in area {other}; keep it in one of them"


def unknown_places(tables: Tables, atlas: Atlas) -> Iterator[str]:
    """A place of a lane or depot that is none of the country, or several."""
    named = [("tariff.toml: a lane", place) for lane in tables.lane for place in lane.to]
    named += [(f"depots.toml: depot {depot.name}", place) for depot in tables.depot for place in depot.places]
    for where, place in named:
        found = divisions(place, atlas)
        if not found:
            yield f"{where} goes to {place}, which is no province, city, district or town of China; {RIGHT}"
        elif len(found) > 1:
            told = ", ".join(atlas.spoken(d) for d in found)
            yield f"{where} goes to {place}, which may be {told}; its full name would be right"


def depots_unreached(tables: Tables, atlas: Atlas) -> Iterator[str]:
    """A place of a depot that no lane of the tariff reaches, nor any place in it; fine where there is no tariff."""
    lanes = [d for lane in tables.lane for place in lane.to for d in divisions(place, atlas)]
    for depot in tables.depot:
        for place in depot.places:
            found = divisions(place, atlas)
            if lanes and found and not any(d.meets(lane) for d in found for lane in lanes):
                yield (
                    f"depots.toml: depot {depot.name} delivers to {place}, which no lane of tariff.toml reaches; "
                    "add a lane to it, or take it out"
                )


def divisions(place: str, atlas: Atlas) -> tuple[Division, ...]:
    """The divisions that a table's place may mean, as prices and areas go by it."""
    return atlas.names.get(place) or atlas.town_names.get(place, ())

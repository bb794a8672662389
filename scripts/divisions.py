"""Write config/places/divisions.csv anew from the published list of China's administrative divisions.

The argument is a folder with `provinces.csv`, `cities.csv`, `areas.csv`, `streets.csv` (code and name of each unit, by
the statistics bureau's codes) and `HK-MO-TW.json` (the names of Hong Kong's, Macau's and Taiwan's units, nested), as
the project modood/Administrative-divisions-of-China publishes them; `--of` says the date that its data are of. Names in
Latin letters are made of the short ones by pypinyin, which only this script needs.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from ingestd.places.atlas import Division

OUT = Path(__file__).resolve().parent.parent / "config" / "places" / "divisions.csv"
HEAD = """\
# Provinces, cities, districts and their towns, written by scripts/divisions.py; not to be edited by hand.
# Source: the statistics bureau's codes as published by modood/Administrative-divisions-of-China, as of {of}.
# Codes: 2 digits a province, 4 a city, 6 a district (those of Hong Kong, Macau and Taiwan are numbered by us).
"""
NO_PLACE = re.compile("^(市辖区|县|(?:省|自治区)直辖县级行政区划)$")  # steps of the codes that nobody writes
OFFICE = re.compile("(办事处|管理委员会|管委会)$")
TOWN = re.compile("(街道|镇|乡|苏木)$")
BEYOND = {"台湾省": "71", "香港特别行政区": "81", "澳门特别行政区": "82"}
SPOKEN = {
    "朝阳": "cháo yáng",
    "洪洞": "hóng tóng",
    "黄陂": "huáng pí",
    "士林": "shì lín",
}  # pypinyin has other readings
Row = tuple[str, str, str]


def rows(folder: Path) -> Iterator[Row]:
    """Code, name and towns of every unit of the mainland."""
    towns = towns_of(folder / "streets.csv")
    for level in ("provinces", "cities", "areas"):
        for unit in table(folder / f"{level}.csv"):
            if not NO_PLACE.match(unit["name"]):
                yield unit["code"], unit["name"], " ".join(towns.get(unit["code"], ()))


def towns_of(path: Path) -> dict[str, list[str]]:
    """The names of towns and subdistricts by their district's code; farms, zones and prisons are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for unit in table(path):
        name = OFFICE.sub("", unit["name"])
        if TOWN.search(name) and name not in found[unit["areaCode"]]:
            found[unit["areaCode"]].append(name)
    return found


def table(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a published table."""
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def beyond(folder: Path) -> Iterator[Row]:
    """The units of Hong Kong, Macau and Taiwan."""
    tree = json.loads((folder / "HK-MO-TW.json").read_text("utf-8"))
    for province, code in BEYOND.items():
        yield code, province, ""
        for number, (city, districts) in enumerate(tree[province].items(), 1):
            yield f"{code}{number:02}", city, ""
            for place, district in enumerate(districts, 1):
                yield f"{code}{number:02}{place:02}", district, ""


def latin(name: str) -> str:
    """A name in Latin letters, as it is written in addresses: one word without tones."""
    return "".join(lazy_pinyin(name, style=Style.NORMAL)).replace("ü", "v")


def main() -> int:
    """Write the table, and say how much is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--of", required=True, help="the date of the data, as 2023-06-30")
    arguments = parser.parse_args()
    load_phrases_dict({name: [[sign] for sign in reading.split()] for name, reading in SPOKEN.items()})
    found = sorted({row[0]: row for row in (*rows(arguments.folder), *beyond(arguments.folder))}.values())
    with OUT.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEAD.format(of=arguments.of))
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(("code", "name", "latin", "towns"))
        out.writerows((code, name, latin(Division(code, name).short), towns) for code, name, towns in found)
    number = sum(len(row[2].split()) for row in found)
    print(f"{OUT.name}: {len(found)} divisions, {number} towns")
    return 0


if __name__ == "__main__":
    sys.exit(main())

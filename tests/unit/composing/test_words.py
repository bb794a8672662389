"""The small parts: phones, figures, landmarks, towns, and text packed into parts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.composing.figures import clean, number, phone
from ingestd.composing.places import Places
from ingestd.composing.text_message import head, packed, units
from ingestd.composing.wording import table
from tests.unit.composing.orders import TEMPLATES
from tests.unit.composing.sms_check import SIGNATURE, air_units

PLACES = Places(table([TEMPLATES], "places.toml"))


@pytest.mark.parametrize(
    ("e164", "told"),
    [
        ("+8613823033212", "13823033212"),
        ("+8657125852654", "0571-25852654"),
        ("+8657125852654;ext=801", "0571-25852654转801"),
        ("+861065124408", "010-65124408"),
        ("+862186907255", "021-86907255"),
        ("+867308614493", "0730-8614493"),
        ("+864008001234", "400-800-1234"),
        ("+8613012345678;ext=4321", "13012345678转4321"),
        ("+85261234567", "+85261234567"),
    ],
)
def test_phones_are_written_as_people_do(e164: str, told: str) -> None:
    assert phone(e164, "转") == told


@pytest.mark.parametrize(
    ("value", "told"),
    [("200.00", "200"), ("2.20", "2.2"), ("1E+3", "1000"), ("0.050", "0.05"), ("0", "0"), ("1100.5", "1100.5")],
)
def test_figures_have_no_needless_decimals(value: str, told: str) -> None:
    assert number(Decimal(value)) == told


@given(st.text())
def test_a_cleaned_value_is_one_line_that_any_gateway_takes(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode("utf-8")
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("address", "landmark"),
    [
        ("广东省深圳市宝安区福永街道凤凰第三工业区7栋", "凤凰第三工业区7栋"),
        ("温州市鹿城区丰门街道中汇路鞋都二期18幢", "鞋都二期18幢"),
        ("厦门市同安区西柯镇美溪道思明工业园56号厂房一楼东侧装卸平台", "思明工业园56号厂房"),
        ("广西壮族自治区南宁市良庆区银海大道1219号综合保税区A3库", "银海大道1219号综合保税区A3库"),
        ("常州市新北区滨江经济开发区长江北路1229号", "长江北路1229号"),
        ("义乌国际商贸城二区3号门", "国际商贸城二区3号门"),
        ("汽配城15栋200号", "汽配城15栋200号"),
        ("南京路18号百货大楼", "南京路18号百货大楼"),
        ("石狮市C区46号", "石狮市C区46号"),
        ("No. 88 Jinling East Road, Suzhou Industrial Park, Suzhou", "88 Jinling E Rd"),
        ("5F, Block B, 18 Keyuan Road, Nanshan, Shenzhen", "5F, Block B, 18 Keyuan Rd"),
        ("Building 4, Caitang Industrial Zone, Chao'an, Chaozhou", "Bldg 4, Caitang Ind. Zone"),
    ],
)
def test_an_address_is_shortened_to_its_landmark(address: str, landmark: str) -> None:
    assert [address, *PLACES.towards_landmark(address)][-1] == landmark


@pytest.mark.parametrize(
    ("place", "town"),
    [
        ("浙江省杭州市江干区火车站东路3号", "杭州"),
        ("长沙四方坪", "长沙"),
        ("义乌", "义乌"),
        ("长兴县李家巷镇", "长兴县"),
        ("杭州东站", None),
        ("南京路", None),
        ("布吉货场", None),
    ],
)
def test_a_destination_gives_way_to_its_town_only_where_the_town_is_sure(place: str, town: str | None) -> None:
    assert PLACES.town(place) == town


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 80))
def test_the_start_of_a_text_fits_its_room(text: str, room: int) -> None:
    start = head(text, room)
    assert text.startswith(start)
    assert air_units(start) <= room or not start
    assert units(text) == air_units(text)


@given(st.lists(st.text(st.sampled_from("0123456789-abc提货，。 𠮷"), min_size=1, max_size=120), max_size=6))
def test_packing_loses_nothing_but_blanks(lines: list[str]) -> None:
    parts = packed(SIGNATURE, lines)
    assert all(air_units(part) <= 70 and part.startswith(SIGNATURE) for part in parts)
    told = "".join(part.removeprefix(SIGNATURE) for part in parts)
    assert told.replace(" ", "") == "".join(lines).replace(" ", "")


def test_a_phone_is_not_torn_between_two_parts() -> None:
    parts = packed(SIGNATURE, ["提货联系人王先生" * 7 + "13823033212"])
    assert any("13823033212" in part for part in parts)


def test_a_long_line_is_cut_behind_a_sentence() -> None:
    said = "Please give the full name. It is checked when the goods are handed over. Thank you for it."
    assert packed(SIGNATURE, [said]) == (
        f"{SIGNATURE}Please give the full name.",
        f"{SIGNATURE}It is checked when the goods are handed over. Thank you for it.",
    )


def test_a_part_that_is_hardly_begun_is_filled() -> None:
    goods = "lamps 40 ctns 600 kg; hardware 120 pcs 88.5 kg; manuals 3 bags."
    assert packed(SIGNATURE, ["260310221 received:", f" {goods}"])[0] == (
        f"{SIGNATURE}260310221 received: lamps 40 ctns 600 kg;"
    )

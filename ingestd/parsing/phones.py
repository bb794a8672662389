"""Phone numbers: found, split, completed, and made E.164."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from ingestd.parsing import prose
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.wording import alternation

COUNTRY = "CN"
SHORTEST = 10  # digits of a number in words, area code and all
MAX_GOODS_DIGITS = 4  # digits of a goods name that may stick to a mobile number
HAN = re.compile("[\u3400-\u9fff]")
FULL = re.compile(
    r"""
    (?=[\d(+])(?<![\d.a-z])(?:
      (?P<foreign>\(?\+\(?(?!86\b|86[\s\-1])\d{1,3}\)?[ \-]?\(?\d{1,4}\)?(?:[ \-]?\d{2,5}){1,4})
    | (?P<spaced>1[ ][3-9](?:[ ]\d){9}(?![ ]?\d))
    | (?P<mobile>(?:\(?\+?(?:00)?86\)?[ \-]{0,2})?1[3-9]\d(?:[ \-]?\d){8})(?P<more>\d{0,40})
    | (?P<service>[48]00[ \-]?\d{3,4}[ \-]?\d{3,4})(?!\d)
    | (?P<landline>(?:\(?\+?(?:00)?86\)?[ \-]{0,2})(?:\(0\))?\(?\d{2,3}\)?[ \-]?\d{3,4}[ \-]?\d{4}(?!\d)
        |(?:\(0\d{2,3}\)|0\d{2,3})[ \-]{0,3}(?:\d{7,8}|\d{3,4}[ \-]\d{4})(?!\d))
    | (?P<region>(?:\((?:00)?(?:852|853|886)\)[ \-]?|(?:00)?(?:852|853)[ \-])\d{4}[ \-]?\d{4}(?!\d)
        |(?:00)?886[ \-](?:9\d{2}[ \-]?\d{3}|[2-8][ \-]?\d{3,4})[ \-]?\d{3,4}(?!\d))
    | (?P<run>\d{7,40})
    )""",
    re.VERBOSE,
)
TAIL = re.compile(r"/(\d{7,8})(?!\d)")
DASH_EXTENSION = re.compile(r"-(\d{2,5})(?![\d\-.]|\s?(?:kg|cm|m\b))")
SEPARATORS = re.compile(r"[^\d+]")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as E.164, or None where it cannot be one."""

    e164: str | None


@lru_cache(maxsize=4)
def extension(definitions: Definitions) -> re.Pattern[str]:
    """The pattern of an extension behind a number."""
    return re.compile(rf"[ (]{{0,2}}(?:{alternation(definitions.of('extension'))})[ :]{{0,2}}(\d{{1,5}})(?!\d)\)?")


def find(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Phones, and digit runs that look like one but cannot be, in the order of the text."""
    yield from dictated(folded, definitions)
    for match in FULL.finditer(folded):
        if match["spaced"]:
            yield from fixed(match, folded, definitions)
        elif match["mobile"]:
            yield from mobile(match, folded, definitions)
        elif match["run"]:
            if prose.is_own_number(folded, match.start(), definitions):
                yield Item(Kind.NOISE, match.start(), match.end(), None, "phone.own_number")
                continue
            yield Item(Kind.BAD_PHONE, match.start(), match.end(), match["run"], "phone.run")
        else:
            yield from fixed(match, folded, definitions)


@lru_cache(maxsize=4)
def spelt_run(definitions: Definitions) -> re.Pattern[str]:
    """A run of digits spoken one by one."""
    signs = "".join(sign for sign, _ in spoken_digits(definitions))
    return re.compile(rf"(?<![{signs}])[{signs}](?:[ ,]?[{signs}]){{5,}}(?![{signs}])")


@lru_cache(maxsize=4)
def spoken_digits(definitions: Definitions) -> tuple[tuple[str, str], ...]:
    """The signs that digits are spoken with, each with its digit."""
    plain = tuple((sign, str(worth)) for sign, worth in definitions.numerals if worth < 10)
    return plain + tuple((word[0], word[1]) for word in definitions.of("spoken_digits"))


def dictated(folded: str, definitions: Definitions) -> Iterator[Item]:
    """Numbers in words, digit by digit, as people dictate them; one that was broken off is no number."""
    digits = dict(spoken_digits(definitions))
    for match in spelt_run(definitions).finditer(folded):
        written = "".join(digits.get(sign, "") for sign in match.group())
        value = e164(written) if len(written) >= SHORTEST else None
        if value is not None:
            yield with_extension(value, match.span(), folded, definitions, dash=False)
        elif broken_off(definitions).match(folded, match.end()):
            yield Item(Kind.NOISE, match.start(), match.end(), None, "phone.broken_off")


@lru_cache(maxsize=4)
def broken_off(definitions: Definitions) -> re.Pattern[str]:
    """Words behind a number that take it back."""
    return re.compile(rf"[ ,.]{{0,2}}(?:{alternation(definitions.of('correcting'))})")


def mobile(match: re.Match[str], folded: str, definitions: Definitions) -> Iterator[Item]:
    """A mobile number; digits stuck to it must make sense as the beginning of a goods name."""
    start, end, more = match.start("mobile"), match.end("mobile"), match["more"]
    value = e164(match["mobile"])
    if value is None or (more and not continues(folded, match.end(), more)):
        yield Item(Kind.BAD_PHONE, start, match.end(), match.group(), "phone.invalid")
        return
    if more:
        yield Item(Kind.PHONE, start, end, value, "phone.split")
        return
    yield with_extension(value, (start, end), folded, definitions, dash=False)


def continues(folded: str, end: int, more: str) -> bool:
    """Whether surplus digits go on as a goods name."""
    return len(more) <= MAX_GOODS_DIGITS and end < len(folded) and bool(HAN.match(folded[end]))


def fixed(match: re.Match[str], folded: str, definitions: Definitions) -> Iterator[Item]:
    """A landline, service or foreign number, with the second number that shares its area code."""
    written = match.group()
    value = e164(("+" + SEPARATORS.sub("", written).removeprefix("00")) if match["region"] else written)
    if value is None:
        yield Item(Kind.BAD_PHONE, match.start(), match.end(), written, "phone.invalid")
        return
    first = with_extension(value, match.span(), folded, definitions, dash=True)
    yield first
    tail = TAIL.match(folded, first.end)
    if tail and (second := second_number(value, tail[1])):
        yield Item(Kind.PHONE, tail.start(), tail.end(), second, "phone.shared_area")


def second_number(first: str, local: str) -> str | None:
    """The number that shares the area code of `first`."""
    return e164(first.split(";", maxsplit=1)[0][: -len(local)] + local)


def with_extension(value: str, span: tuple[int, int], folded: str, definitions: Definitions, *, dash: bool) -> Item:
    """A number with the extension behind it, if there is one."""
    start, end = span
    found = extension(definitions).match(folded, end) or (DASH_EXTENSION.match(folded, end) if dash else None)
    if found is None:
        return Item(Kind.PHONE, start, end, value, "phone")
    return Item(Kind.PHONE, start, found.end(), f"{value};ext={found[1]}", "phone.extension")


@lru_cache(maxsize=4096)
def e164(written: str) -> str | None:
    """A number in international form, None where it cannot be one; mobiles by their shape, as new ranges come."""
    digits = SEPARATORS.sub("", written)
    national = re.sub(r"^(?:\+|00)?86(?=\d{10,})", "", digits)
    if re.fullmatch(r"1[3-9]\d{9}", national):
        return f"+86{national}"
    if re.fullmatch(r"[48]00\d{7}", national):
        return f"+86{national}"
    try:
        parsed = phonenumbers.parse(re.sub(r"\(0\)", "", written), COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed) or not plausible(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def plausible(parsed: phonenumbers.PhoneNumber) -> bool:
    """Whether a number may exist: by the metadata, or a Chinese landline of the right length."""
    if phonenumbers.is_valid_number(parsed):
        return True
    national = str(parsed.national_number)
    return parsed.country_code == 86 and bool(re.fullmatch(r"(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8}", national))

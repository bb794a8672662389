"""Messages of bare values: what they say, and that no other message is taken for one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingestd.domain.reading import Bare, CargoLine, Channel, Delivery, Payment
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from tests.unit.composing.orders import ROOT

PHONE = ("+8613905791234",)
HEAD = "From: +8613600000001\nDate: 2026-03-10T10:07:00+08:00\nTo: 10690000\n\n"


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions([ROOT / "parsers"])


def figures(**values: Decimal | str) -> CargoLine:
    return CargoLine(**{"name": None, **values})  # type: ignore[arg-type]


def bare(words: str, definitions: Definitions) -> Bare | None:
    return read(Channel.SMS, f"{HEAD}{words}".encode(), definitions).bare


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("13905791234", Bare(PHONE)),
        ("您好，电话是13905791234，谢谢！", Bare(PHONE)),
        ("0579-85321466", Bare(("+8657985321466",))),
        ("It's 13905791234, thanks", Bare(PHONE)),
        ("许小姐13905791234", Bare(PHONE, words="许小姐")),
        ("许小姐13905791234，大概2吨", Bare(PHONE, figures(weight_kg=Decimal(2000)), words="许小姐")),
        ("260310001 13905791234", Bare(PHONE)),
        ("大概2吨吧", Bare(cargo=figures(weight_kg=Decimal(2000)))),
        ("重量2吨", Bare(cargo=figures(weight_kg=Decimal(2000)))),
        ("12箱，3方", Bare(cargo=figures(quantity=Decimal(12), unit="箱", volume_m3=Decimal(3)))),
        ("到付", Bare(payment=Payment.COLLECT)),
        ("运费收货人付", Bare(payment=Payment.COLLECT)),
        ("送货上门", Bare(delivery=Delivery.DOOR)),
        ("13905791234，现付", Bare(PHONE, payment=Payment.PREPAID)),
        ("是另一票", Bare(again=True)),
        ("不是重复的，请安排", Bare(again=True)),
        ("another shipment", Bare(again=True)),
        ("重复了，不好意思", Bare(again=False)),
        ("Duplicate, sorry", Bare(again=False)),
    ],
)
def test_bare_values_are_told_without_a_field(words: str, said: Bare, definitions: Definitions) -> None:
    assert bare(words, definitions) == said


@pytest.mark.parametrize(
    "words",
    [
        "收货人电话13905791234",  # says itself whose it is
        "40箱600公斤，另有3托2吨",  # two figures of a kind
        "不知道",
        "好的",
        "260310001已提",
        "客陈先生13751168806轴承12箱300公斤1.2方中山古镇货场往义乌收货许小姐0579-85321466到付",
        "每箱20公斤",
    ],
)
def test_what_says_more_or_nothing_is_not_bare(words: str, definitions: Definitions) -> None:
    assert bare(words, definitions) is None

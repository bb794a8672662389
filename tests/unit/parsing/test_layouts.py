"""A site's fixed layouts: whose messages they claim, how they are read, and what is refused in their definition."""

from __future__ import annotations

from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingestd.domain.reading import Channel, Reading
from ingestd.parsing import labels
from ingestd.parsing.definitions import DefinitionError, Definitions, load_definitions
from ingestd.parsing.reader import read
from tests.unit.parsing.conftest import SHIPPED

LAYOUT = """
[[layout]]
name = "kunlun"
senders = ["@kunlun.example", "+8613800138099"]
heads = ["昆仑WMS"]
begins = ["波次"]
[layout.labels]
"shipper.company" = ["甲"]
"shipper.name" = ["甲经办"]
"shipper.phones" = ["甲线"]
"pickup.address" = ["垛位"]
"consignee.name" = ["乙"]
"consignee.phones" = ["乙线"]
"consignee.address" = ["乙处"]
"payment" = ["谁出"]
ignored = ["批次"]
[layout.columns]
"cargo.name" = ["料"]
"cargo.quantity" = ["箱"]
"cargo.weight_kg" = ["重(T)"]
"""
HEAD = "昆仑WMS 出库\n甲：沧州恒远管件有限公司  甲经办：阎立春  甲线：13800138041\n垛位：沧州市运河区永济西路90号\n"
ONE = (
    "波次：1  谁出：月结  批次：88\n料{s}规格{s}箱{s}重(T)\n法兰{s}DN50{s}40{s}1.2\n"
    "乙：岑国富  乙线：13800138043\n乙处：柳州市柳南区飞鹅路12号\n"
)
TWO = "波次：2  谁出：到付\n料{s}箱{s}重(T)\n弯头{s}6{s}0.2\n乙：许芳  乙线：13800138044\n乙处：义乌市稠州北路8号\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    return loaded(tmp_path_factory.mktemp("site"), LAYOUT)


def loaded(folder: Path, text: str) -> Definitions:
    (folder / "own.toml").write_text(text, "utf-8")
    return load_definitions([folder, SHIPPED])


def mailed(text: str, definitions: Definitions, sender: str = "wms@kunlun.example") -> Reading:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = sender, "出库通知", "Tue, 10 Mar 2026 10:02:03 +0800"
    mail.set_content(text)
    return read(Channel.EMAIL, mail.as_bytes(), definitions, evidence=True)


@pytest.mark.parametrize("separator", ["\t", " | ", "   "], ids=["tabs", "bars", "spaces"])
def test_labels_and_column_heads_stand_for_their_fields(separator: str, site: Definitions) -> None:
    reading = mailed(HEAD + ONE.format(s=separator), site)
    (order,) = reading.orders
    assert (reading.problems, reading.review) == ((), ())
    assert (order.shipper.name, order.shipper.company) == ("阎立春", "沧州恒远管件有限公司")
    assert order.pickup.address == "沧州市运河区永济西路90号"
    assert [(c.name, c.quantity, c.weight_kg) for c in order.cargo] == [("法兰", Decimal(40), Decimal(1200))]
    assert (order.consignee.name, order.consignee.phones) == ("岑国富", ("+8613800138043",))
    assert order.remarks is None


def test_a_word_begins_each_of_several_orders_and_what_stands_above_counts_for_all(site: Definitions) -> None:
    first, second = mailed(HEAD + ONE.format(s="\t") + TWO.format(s="\t"), site).orders
    assert (first.consignee.name, second.consignee.name) == ("岑国富", "许芳")
    assert (first.cargo[0].quantity, second.cargo[0].quantity) == (Decimal(40), Decimal(6))
    assert second.shipper.phones == ("+8613800138041",)
    assert (first.payment, second.payment) == ("monthly", "collect")


def test_the_evidence_names_the_layout(site: Definitions) -> None:
    reading = mailed(HEAD + ONE.format(s="\t"), site)
    (address,) = [e for e in reading.evidence if e.path == "orders[0].pickup.address"]
    assert (address.words, address.rule) == ("沧州市运河区永济西路90号", "layout.kunlun, label.address")


@pytest.mark.parametrize(
    ("text", "sender"), [(HEAD, "a@other.example"), (HEAD, "a@evilkunlun.example"), (HEAD[6:], "a@kunlun.example")]
)
def test_a_message_of_others_or_without_the_head_words_is_read_as_before(
    text: str, sender: str, site: Definitions, definitions: Definitions
) -> None:
    whole = text + ONE.format(s="\t")
    assert mailed(whole, site, sender) == mailed(whole, definitions, sender)


def test_a_text_message_may_have_a_layout(site: Definitions) -> None:
    head = "From: +8613800138099\nDate: 2026-03-10T10:02:03+08:00\nTo: 10690000\n\n"
    reading = read(Channel.SMS, (head + HEAD + ONE.format(s="  ")).encode(), site)
    assert reading.orders[0].pickup.address == "沧州市运河区永济西路90号"


def test_every_field_of_a_layout_has_a_label_that_reads_alone(definitions: Definitions) -> None:
    assert {name: w for name, w in definitions.fields.items() if labels.words_of(w, definitions) is None} == {}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (LAYOUT.replace('name = "kunlun"\n', ""), "name is missing"),
        (LAYOUT.replace('"@kunlun.example", ', '"kunlun.example", '), "'kunlun.example' is no address"),
        (LAYOUT.replace('"pickup.address"', '"pickup.adress"'), "did you mean 'pickup.address'?"),
        (LAYOUT.replace('["垛位"]', '["甲线"]'), "'甲线' stands for both shipper.phones and pickup.address"),
        ('[[layout]]\nname = "a"\n[layout.labels]\nignored = ["b"]', "needs senders or heads"),
        ('[[layout]]\nname = "a"\nheads = ["b"]', "needs [layout.labels] or [layout.columns]"),
        ('[fields]\n"destination" = "没有这个标签"', "is no label"),
    ],
)
def test_a_wrong_layout_is_refused_with_what_would_be_right(written: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"own\.toml") as refused:
        loaded(tmp_path, written)
    assert told in str(refused.value)

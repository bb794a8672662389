"""Each value of each reading shows the words that it came from."""

from __future__ import annotations

import email
import html
import re
from collections.abc import Iterator
from email import policy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingestd.domain.reading import Channel, Evidence, Intent, Reading
from ingestd.parsing import files
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.evidence import leaves
from ingestd.parsing.reader import read
from ingestd.parsing.text import clean
from tests.thousands import piles
from tests.unit.parsing.conftest import Read

CORPUS = Path(__file__).parents[2] / "corpus"
CHANNELS = {".eml": Channel.EMAIL, ".sms": Channel.SMS}
SHORT = "[260310221]客陈先生13751168806轴承12箱300公斤1.8方布吉货场往义乌收货许小姐0579-85321466到付。加送货费60[8011]"

# What need not be stated by words of its own, and what it may be concluded from instead.
DERIVED = {
    "intent": {"orders", "message", "envelope"},  # the shape of the content, or the headers of a machine
    "details.inquiry": {"intent"},  # an inquiry of no special kind
    "details.complaint": {"intent"},
    "details.report": {"intent", "details.driver"},  # a bare report; a driver told means that one is assigned
    "orders[].cargo[].weight_kg": {"cargo.quantity"},  # the words say it per piece
    "orders[].cargo[].volume_m3": {"cargo.quantity"},
    "orders[].charges[].amount": {"cargo.quantity"},
}
SPELT_OTHERWISE = re.compile(r"\.(?:kind|report|inquiry|complaint)$|\.charges\[\d+\]\.name$|\.unit$")


def visible() -> list[Path]:
    """The messages that may be looked at."""
    hidden = set((CORPUS / "held_out.txt").read_text("ascii").split())
    return [p for p in sorted(CORPUS.glob("*/*/*")) if p.suffix in CHANNELS and p.stem not in hidden]


def values(reading: Reading) -> Iterator[tuple[str, Any]]:
    """Each value of a reading beside what the head of the message says."""
    yield "intent", reading.intent
    yield from leaves(reading.refers_to, "refers_to")
    yield from leaves(reading.orders, "orders")
    yield from leaves(reading.details, "details")


def squeezed(text: str) -> str:
    """A text as it is compared: letters and figures, plain and in lower case."""
    return re.sub(r"[\W_]+", "", clean(text)).lower()


def text_of(path: Path) -> str:
    """All text of a message: headers, parts and files, by other means than the reader's where there are any."""
    raw = path.read_bytes()
    if path.suffix == ".sms":
        return raw.decode()
    mail = email.message_from_bytes(raw, policy=policy.default)
    return "\n".join([decoded(raw, None), *map(str, mail.values()), *part_texts(mail)])


def part_texts(mail: Any) -> Iterator[str]:
    """The text of each part of a mail."""
    for part in mail.walk():
        if part.get_content_maintype() == "text" and not part.get_filename():
            text = decoded(part.get_payload(decode=True), part.get_content_charset())
            yield html.unescape(re.sub(r"<[^>]*>", " ", text)) if part.get_content_subtype() == "html" else text
        elif part.get_filename():
            payload = part.get_payload(decode=True) or b""
            yield files.text_of_file(part.get_filename(), part.get_content_type(), payload) or ""


def decoded(raw: bytes, named: str | None) -> str:
    """A part's text; what is not of the character set named is UTF-8, or else Chinese of the mainland."""
    named = "utf-8" if named == "iso-8859-1" else named  # what old programs call GBK
    for charset in (named, "utf-8", "gb18030"):
        try:
            return raw.decode("gb18030" if charset in ("gb2312", "gbk") else charset or "ascii")
        except (UnicodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


@pytest.mark.parametrize("pile", piles(visible()))
def test_each_value_of_each_reading_has_words_that_the_message_holds(
    pile: list[Path], definitions: Definitions
) -> None:
    assert {path.stem: faults for path in pile if (faults := faults_of(path, definitions))} == {}


def faults_of(path: Path, definitions: Definitions) -> list[str]:
    """What is wrong with the evidence of a message's reading."""
    reading = read(CHANNELS[path.suffix], path.read_bytes(), definitions, evidence=True)
    text = squeezed(text_of(path))
    behind = {e.path: e for e in reading.evidence}
    return [f"{at}: {fault}" for at, value in values(reading) if (fault := fault_in(at, value, behind.get(at), text))]


def fault_in(at: str, value: Any, evidence: Evidence | None, text: str) -> str | None:
    """What is wrong with the evidence of a value."""
    if evidence is None or not evidence.rule:
        return "nothing behind it"
    if evidence.derived is not None and evidence.derived not in DERIVED.get(re.sub(r"\[\d+\]", "[]", at), ()):
        return f"may not be derived from {evidence.derived}"
    if not evidence.words and evidence.derived is None:
        return "no words"
    strange = [w for w in re.split(r" … |\n", evidence.words) if squeezed(w) not in text]
    if strange and evidence.derived != "envelope":
        return f"words that the message does not hold: {strange}"
    if type(value) is str and not value.startswith("+") and not SPELT_OTHERWISE.search(at):
        missing = [p for p in re.split(r"[;,、]", value) if bare(p) not in bare(evidence.words)]
        return f"words that do not state {missing}" if missing else None
    return None


@cache
def bare(text: str) -> str:
    """A text without the signs that a value may lose."""
    return re.sub(r"[\s·\-;,、，；…]+", "", text).lower()


def found(reading: Reading) -> dict[str, Evidence]:
    """The evidence of a reading by its paths."""
    return {e.path: e for e in reading.evidence}


def test_an_order_has_evidence_for_each_phone_line_and_charge(sms: Read) -> None:
    behind = found(sms(SHORT))
    assert behind["orders[0].shipper.phones[0]"].words == "13751168806"
    assert behind["orders[0].cargo[0].name"].words == "轴承"
    assert behind["orders[0].cargo[0].quantity"].words == "12箱"
    assert behind["orders[0].cargo[0].weight_kg"].words == "300公斤"
    assert behind["orders[0].charges[0].amount"].words == "送货费60"
    assert behind["refers_to[0]"].words == "[260310221]"


def test_a_weight_per_piece_says_what_it_was_multiplied_from(sms: Read) -> None:
    weight = found(sms(SHORT.replace("300公斤", "每箱25公斤")))["orders[0].cargo[0].weight_kg"]
    assert ("25公斤" in weight.words, weight.derived) == (True, "cargo.quantity")


def test_kinds_of_goods_with_equal_figures_show_their_own_words(sms: Read) -> None:
    goods = "货物：轴承12箱300公斤，水泵12箱90公斤\n"
    reading = sms(f"发货人：陈宏 13751168806\n提货地址：深圳市龙岗区坂田街道雪岗路8号\n{goods}目的地：义乌\n付款：到付")
    behind = found(reading)
    assert [behind[f"orders[0].cargo[{n}].weight_kg"].words for n in (0, 1)] == ["300公斤", "90公斤"]
    assert [behind[f"orders[0].cargo[{n}].name"].words for n in (0, 1)] == ["轴承", "水泵"]


def test_a_report_shows_the_words_of_its_kind_time_and_signer(sms: Read) -> None:
    reading = sms("260310221已签收，今天9点半，签收人：门卫老白")
    behind = found(reading)
    assert reading.intent is Intent.REPORT
    assert "签收" in behind["intent"].words
    assert "签收" in behind["details.report"].words
    assert behind["details.report"].rule == "cue.report.delivered"
    assert "9点半" in behind["details.at"].words
    assert behind["details.signed_by"].words == "门卫老白"


def test_an_inquiry_and_an_amendment_show_their_words(sms: Read) -> None:
    inquiry = found(sms("请问发义乌300公斤多少钱？"))
    assert "多少钱" in inquiry["details.inquiry"].words
    change = sms("260310221 收货电话改为13900139000")
    assert change.intent is Intent.AMENDMENT
    behind = found(change)
    assert behind["orders[0].consignee.phones[0]"].words == "13900139000"
    assert behind["refers_to[0]"].words == "260310221"
    assert "改为" in behind["intent"].words or "改" in behind["intent"].words


def test_what_no_words_state_says_what_it_follows_from(sms: Read) -> None:
    intent = found(sms(SHORT))["intent"]
    assert bool(intent.words) != bool(intent.derived)

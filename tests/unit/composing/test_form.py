"""The form of a question reads back as the order it came from, wherever a shipper fills it in."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from html import escape, unescape
from pathlib import Path

import pytest

from ingestd.checks.content import joined
from ingestd.composing.composer import Composer, Letter
from ingestd.composing.form import form_of
from ingestd.domain.assessment import Assessment, Finding, Hit
from ingestd.domain.order import OrderView
from ingestd.domain.reading import CargoLine, Channel, Code, OrderReading, Problem, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from tests.unit.composing.orders import EXAMPLE, NOON, ROOT, corpus_orders, view
from tests.unit.parsing.clients import HEADED, HTML, MARKED, marked

FRESH = sorted((ROOT / "tests" / "corpus" / "fresh").rglob("*.json"))[::3]
BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
OPEN_LINE = re.compile(r"^((?:>\s?)*★)(.*?)[:：]\s*$")
OPEN_ROW = re.compile(r'(★<span class="label">)([^<]*?)(：|: )</span>&nbsp;')
FORM = {
    "zh": re.compile(r"带★的[^\n]*\n\n(.*?)\n\n填好后", re.DOTALL),
    "en": re.compile(r"marked ★[^\n]*\n\n(.*?)\n\nThen simply", re.DOTALL),
}
Answers = Mapping[str, str]  # by the label of an open line


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions([ROOT / "parsers"])


def lacking(order: OrderReading, chance: random.Random) -> tuple[OrderReading, tuple[Problem, ...]]:
    """An order of one kind of goods without one to three of its fields, and the problems that ask for them."""
    (line,) = order.cargo
    without = {
        "shipper.phones": replace(order, shipper=replace(order.shipper, phones=())),
        "pickup.address": replace(order, pickup=replace(order.pickup, address=None)),
        "cargo.name": replace(order, cargo=(replace(line, name=None),)),
        "cargo.quantity": replace(order, cargo=(replace(line, quantity=None, unit=None),)),
        "cargo.weight_kg": replace(order, cargo=(replace(line, weight_kg=None, volume_m3=None),)),
        "destination": replace(order, destination=None),
        "consignee.name": replace(order, consignee=replace(order.consignee, name=None)),
        "consignee.phones": replace(order, consignee=replace(order.consignee, phones=())),
        "payment": replace(order, payment=None),
    }
    gone = [field for field in chance.sample(sorted(without), chance.randint(1, 3)) if without[field] != order]
    less = order
    for field in gone:
        part = field.partition(".")[0]
        if part == "cargo" and less.cargo != order.cargo:
            continue
        less = (
            replace(less, **{part: getattr(without[field], part)})
            if getattr(less, part) == getattr(order, part)
            else less
        )
    open_ones = [field for field in gone if differs(less, order, field)]
    return less, tuple(Problem(Code.MISSING, field, 0) for field in open_ones)


def differs(less: OrderReading, order: OrderReading, field: str) -> bool:
    """Whether a field was really taken out."""
    part, _, name = field.partition(".")
    one, other = getattr(less, part), getattr(order, part)
    if part == "cargo":
        one, other = one[0], other[0]
    return bool(getattr(one, name) != getattr(other, name)) if name else bool(one != other)


def filled(text: str, answers: Answers) -> str:
    """A text with its open lines filled in."""
    return "\n".join(with_answer(line, answers) for line in text.split("\n"))


def with_answer(line: str, answers: Answers) -> str:
    found = OPEN_LINE.match(line)
    return line.rstrip() + answers.get(found[2], "") if found else line


def between(text: str, answers: Answers) -> str:
    """A quoted text with the answers on lines of their own below the open ones."""
    out = []
    for line in text.split("\n"):
        found = OPEN_LINE.match(line)
        out.append(line)
        out += ["", answers[found[2]], ""] if found and answers.get(found[2]) else []
    return "\n".join(out)


def filled_page(page: str, answers: Answers) -> str:
    """The HTML of a letter with its open rows filled in."""

    def row(found: re.Match[str]) -> str:
        answer = answers.get(unescape(found[2]))
        return found[0].replace("&nbsp;", escape(answer)) if answer else found[0]

    return OPEN_ROW.sub(row, page)


def answers_in(letter: Letter, answers: Answers, language: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """The answer as shippers and their mail programs write it: a text, and whether it is plain or HTML."""
    (form,) = FORM[language].findall(letter.text)
    body = BODY.findall(letter.html or "")[0]
    marks, heads, pages = (chance.choice(list(kind.values())) for kind in (MARKED, HEADED, HTML))
    only = "\n".join(line for line in filled(form, answers).split("\n") if line.startswith("★"))
    thanks = "已填好，请安排。谢谢" if language == "zh" else "Done, thanks."
    yield f"{filled(form, answers)}\n\n{marks}{marked(letter.text)}", "plain"
    yield f"{only.replace('★', '')}\n\n{heads}\n{letter.text}", "plain"
    yield f"{thanks}\n\n{marks}{marked(filled(letter.text, answers))}", "plain"
    yield f"{heads}\n{filled(letter.text, answers)}", "plain"
    yield marks + between(marked(letter.text), answers), "plain"
    yield pages.replace("{new}", f"<div>{thanks}</div>").replace("{old}", filled_page(body, answers)), "html"
    above = "".join(f"<div>{escape(line)}</div>" for line in only.split("\n"))
    yield pages.replace("{new}", above).replace("{old}", body), "html"


def reading_of(letter: Letter, text: str, kind: str, order: OrderReading, definitions: Definitions) -> Reading:
    """The reading of an answer, written two days before anything that the order speaks of."""
    spoken = [t for t in (order.pickup.start, order.pickup.by, order.deliver_from, order.deliver_by) if t]
    sent = format_datetime(min(spoken, default=NOON) - timedelta(days=2))
    head = f"From: a@shipper.example\r\nSubject: Re: {letter.subject} [x]\r\nIn-Reply-To: <x@y>\r\nDate: {sent}\r\n"
    raw = f"{head}Content-Type: text/{kind}; charset=utf-8\r\n\r\n{text}"
    return read(Channel.EMAIL, raw.encode(), definitions)


KINDS = (
    CargoLine("LED灯具", Decimal(40), "箱", Decimal(600), Decimal("3.5")),
    CargoLine("五金配件", Decimal(120), "件", Decimal("88.5")),
    CargoLine("说明书", Decimal(3), "包", Decimal(24), Decimal("0.1")),
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("asked", ["cargo.weight_kg", "cargo.quantity", "cargo.name"])
def test_goods_of_several_kinds_have_lines_of_their_own_where_one_is_asked_about(
    asked: str, language: str, composer: Composer, definitions: Definitions
) -> None:
    without = {
        "cargo.weight_kg": {"weight_kg": None},
        "cargo.quantity": {"quantity": None},
        "cargo.name": {"name": None},
    }
    less = replace(KINDS[1], **without[asked])
    content = replace(EXAMPLE, cargo=(KINDS[0], less, KINDS[2]))
    order = replace(view(content), problems=(Problem(Code.MISSING, asked, 0),))
    letter = composer.question(order, language)
    (form,) = FORM[language].findall(letter.text)
    left_open = [line.removeprefix("★").rstrip(":： ") for line in form.split("\n") if line.startswith("★")]
    first = left_open[0]
    assert all(label.endswith("2") for label in left_open)
    answer = {"cargo.weight_kg": "88.5kg", "cargo.quantity": "120件", "cargo.name": "五金配件"}[asked]
    quote = "".join(f"> {line}\n" for line in filled(letter.text, {first: answer}).split("\n"))
    reading = reading_of(
        letter, f"2026年3月10日 顺驰物流 <orders@shunchi.example> 写道：\n{quote}", "plain", EXAMPLE, definitions
    )
    assert joined(content, reading.orders[0]).cargo == KINDS


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file", FRESH, ids=lambda f: f.stem)
def test_a_form_filled_in_completes_its_order(
    file: Path, language: str, composer: Composer, definitions: Definitions
) -> None:
    chance = random.Random(file.stem)
    for order in corpus_orders(file):
        if len(order.cargo) != 1:
            continue
        less, problems = lacking(order, chance)
        if not problems:
            continue
        teller = composer.tellers[language]
        whole = {line.label: line.value for line in form_of(view(order), teller)}
        asked = replace(view(less), problems=problems)
        answers = {line.label: whole[line.label] for line in form_of(asked, teller) if line.open}
        letter = composer.question(asked, language)
        for text, kind in answers_in(letter, answers, language, chance):
            reading = reading_of(letter, text, kind, order, definitions)
            assert len(reading.orders) == 1, text
            assert joined(less, reading.orders[0]) == order, text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_form_that_nobody_filled_in_is_no_answer(language: str, composer: Composer, definitions: Definitions) -> None:
    asked = replace(view(replace(EXAMPLE, payment=None)), problems=(Problem(Code.MISSING, "payment", 0),))
    letter = composer.question(asked, language)
    for new in ("好的，谢谢", "号码我晚点再发给你"):
        for text in (new + "\n\n" + head + marked(letter.text) for head in MARKED.values()):
            assert reading_of(letter, text, "plain", EXAMPLE, definitions).orders == (), text


def checked(rule: str, saw: str, content: OrderReading = EXAMPLE) -> OrderView:
    return replace(view(content), assessment=Assessment((Hit(rule, Finding.ASK, saw),)))


@pytest.mark.parametrize(
    ("rule", "saw", "labels"),
    [
        ("payment_not_allowed", "monthly", {"付费方式"}),
        ("destination_differs", "杭州|温州", {"发往", "收货地址"}),
        ("place_contradiction", "杭州|江干", {"收货地址"}),
        ("manner_not_offered", "upstairs:杭州", {"送货方式"}),
        ("consignee_full_name", "马先生", {"收货人"}),
    ],
)
def test_what_a_check_asks_about_is_left_open(rule: str, saw: str, labels: set[str], composer: Composer) -> None:
    order = checked(rule, saw)
    assert {line.label for line in form_of(order, composer.tellers["zh"]) if line.open} == labels
    text = composer.question(order, "zh").text
    assert all(f"★{label}：\n" in text for label in labels)


def test_the_form_has_the_prescribed_fields_in_their_order(composer: Composer) -> None:
    labels = [line.label for line in form_of(view(OrderReading()), composer.tellers["zh"])]
    assert labels == [
        *("发货人", "发货人联系电话", "货物名称", "数量", "重量", "体积", "提货地址", "发往"),
        *("收货人", "收货人联系电话", "收货地址", "付费方式"),
    ]

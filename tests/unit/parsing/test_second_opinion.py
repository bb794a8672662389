"""What becomes of an order where rules and learned weights agree, where one is silent, and where they differ."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock

import pytest

from ingestd.domain.reading import Code, Reading
from ingestd.parsing import assigning, second_opinion, tagging
from ingestd.parsing.cargo import Event
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.draft import Draft, Found
from ingestd.parsing.items import Item, Kind
from ingestd.parsing.scanning import scan
from ingestd.parsing.tagging import Span
from ingestd.parsing.text import Text, fold

SAID = "江北纸业公司 申伟 13800138011 发宁德 交白师傅 13900139022 纸管"


@pytest.fixture
def text(definitions: Definitions) -> Text:
    return fold(SAID, definitions)


def span(path: str, words: str, sure: float = 0.99) -> Span:
    start = SAID.index(words)
    return Span(path, start, start + len(words), sure)


def found(words: str, rule: str, value: str | None = None) -> Found:
    start = SAID.index(words)
    return Found(value or words, start, start + len(words), rule)


def after(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch, spans: list[Span],
    finds: dict[str, list[Found]], *, whole: bool = False, goods: list[tuple[Event, Found]] | None = None,
) -> Draft:  # fmt: skip
    monkeypatch.setattr(tagging, "spans", lambda *_: tuple(spans))
    items = [Item(Kind.PHONE, SAID.index(n), SAID.index(n) + 11, f"+86{n}") for n in ("13800138011", "13900139022")]
    (draft,) = second_opinion.seconded([Draft(text, finds, goods or [])], [whole], items, definitions)
    return draft


def test_a_gap_is_filled(text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = after(text, definitions, monkeypatch, [span("shipper.name", "申伟", 0.8)], {})
    assert [(f.value, f.rule) for f in draft.all("shipper.name")] == [("申伟", "learned.words")]


def test_an_order_that_is_whole_is_only_rounded_off(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = [
        span("shipper.company", "江北纸业公司", 0.7),
        span("destination", "宁德"),
        span("consignee.name", "申伟", 0.92),
    ]
    finds = {"consignee.name": [found("白师傅", "party.name")]}
    draft = after(text, definitions, monkeypatch, spans, finds, whole=True)
    assert draft.first("shipper.company") is not None
    assert not draft.has("destination")
    assert [f.value for f in draft.all("consignee.name")] == ["白师傅"]
    assert "consignee.name" in draft.otherwise  # who is called so stands elsewhere


def test_a_guess_of_a_whole_order_gives_way_to_what_is_surer(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = {"consignee.name": [found("申伟", "party.name")]}
    sure = after(text, definitions, monkeypatch, [span("consignee.name", "白师傅")], dict(guess), whole=True)
    held = guess | {"shipper.company": [found("白师傅", "label.party")]}
    labelled = after(text, definitions, monkeypatch, [span("consignee.name", "白师傅")], held, whole=True)
    assert [f.value for f in sure.all("consignee.name")] == ["白师傅"]
    assert [f.value for f in labelled.all("consignee.name")] == ["申伟"]


def test_a_company_that_ends_like_none_is_taken_where_it_is_sure(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sure, taken in ((0.98, True), (0.9, False)):
        spans = [span("consignee.company", "白师傅", sure)]
        assert after(text, definitions, monkeypatch, spans, {}, whole=True).has("consignee.company") == taken


def test_a_place_ends_where_surer_weights_end_it(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rule, value in (("address", "宁德"), ("label.address", "宁德 交")):
        finds = {"pickup.address": [found("宁德 交", rule)]}
        draft = after(text, definitions, monkeypatch, [span("pickup.address", "宁德")], finds, whole=True)
        assert [f.value for f in draft.all("pickup.address")] == [value]


def test_a_number_of_the_pickup_is_lent_to_it_where_its_owner_keeps_one(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = [found("13800138011", "phone", "+8613800138011"), found("13900139022", "phone", "+8613900139022")]
    spans = [span("pickup.phones", "13900139022")]
    draft = after(text, definitions, monkeypatch, spans, {"shipper.phones": list(mixed)}, whole=True)
    assert [f.value for f in draft.all("shipper.phones")] == ["+8613800138011"]
    assert [f.value for f in draft.all("pickup.phones")] == ["+8613900139022"]
    alone = after(text, definitions, monkeypatch, spans, {"shipper.phones": mixed[1:]}, whole=True)
    assert not alone.has("pickup.phones")


def test_a_guess_gives_way_and_a_label_does_not(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = [span("consignee.name", "白师傅")]
    guessed = after(text, definitions, monkeypatch, spans, {"consignee.name": [found("申伟", "party.name")]})
    labelled = after(text, definitions, monkeypatch, spans, {"consignee.name": [found("申伟", "label.person")]})
    assert [f.value for f in guessed.all("consignee.name")] == ["白师傅"]
    assert [f.value for f in labelled.all("consignee.name")] == ["申伟"]


def test_words_that_go_to_another_field_leave_the_one_they_were_in(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {"consignee.name": [found("申伟", "party.name")]}
    draft = after(text, definitions, monkeypatch, [span("shipper.name", "申伟")], finds)
    assert (draft.has("consignee.name"), draft.has("shipper.name")) == (False, True)


def test_a_trade_is_no_company(text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not after(text, definitions, monkeypatch, [span("shipper.company", "纸管")], {}).has("shipper.company")


def test_numbers_are_sorted_anew_where_all_are_known(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed = [found("13800138011", "phone", "+8613800138011"), found("13900139022", "phone", "+8613900139022")]
    both = [span("shipper.phones", "13800138011"), span("consignee.phones", "13900139022")]
    draft = after(text, definitions, monkeypatch, both, {"shipper.phones": list(mixed)})
    assert [f.value for f in draft.all("consignee.phones")] == ["+8613900139022"]
    one = after(text, definitions, monkeypatch, both[:1], {"shipper.phones": list(mixed)})
    assert len(one.all("shipper.phones")) == 2


def test_goods_are_named_by_the_weights_where_no_rule_did(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = [span("cargo.name", "纸管")]
    draft = after(text, definitions, monkeypatch, spans, {})
    assert [event.value for event, _ in draft.goods] == ["纸管"]
    ruled = [(Event(Kind.WORDS, "申伟"), found("申伟", "goods.name"))]
    draft = after(text, definitions, monkeypatch, spans, {}, goods=ruled)
    assert [event.value for event, _ in draft.goods] == ["申伟"]


def test_the_name_of_a_sender_is_no_reason_to_look(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {"shipper.name": [found("白师傅", "party.name")]}
    assert after(text, definitions, monkeypatch, [], finds).otherwise == set()


def test_what_is_hardly_supported_is_a_reason_to_look(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    finds = {"consignee.name": [found("白师傅", "party.name")]}
    assert after(text, definitions, monkeypatch, [], dict(finds)).otherwise == {"consignee.name"}
    assert after(text, definitions, monkeypatch, [], dict(finds), whole=True).otherwise == set()
    assert after(text, definitions, monkeypatch, [span("consignee.name", "白师傅")], finds).otherwise == set()


def test_a_receiver_who_looks_like_nobody_is_a_reason_to_look_where_no_company_is_with_him(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = {"consignee.name": [found("纸管", "party.name")]}
    beside = nobody | {"consignee.company": [found("江北纸业公司", "party.company")]}
    assert after(text, definitions, monkeypatch, [], nobody, whole=True).otherwise == {"consignee.name"}
    assert after(text, definitions, monkeypatch, [], beside, whole=True).otherwise == set()
    sure = [span("consignee.name", "纸管")]
    assert after(text, definitions, monkeypatch, sure, nobody, whole=True).otherwise == set()


def test_a_name_that_is_longer_by_the_weights_is_a_reason_to_look(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"consignee.name": [found("白师", "party.name")]}
    for sure, doubted in ((0.85, {"consignee.name"}), (0.75, set())):
        draft = after(text, definitions, monkeypatch, [span("consignee.name", "白师傅", sure)], short, whole=True)
        assert draft.otherwise == doubted


def test_a_town_that_the_weights_take_for_goods_is_a_reason_to_look(
    text: Text, definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = {"destination": [found("纸管", "cue.place")]}
    assert after(text, definitions, monkeypatch, [span("cargo.name", "纸管")], town).otherwise == {"destination"}


def test_a_form_that_lacks_something_is_asked_about_and_not_doubted(sms: Callable[[str], Reading]) -> None:
    form = (
        "发货人：申先生\n联系方式：13800138011\n货物名称：纸管\n数量：40箱\n重量：600公斤\n体积：3.5立方\n"
        "提货地址：宁波北仑大道9号B3栋\n发往：宁德\n收货人：白小姐\n付费方式：现付"
    )
    reading = sms(form)
    assert [(p.code, p.field) for p in reading.problems] == [(Code.MISSING, "consignee.phones")]
    assert reading.review == ()


@pytest.mark.parametrize(
    ("more", "asked"),
    [("", False), ("您好\n", False), ("工地等着通电\n", True), ("收货电话：13700137000\n", True)],
)
def test_the_weights_are_asked_of_a_form_only_where_words_or_a_number_are_left(
    definitions: Definitions, monkeypatch: pytest.MonkeyPatch, more: str, asked: bool
) -> None:
    said = "发货人：申伟\n发货电话：13800138011\n收货人：白师傅\n收货电话：13900139022\n目的地：宁德\n品名：纸管\n"
    text = fold(more + said, definitions)
    items = scan(text, definitions)
    draft = assigning.read_fields(items, Draft(text), definitions, assigning.Setting(None))
    answer = Mock(return_value=())
    monkeypatch.setattr(tagging, "spans", answer)
    second_opinion.seconded([draft], [True], items, definitions)
    assert answer.called == asked

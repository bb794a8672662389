"""The chain of tags and its weights: tokens, traits, the best row, and what a file of weights may hold."""

from __future__ import annotations

from itertools import pairwise, product
from math import exp, isclose

import pytest

from ingestd.parsing import chain, tagging, tokens, traits
from ingestd.parsing.definitions import DefinitionError, Definitions, SpanWeights, span_weights
from ingestd.parsing.scanning import scan
from ingestd.parsing.text import fold

ORDER = "货是苹果干，三十箱，300公斤，1.2方。\n我叫宁泽，13800138011，到延安市宝塔区枣园路8号来装，"
ORDER += "发济南，交给鲁工 13900139022，到付"


def found(definitions: Definitions, said: str) -> list[tokens.Token]:
    text = fold(said, definitions)
    return tokens.tokens(text.folded, scan(text, definitions))


def test_what_was_recognised_is_one_token_and_the_rest_goes_sign_by_sign(definitions: Definitions) -> None:
    row = found(definitions, "收货人：鲁工 13900139022 abc12")
    assert [t.word for t in row] == ["<lab>", "鲁", "工", " ", "<pho>", " ", "abc", "00"]
    assert (row[0].about, row[4].sort) == ("consignee.party", "PHO")
    assert all(one.end == other.start for one, other in pairwise(row))


def test_each_token_has_traits_and_no_value_of_a_number_is_among_them(definitions: Definitions) -> None:
    text = fold(ORDER, definitions)
    items = scan(text, definitions)
    row = tokens.tokens(text.folded, items)
    said = traits.traits(text.folded, row, items, definitions)
    assert len(said) == len(row) > 30
    assert not any("138" in trait for traits_of_one in said for trait in traits_of_one)


def test_the_weights_of_traits_are_the_same_by_runs_as_one_by_one(definitions: Definitions) -> None:
    text, known = fold(ORDER, definitions), chain.chain(definitions)
    items = scan(text, definitions)
    row = tokens.tokens(text.folded, items)
    words, sorts = traits.surrounded(row)
    sums = chain.summed((words, sorts), traits.circumstances(text.folded, row, sorts, items, definitions), known)
    for found, said in zip(sums, traits.traits(text.folded, row, items, definitions), strict=True):
        rows = [dict(chain.weights(definitions.spans.rows.get(trait, ""))) for trait in said]
        assert [w - chain.HALF for w in found] == [sum(r.get(tag, 0) for r in rows) for tag in range(len(known.tags))]


def test_the_weights_find_who_where_and_what(definitions: Definitions) -> None:
    text = fold(ORDER, definitions)
    found = tagging.spans(text, scan(text, definitions), definitions)
    spans = {(s.path, text.shown[s.start : s.end]) for s in found}
    assert {
        ("shipper.name", "宁泽"), ("shipper.phones", "13800138011"), ("destination", "济南"),
        ("consignee.name", "鲁工"), ("consignee.phones", "13900139022"),
    } <= spans  # fmt: skip


def test_a_long_text_is_cut_and_an_empty_one_has_nothing(definitions: Definitions) -> None:
    text = fold("苹果" * 5000, definitions)
    assert len(tokens.tokens(text.folded, ())) == tokens.MAX_TOKENS
    assert tagging.spans(fold("", definitions), (), definitions) == ()


@pytest.mark.parametrize(
    "lattice",
    [
        [(20, 50, -10), (0, 35, 40), (45, -60, 30), (10, -90, 0)],
        [(20, 50, -80), (-3000, 35, -3000), (45, -70, 30), (15, -70, 10)],  # one token leaves no choice
    ],
)
def test_the_best_row_and_its_chances_are_those_of_all_rows(lattice: list[tuple[int, ...]]) -> None:
    """Against a count of every row of tags."""
    follows = ((30, -40, 10), (5, 60, -20), (-70, 15, 25))
    written = tuple("".join(f"{letter}{w}" for letter, w in zip("abc", row, strict=True)) for row in follows)
    known = chain.of_weights(SpanWeights(("O", "B x", "I x"), written))

    def weight(row: tuple[int, ...]) -> int:
        return sum(sums[tag] for sums, tag in zip(lattice, row, strict=True)) + sum(
            follows[a][b] for a, b in pairwise(row)
        )

    rows = list(product(range(3), repeat=len(lattice)))
    whole = sum(exp(weight(row) / chain.UNIT) for row in rows)
    found = chain.best([[chain.HALF + w for w in sums] for sums in lattice], known)
    assert tuple(tag for tag, _ in found) == max(rows, key=weight)
    for place, (tag, sure) in enumerate(found):
        true = sum(exp(weight(row) / chain.UNIT) for row in rows if row[place] == tag) / whole
        assert isclose(sure, true, rel_tol=1e-9)


def test_what_is_dropped_on_the_way_is_little_and_never_the_best_row(definitions: Definitions) -> None:
    """Against all tags of every token, with the weights as they were learned."""
    text, known = fold(ORDER, definitions), chain.chain(definitions)
    items = scan(text, definitions)
    row = tokens.tokens(text.folded, items)
    words, sorts = traits.surrounded(row)
    sums = chain.summed((words, sorts), traits.circumstances(text.folded, row, sorts, items, definitions), known)
    every, size = [[(w - chain.HALF) / chain.UNIT for w in column] for column in sums], range(len(known.tags))
    before, rows = every[0], [[tag] for tag in size]
    ahead, behind = [[exp(w) for w in every[0]]], [[1.0 for _ in size]]
    for column in every[1:]:
        come = [max((before[one] + known.follows[one][tag] / chain.UNIT, one) for one in size) for tag in size]
        before = [score + w for (score, _), w in zip(come, column, strict=True)]
        rows = [[*rows[one], tag] for tag, (_, one) in enumerate(come)]
        last = ahead[-1]
        ahead.append([sum(last[one] * known.comings[tag][one] for one in size) * exp(column[tag]) for tag in size])
    for column in every[:0:-1]:
        next_ = behind[-1]
        behind.append([sum(known.comings[tag][one] * exp(column[tag]) * next_[tag] for tag in size) for one in size])
    found = chain.best(sums, known)
    assert [tag for tag, _ in found] == rows[max(size, key=before.__getitem__)]
    for (tag, sure), one, other in zip(found, ahead, reversed(behind), strict=True):
        true = one[tag] * other[tag] / sum(a * b for a, b in zip(one, other, strict=True))
        assert abs(sure - true) < 0.01


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"tags": ["O", "B x"], "follows": ["a1"], "rows": {}}, "2 tags and 1 rows"),
        ({"tags": ["O"], "follows": ["a1"], "rows": {"0x": "b5"}}, "the row of '0x'"),
        ({"tags": ["O"], "follows": ["a1"], "rows": {"0x": "a1,5"}}, "the row of '0x'"),
        ({"tags": ["O"], "follows": ["a1"], "weights": {}}, "unknown key 'weights'"),
    ],
)
def test_weights_that_are_not_as_learning_writes_them_are_refused(table: dict[str, object], told: str) -> None:
    with pytest.raises(DefinitionError, match=told):
        span_weights({"site.toml": {"spans": table}})


def test_weights_of_two_files_are_refused() -> None:
    one: dict[str, object] = {"spans": {"tags": [], "follows": [], "rows": {}}}
    with pytest.raises(DefinitionError, match=r"b\.toml: \[spans\]: a\.toml has one, too"):
        span_weights({"a.toml": one, "b.toml": one})

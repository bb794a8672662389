"""The chain of tags and its weights: tokens, traits, the best row, and what a file of weights may hold."""

from __future__ import annotations

from itertools import pairwise, product
from math import exp, isclose

import pytest

from ingestd.parsing import tagging, tokens, traits
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
        [[(0, 20), (1, 50), (2, -10)], [(0, 0), (1, 35), (2, 40)], [(0, 45), (2, 30)], [(0, 10), (2, 0)]],
        [[(0, 20), (1, 50)], [(1, 35)], [(0, 45), (2, 30)], [(0, 15), (2, 10)]],  # one token leaves no choice
    ],
)
def test_the_best_row_and_its_chances_are_those_of_all_rows(lattice: list[tagging.Column]) -> None:
    """Against a count of every row of tags."""
    follows = ((30, -40, 10), (5, 60, -20), (-70, 15, 25))
    written = tuple("".join(f"{letter}{w}" for letter, w in zip("abc", row, strict=True)) for row in follows)
    known = tagging.chain(SpanWeights(("O", "B x", "I x"), written))

    def weight(row: tuple[tuple[int, int], ...]) -> int:
        return sum(s for _, s in row) + sum(follows[a][b] for (a, _), (b, _) in pairwise(row))

    rows = list(product(*lattice))
    best = max(rows, key=weight)
    whole = sum(exp(weight(row) / tagging.UNIT) for row in rows)
    found = tagging.best(lattice, known)
    assert found == [tag for tag, _ in best]
    for place, (tag, sure) in enumerate(zip(found, tagging.chances(lattice, found, known), strict=True)):
        true = sum(exp(weight(row) / tagging.UNIT) for row in rows if row[place][0] == tag) / whole
        assert isclose(sure, true, rel_tol=1e-9)


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

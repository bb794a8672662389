"""Every reason that a decision can give has words for the desk and for the terminal, in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ingestd.checks import (
    cancelling,
    changing,
    deciding,
    decision,
    handing_on,
    ordering,
    releasing,
    reporting,
    rules,
    senders,
    set_aside,
)
from ingestd.cli.words import words
from ingestd.config.shipped import shipped
from ingestd.domain.reading import Intent
from ingestd.parsing.doubt import RULES as DOUBTS

CODES = re.compile(r"""(?:in_review\(f?|unclear_order\(|doubt=f?|return |or \()"([a-z][a-z_]+)(?::|")""")
OF_READING = {*DOUBTS, "conflicting_parts", "added_above", "from_quote"}
BY_INTENT = {str(i) for i in Intent} - {"automatic", "amendment"}


def codes_in_code() -> set[str]:
    modules = (
        cancelling, changing, deciding, decision, handing_on, ordering, releasing, reporting, senders, set_aside,
    )  # fmt: skip
    text = "\n".join(Path(module.__file__ or "").read_text("utf-8") for module in modules)
    named = {rule.__name__ for rule, _ in rules.RULES} - {rules.doubtful_reading.__name__}
    return set(CODES.findall(text)) | named


def test_the_codes_are_found() -> None:
    assert {"unknown_sender", "unclear_order", "no_verdict", "agent_confirms", "overtaken"} <= codes_in_code()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_reason_has_its_words(language: str) -> None:
    letters = tomllib.loads((shipped("templates") / f"labels.{language}.toml").read_text("utf-8"))["review"]
    assert {f"review.{code}" for code in letters} - words(language).keys() == set()
    assert (codes_in_code() | OF_READING) - letters.keys() == set()
    assert BY_INTENT - letters.keys() == set()

"""The words of the command line: both languages, all keys, every code."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

from ingestd.cli import words as module
from ingestd.cli.words import language, span, term, word, words
from ingestd.domain.message import MessageState
from ingestd.domain.order import OrderState
from ingestd.domain.reading import Channel, Code, Delivery, Intent, Payment, Receipt
from ingestd.domain.sending import Purpose, SendingState

SOURCES = sorted(Path(module.__file__).parent.glob("*.py"))
USED = re.compile(r"\bword\(\s*\"([a-z_.]+)\"")
ENUMS: dict[str, type[StrEnum]] = {
    "message_state": MessageState,
    "order_state": OrderState,
    "sending_state": SendingState,
    "purpose": Purpose,
    "channel": Channel,
    "intent": Intent,
    "payment": Payment,
    "delivery": Delivery,
    "receipt": Receipt,
    "problem": Code,
}


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_values_in_them() -> None:
    english, chinese = words("en"), words("zh")
    assert english.keys() == chinese.keys()
    assert {k: placeholders(v) for k, v in english.items()} == {k: placeholders(v) for k, v in chinese.items()}


def test_every_word_that_a_command_asks_for_is_there() -> None:
    used = {key for source in SOURCES for key in USED.findall(source.read_text("utf-8"))}
    assert len(used) > 100
    assert used - words("en").keys() == set()


@pytest.mark.parametrize("group", ENUMS)
def test_every_code_of_the_trade_has_a_name(group: str) -> None:
    assert [code for code in ENUMS[group] if f"{group}.{code}" not in words("zh")] == []


def test_every_sending_state_says_why_it_cannot_be_retried() -> None:
    assert [state for state in SendingState if f"retry.{state}" not in words("en")] == []


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "ZH_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "C"}, "zh"),
    ],
)
def test_the_first_locale_variable_that_is_set_decides(environment: dict[str, str], spoken: str) -> None:
    assert language(environment) == spoken


def test_words_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert (word("retry.done", id=7), term("purpose", "work_order")) == ("待发件 7 即刻重发", "业务单")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert (word("retry.done", id=7), term("purpose", "work_order")) == ("sending 7 is due at once", "work order")


def test_a_code_without_a_name_stands_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert term("event", "never.heard.of") == "never.heard.of"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0.0 s"),
        (4.2, "4.2 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (11_100, "3 h 05 min"),
        (48 * 3600 + 7200, "2 d 2 h"),
    ],
)
def test_a_span_is_told_as_people_tell_it(seconds: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert span(seconds) == said

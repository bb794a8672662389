"""The shipped parser definitions, loaded once, and messages made of a text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestd.domain.reading import Channel, Reading
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read

SHIPPED = Path(__file__).parents[3] / "parsers"
SENT_AT = "2026-03-10T10:02:03+08:00"
Read = Callable[[str], Reading]


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load_definitions([SHIPPED])


@pytest.fixture(scope="session")
def sms(definitions: Definitions) -> Read:
    def of(text: str) -> Reading:
        raw = f"From: +8613800000000\nDate: {SENT_AT}\nTo: 10690000\n\n{text}".encode()
        return read(Channel.SMS, raw, definitions, evidence=True)

    return of


@pytest.fixture(scope="session")
def email(definitions: Definitions) -> Callable[[bytes], Reading]:
    def of(raw: bytes) -> Reading:
        return read(Channel.EMAIL, raw, definitions, evidence=True)

    return of

"""Samples and messages with the values that they should give, tried on the reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestd.cli.parse import message_in
from ingestd.cli.samples import at, message_of
from ingestd.cli.trouble import TROUBLE, Trouble
from ingestd.cli.words import word
from ingestd.domain.reading import Channel, contract
from ingestd.parsing.definitions import Definitions
from ingestd.parsing.reader import read

ABSENT: tuple[Any, ...] = (None, [], False)  # all the same, as the reading contract has it
OF_PEOPLE = ("file", "tags", "note")  # entries of an expectation that are no values
ENDINGS = (".eml", ".sms")
MAX_NAME = 40  # characters of a sample's text that stand for it


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that is read otherwise than it should be."""

    path: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Trial:
    """A sample or message that was tried, with its faults."""

    file: str
    name: str
    faults: tuple[Fault, ...]


def of_samples(definitions: Definitions) -> Iterator[Trial]:
    """Every sample in the definition files."""
    for sample in definitions.samples:
        found = contract(read(Channel(sample.channel), message_of(sample), definitions))
        wrong = [Fault(path, want, value) for path, want in sample.expect if (value := at(found, path)) != want]
        yield Trial(sample.file, " ".join(sample.text.split())[:MAX_NAME], tuple(wrong))


def of_message(file: Path, definitions: Definitions) -> Trial:
    """A message in a file, with what is expected in the file of its name that ends in `.json`; raises Trouble."""
    channel, raw = message_in(file)
    expected = expectation(file.with_suffix(".json"))
    found = contract(read(channel, raw, definitions))
    return Trial(file.name, str(found["intent"]), tuple(differences(expected, found)))


def expectation(file: Path) -> dict[str, Any]:
    """The values that a message should give."""
    try:
        wanted = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Trouble(word("parsers.no_expectation", file=file, why=error.strerror), TROUBLE) from error
    except ValueError as error:
        raise Trouble(word("parsers.bad_expectation", file=file, why=error), TROUBLE) from error
    if not isinstance(wanted, dict):
        raise Trouble(word("parsers.bad_expectation", file=file, why=type(wanted).__name__), TROUBLE)
    return {key: value for key, value in wanted.items() if key not in OF_PEOPLE}


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[Fault]:
    """Where a reading differs from what is expected; what nobody expects may be anything, but for further orders."""
    if isinstance(wanted, dict) and wanted and isinstance(found, dict):
        for key, value in wanted.items():
            yield from differences(value, found.get(key), f"{path}.{key}" if path else key)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (want, value) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(want, value, f"{path}[{index}]")
    elif wanted != found and not (wanted in ABSENT and found in ABSENT) and wanted != {}:
        yield Fault(path, wanted, found)


def messages_in(path: Path) -> list[Path]:
    """A message file itself, or the message files of a folder."""
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS)
    return [path]

"""The messages of the corpora as parameters of a test: all of the small corpora, a part of the thousands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import pytest
from _pytest.mark import MarkDecorator, ParameterSet

THOUSANDS = ("drills", "voices")  # folders of tests/corpus
EVERY = 4  # of these every fourth message is tried each time, the others by `make long`
PILE = 40  # files of one test


def tried(file: Path) -> bool:
    """Whether a file of a corpus is tried each time."""
    return file.parts[-3] not in THOUSANDS or crc32(file.stem.encode()) % EVERY == 0


def piles(files: Sequence[Path]) -> list[ParameterSet]:
    """The files of a corpus as parameters of a test, in piles: a test of its own for each costs more than it does."""
    each_time = [file for file in files if tried(file)]
    return [*in_piles(each_time), *in_piles(sorted({*files} - {*each_time}), pytest.mark.long)]


def in_piles(files: Sequence[Path], *marks: MarkDecorator) -> Iterator[ParameterSet]:
    """The files as parameters, pile by pile."""
    for start in range(0, len(files), PILE):
        pile = files[start : start + PILE]
        yield pytest.param(pile, marks=marks, id=f"{pile[0].stem}-to-{pile[-1].stem}")

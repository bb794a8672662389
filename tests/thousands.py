"""The messages of the corpora as parameters of a test: all of the small corpora, a part of the thousands."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from zlib import crc32

import pytest
from _pytest.mark import MarkDecorator, ParameterSet

THOUSANDS = ("drills", "voices")  # folders of tests/corpus
EVERY = 4  # of these every fourth message is tried each time, the others by `make long`


def tried(file: Path, marks: Collection[MarkDecorator] = ()) -> ParameterSet:
    """A file of a corpus as a parameter."""
    left = file.parts[-3] in THOUSANDS and crc32(file.stem.encode()) % EVERY
    return pytest.param(file, marks=[*marks, *([pytest.mark.long] if left else [])], id=file.stem)

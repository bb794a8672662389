"""What all unit tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

UNMENDED = Path(__file__).with_name("unmended.txt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect of the tests that are known to fail that they do, so that nothing else hides behind them."""
    listed = {line for line in UNMENDED.read_text("utf-8").splitlines() if not line.startswith("#")}
    for item in items:
        if item.nodeid.rsplit("/", 1)[-1] in listed:
            item.add_marker(pytest.mark.xfail(strict=True, reason="known: see unmended.txt"))

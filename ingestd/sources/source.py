"""What every source looks like from outside."""

from __future__ import annotations

from typing import Protocol


class Source(Protocol):
    """A way in for messages, on a thread of its own; it hands each arrival to the inbox it was given."""

    @property
    def part(self) -> str:
        """The name under which it reports to `Health`."""
        ...

    def start(self) -> None:
        """Begin taking messages in; returns at once, or raises OSError where a port cannot be had."""
        ...

    def stop(self) -> None:
        """Take nothing more in, and return within a few seconds."""
        ...

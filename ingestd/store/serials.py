"""Serials, YYMMDD and a day's sequence, reserved in blocks outside the deciding transaction (domain.md §2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, tzinfo

from sqlalchemy import Connection, insert, select, update

from ingestd.store.schema import serial_block

BLOCK = 50  # at most so many numbers are skipped by a restart
FIRST = 1


def reserve(connection: Connection, day: str, count: int) -> int:
    """The first of `count` numbers of that day which nobody else gets."""
    moved = (
        update(serial_block)
        .where(serial_block.c.day == day)
        .values(next=serial_block.c.next + count)
        .returning(serial_block.c.next)
    )
    after: int | None = connection.execute(moved).scalar_one_or_none()
    if after is not None:
        return after - count
    connection.execute(insert(serial_block).values(day=day, next=FIRST + count))
    return FIRST


class Serials:
    """Gives serials one by one; never the same twice, whatever happens."""

    def __init__(
        self, write: Callable[[Callable[[Connection], int]], int], now: Callable[[], datetime], zone: tzinfo
    ) -> None:
        self.write, self.now, self.zone = write, now, zone
        self.lock = threading.Lock()
        self.day, self.next, self.end = "", 0, 0

    def take(self) -> str:
        """The next serial of today, in the site's zone."""
        with self.lock:
            day = self.now().astimezone(self.zone).strftime("%y%m%d")
            if day != self.day or self.next >= self.end:
                self.next = self.write(lambda connection: reserve(connection, day, BLOCK))
                self.day, self.end = day, self.next + BLOCK
            self.next += 1
            return f"{day}{self.next - 1:03d}"


def last_number(connection: Connection, day: str) -> int | None:
    """The next number of a day, None where none was given yet."""
    return connection.execute(select(serial_block.c.next).where(serial_block.c.day == day)).scalar_one_or_none()

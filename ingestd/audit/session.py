"""A connection to the audit mailbox, and whether a copy lies there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from imapclient.exceptions import IMAPClientAbortError

from ingestd.config.settings import ImapAccount
from ingestd.sources.imap.session import UNREADABLE, Session, each

KEY = re.compile(r"[A-Za-z0-9.]{8,64}")  # as we make them: nothing that a server could take for a command
NAME = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
BLOCK = 200  # UIDs whose names are read at once
MOST_BLOCKS = 50  # then it can't be told; ten thousand copies later nobody waits for the answer
MOST_HITS = 20  # of a SEARCH; some servers know no HEADER and give every mail
CLOCKS_APART = timedelta(minutes=15)  # the server's clock and ours

Row = Mapping[bytes, Any]


class AuditSession(Session):
    """A logged-in connection that looks for what we sent, by its key: the left part of its Message-ID."""

    @classmethod
    def opened(cls, account: ImapAccount) -> Self:
        """As `Session.opened`."""
        session = super().opened(account)
        assert isinstance(session, cls)
        return session

    def holds(self, folder: str, key: str, since: datetime) -> bool | None:
        """Whether the folder holds the mail of a key that was written at `since`; None where that can't be told.

        SEARCH only speeds up a yes: some providers find nothing by a header that is there, others find everything
        (faults.md 2.8). A no comes from reading the names of all that arrived since.
        """
        if not KEY.fullmatch(key):
            return None
        self.enter(folder, writable=False)
        if any(is_named(row, key) for row in self._rows(self._hits(key))[0].values()):
            return True
        return self._read_back(key, since - CLOCKS_APART)

    def _hits(self, key: str) -> list[int]:
        try:
            found = self._connection.search(["HEADER", "Message-ID", key])
        except IMAPClientAbortError:
            raise
        except UNREADABLE:
            return []
        return sorted(int(uid) for uid in found)[-MOST_HITS:]

    def _read_back(self, key: str, since: datetime) -> bool | None:
        """Read the names from the newest mail on, until all that is left arrived before `since`."""
        last, seen = self.highest(), 0
        absent: bool | None = False
        for _ in range(MOST_BLOCKS):
            if last < 1 or seen >= self._exists:
                return absent
            uids = self.listed(max(1, last - BLOCK + 1), last)
            rows, _ = self._rows(uids)
            if any(is_named(row, key) for row in rows.values()):
                return True
            if (newest := newest_of(rows.values())) is not None and newest < since:
                return absent
            if sum(bool(name_in(row)) for row in rows.values()) < len(uids):
                absent = None  # it may be the one whose name the server doesn't tell
            last, seen = last - BLOCK, seen + len(uids)
        return None

    def _rows(self, uids: list[int]) -> tuple[dict[int, Row], dict[int, str]]:
        """Name and arrival of each mail, and those whose answer can't be read."""
        return each(lambda some: dict(self._connection.fetch(some, ["INTERNALDATE", NAME])), uids)


def name_in(row: Row) -> bytes:
    """The field with a mail's Message-ID, empty where the server does not give it."""
    found = (value for item, value in row.items() if item.startswith(b"BODY[HEADER") and isinstance(value, bytes))
    return next(found, b"")


def is_named(row: Row, key: str) -> bool:
    """Whether a mail's Message-ID is that of a key."""
    return b"<%s@" % key.encode("ascii") in name_in(row)


def newest_of(rows: Iterable[Row]) -> datetime | None:
    """The latest arrival among mails, None where the server tells none."""
    dates = [row.get(b"INTERNALDATE") for row in rows]
    return max((at for at in dates if isinstance(at, datetime) and at.tzinfo), default=None)

"""The first step: keep the bytes of what sources hand over."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from ingestd.domain.event import log
from ingestd.domain.failpoint import failpoint
from ingestd.domain.message import Arrival, FolderState, Stored
from ingestd.pipeline.workshop import Workshop
from ingestd.store.messages import folder_state, store_arrivals, unknown_keys


class Receiving:
    """The inbox that sources hand their arrivals to: T1."""

    def __init__(self, shop: Workshop, arrived: Callable[[], None]) -> None:
        self.shop, self.arrived = shop, arrived

    def store(self, arrivals: Sequence[Arrival], folder: FolderState | None = None) -> list[Stored]:
        """Keep the bytes; returns after the commit."""

        self.refuse_on_full_disk()

        def keep(connection: Connection) -> list[Stored]:
            stored = store_arrivals(connection, arrivals, folder, self.shop.clock.now())
            failpoint("store.before_commit")
            return stored

        stored = self.shop.writer.run(keep)
        failpoint("store.after_commit")
        for one in stored:
            if one.new:
                log("message.stored", message=one.message_id, source=one.source_key)
        self.arrived()
        return stored

    def refuse_on_full_disk(self) -> None:
        """Stop taking in while the database can still be written for what is here already."""
        settings = self.shop.house.settings
        free = shutil.disk_usage(settings.site.data_folder).free >> 20
        if free < settings.alarms.disk_full_mb:
            raise OSError(errno.ENOSPC, f"{free} MB free, at least {settings.alarms.disk_full_mb} MB are wanted")

    def folder(self, account: str, folder: str) -> FolderState | None:
        """How far a mailbox folder is taken in."""
        with self.shop.database.read() as connection:
            return folder_state(connection, account, folder)

    def unknown(self, source_keys: Iterable[str]) -> set[str]:
        """Those keys under which nothing is stored."""
        with self.shop.database.read() as connection:
            return unknown_keys(connection, source_keys)

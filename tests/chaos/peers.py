"""The servers that the runs of one process share."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres


class OwnPeers:
    """Dovecot and PostgreSQL of our own, each started at first use."""

    def __init__(self) -> None:
        self._running = ExitStack()

    @cached_property
    def dovecot(self) -> Dovecot:
        server = Dovecot()
        server.start()
        self._running.callback(server.close)
        return server

    @cached_property
    def _cluster(self) -> Postgres:
        server = Postgres()
        server.start()
        self._running.callback(server.close)
        return server

    def postgres(self) -> Postgres:
        """The cluster."""
        return self._cluster

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

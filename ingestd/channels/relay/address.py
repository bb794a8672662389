"""Where the relay is: its addresses, the last good ones kept for when the name service fails."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable

Lookup = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver gives them, each once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no host name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class AddressBook:
    """Resolves one host within a time limit: the system's resolver knows none, and a lease would run out."""

    def __init__(self, host: str, port: int, lookup: Lookup = resolved) -> None:
        self.host = host
        self.port = port
        self._lookup = lookup
        self._last_good: list[str] = []

    def addresses(self, seconds: float) -> list[str]:
        """The host's addresses; OSError where there is no answer and never was one."""
        answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
        threading.Thread(target=self._ask, args=(answer,), name="relay-resolver", daemon=True).start()
        try:
            found = answer.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            found = TimeoutError(f"no address for {self.host} in time")
        if isinstance(found, list):
            self._last_good = found
        elif not self._last_good:
            raise found
        return self._last_good

    def _ask(self, answer: queue.SimpleQueue[list[str] | OSError]) -> None:
        try:
            answer.put(self._lookup(self.host, self.port))
        except OSError as error:
            answer.put(error)

"""A TCP proxy on the loopback that says something else than the server did, as odd servers and men in the middle do."""

from __future__ import annotations

import contextlib
import re
import socket
import threading


class RewritingProxy:
    """Stands before a server that speaks in lines, and replaces in each of them what fits a pattern."""

    host = "127.0.0.1"

    def __init__(self, to_port: int, pattern: bytes, replacement: bytes) -> None:
        self.rewritten = 0  # lines
        self.heard = b""  # of what clients said
        self._to = (self.host, to_port)
        self._pattern, self._replacement = re.compile(pattern), replacement
        self._door = socket.create_server((self.host, 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> RewritingProxy:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._to) as server:
            up = threading.Thread(target=self._up, args=(client, server), daemon=True)
            up.start()
            for line in server.makefile("rb"):
                said, times = self._pattern.subn(self._replacement, line)
                self.rewritten += times > 0
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)
            up.join()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.heard += data
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

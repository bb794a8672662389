"""An IMAP server that says what providers say: a greeting, and one answer for each command."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping

CAPABLE = "* CAPABILITY IMAP4rev1 ID\r\n{tag} OK done"
ANSWERS: Mapping[str, str] = {
    "CAPABILITY": CAPABLE,
    "LOGIN": "{tag} OK logged in",
    "ID": "* ID NIL\r\n{tag} OK done",
    "EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n{tag} OK [READ-ONLY] done",
    "LOGOUT": "* BYE\r\n{tag} OK gone",
}


class ScriptedImap:
    """One connection at a time; `answers` replaces the usual answer of a command, `{tag}` stands for its tag."""

    host = "127.0.0.1"

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = {**ANSWERS, **(answers or {})}
        self.heard: list[str] = []  # the commands, without their arguments
        self.door = socket.create_server((self.host, 0))
        self.port: int = self.door.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop listening; a connection ends with its client."""
        with contextlib.suppress(OSError):
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        self.thread.join(5)

    def serve(self) -> None:
        """Answer one client after another until the door is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.door.accept()
                with client, contextlib.suppress(OSError):
                    self.converse(client)

    def converse(self, client: socket.socket) -> None:
        """Greet, and answer each line."""
        client.settimeout(10)
        client.sendall(b"* OK ready\r\n")
        for line in client.makefile("rb"):
            tag, command = [*line.decode("utf-8", "replace").split(), "*", "?"][:2]  # a probe by TLS is any bytes
            self.heard.append(command.upper())
            answer = self.answers.get(command.upper(), "{tag} BAD unknown")
            client.sendall(answer.format(tag=tag).encode() + b"\r\n")

"""An SMTP client byte by byte, for conversations that no library would begin."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from contextlib import suppress

SHIPPER = "wang@shipper.example"
ORDERS = "orders@desk.example"
UP_TO_DATA = ("EHLO client.example", f"MAIL FROM:<{SHIPPER}>", f"RCPT TO:<{ORDERS}>")


class Client:
    """A conversation with an inlet on the loopback."""

    def __init__(self, port: int, from_host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=15, source_address=(from_host, 0))
        self._replies = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._replies.close()
        self.socket.close()

    def reply(self) -> str:
        """The next reply, its lines joined; empty where the server has hung up."""
        lines = []
        with suppress(ConnectionResetError):
            while line := self._replies.readline().decode("ascii"):
                lines.append(line.rstrip())
                if line[3:4] != "-":
                    break
        return "\n".join(lines)

    def rest(self) -> list[str]:
        """All replies up to the end."""
        return list(iter(self.reply, ""))

    def send(self, words: bytes) -> None:
        """Say something."""
        self.socket.sendall(words)

    def say(self, words: str) -> str:
        """A command and its reply; empty where the server has hung up before."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send(words.encode() + b"\r\n")
        return self.reply()

    def takes(self, piece: bytes) -> bool:
        """Whether the server's side is still open for what we send, every tenth of a second a piece."""
        time.sleep(0.1)
        try:
            self.send(piece)
        except OSError:
            return False
        return True

    def up_to_data(self) -> None:
        """Come up to the message itself."""
        self.reply()
        for words in (*UP_TO_DATA, "DATA"):
            assert self.say(words)[0] in "23", words

    def secured(self, context: ssl.SSLContext) -> None:
        """Go on over TLS."""
        self._replies.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._replies = self.socket.makefile("rb")

    def reset(self) -> None:
        """Hang up without a word, as a crash would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

"""The sockets that the inlet listens on: its own, or those that systemd opened (sd_listen_fds(3))."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, MutableMapping

from ingestd.config.load import ConfigurationError
from ingestd.config.settings import Inlet

BACKLOG = 128  # connections that wait to be let in
FIRST_DESCRIPTOR = 3  # SD_LISTEN_FDS_START
NAME = "inlet"  # FileDescriptorName= of ingestd-inlet.socket
VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def listening(inlet: Inlet, environment: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """Sockets that listen; raises OSError where a port cannot be had, ConfigurationError where none was handed over."""
    if inlet.socket != "systemd":
        return list(opened(inlet))
    given = handed_over(environment)
    if not given:
        raise ConfigurationError(
            'inlet.socket = "systemd", but no listening socket was handed over: enable ingestd-inlet.socket '
            '(systemctl enable --now ingestd-inlet.socket), or use inlet.socket = "own" with host and port'
        )
    return given


def opened(inlet: Inlet) -> Iterator[socket.socket]:
    """A socket for each address of the configured host."""
    found = socket.getaddrinfo(inlet.host or None, inlet.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, _, _, _, address in dict.fromkeys(found):
        yield socket.create_server((str(address[0]), int(address[1])), family=family, backlog=BACKLOG)


def handed_over(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """The listening stream sockets for this very process: those named `inlet`, or all where none is.

    They are nobody's after us: children inherit neither them nor the variables.
    """
    pid, count, names = (environment.pop(name, "") for name in VARIABLES)
    if pid != str(os.getpid()) or not count.isdigit():
        return []
    given = range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(count))
    for descriptor in given:
        os.set_inheritable(descriptor, False)
    named = [d for d, name in zip(given, names.split(":"), strict=False) if name == NAME]
    return [s for d in named or given if (s := as_listening(d)) is not None]


def as_listening(descriptor: int) -> socket.socket | None:
    """The socket of a descriptor where it listens for connections."""
    given = socket.socket(fileno=descriptor)
    if given.type == socket.SOCK_STREAM and given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return given
    given.detach()
    return None

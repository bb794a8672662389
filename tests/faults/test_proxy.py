"""The proxy that plays the network does what the fault tests rely on."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.servers.proxy import LINGER_NOT, NO_FAULT, Act, Fault, FaultProxy, Way

SAID = b"0123456789" * 20


class Echo:
    """Says back what it hears, and remembers it."""

    def __init__(self) -> None:
        self.heard = b""
        self.resets = False  # instead of saying it back
        self.over = threading.Event()  # a client is gone
        self.door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        """Serve one client after another until the test ends."""
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client: socket.socket) -> None:
        """Say it back."""
        with client, contextlib.suppress(OSError):
            while data := client.recv(4096):
                if self.resets:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
                    break
                self.heard += data
                client.sendall(data)
        self.over.set()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.door.shutdown(socket.SHUT_RDWR)
    server.door.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(echo.door.getsockname()[1]) as proxy:
        yield proxy


def talk(proxy: FaultProxy, timeout: float = 2.0) -> tuple[bytes, str]:
    """What comes back of what is said, and how it ends."""
    back = b""
    with socket.create_connection((proxy.host, proxy.port), timeout=timeout) as client:
        try:
            client.sendall(SAID)
            while len(back) < len(SAID):
                if not (data := client.recv(4096)):
                    return back, "closed"
                back += data
        except TimeoutError:
            return back, "silent"
        except ConnectionResetError:
            return back, "reset"
    return back, "whole"


def test_without_a_fault_all_passes(proxy: FaultProxy) -> None:
    assert talk(proxy) == (SAID, "whole")
    assert (proxy.came, proxy.struck) == (1, 0)


@pytest.mark.parametrize("after", [0, 1, 57, 199])
def test_a_cut_comes_exactly_after_so_many_bytes(after: int, proxy: FaultProxy) -> None:
    proxy.fault = Fault(Act.CUT, Way.DOWN, after=after)
    assert talk(proxy) == (SAID[:after], "closed")
    proxy.fault = NO_FAULT
    assert talk(proxy) == (SAID, "whole")


def test_a_cut_on_the_way_up_keeps_the_rest_from_the_server(echo: Echo, proxy: FaultProxy) -> None:
    proxy.fault = Fault(Act.CUT, Way.UP, after=30)
    talk(proxy)
    assert echo.over.wait(5)
    assert echo.heard == SAID[:30]


@pytest.mark.parametrize("piece", [1, 7, 4096])
def test_a_pattern_is_found_over_the_edges_of_pieces_and_passes_whole(
    piece: int, echo: Echo, proxy: FaultProxy
) -> None:
    proxy.fault = Fault(Act.CUT, Way.UP, behind=b"456", piece=piece)
    talk(proxy)
    assert echo.over.wait(5)
    assert echo.heard == SAID[:7]


def test_a_stall_keeps_the_connection_and_says_nothing(proxy: FaultProxy) -> None:
    proxy.fault = Fault(Act.STALL, Way.DOWN, after=10)
    assert talk(proxy, timeout=0.5) == (SAID[:10], "silent")
    assert proxy.struck == 1


def test_a_reset_is_a_reset(proxy: FaultProxy) -> None:
    proxy.fault = Fault(Act.RESET, Way.DOWN, after=0)
    assert talk(proxy)[1] == "reset"


def test_connections_that_are_there_can_be_dropped(proxy: FaultProxy) -> None:
    with socket.create_connection((proxy.host, proxy.port), timeout=2) as client:
        client.sendall(b"a")
        assert client.recv(1) == b"a"
        proxy.drop()
        assert client.recv(1) == b""


def test_what_a_server_resets_is_reset(proxy: FaultProxy, echo: Echo) -> None:
    echo.resets = True
    assert talk(proxy) == (b"", "reset")
    assert proxy.struck == 0

"""Whom the inlet lets in, and what it keeps of a message while it comes."""

from __future__ import annotations

import resource
from typing import Any

import pytest

from ingestd.config.settings import Inlet
from ingestd.sources.inlet import door as doors
from ingestd.sources.inlet.answer import LONG_LINE, NO_ROOM, TOO_LARGE
from ingestd.sources.inlet.door import Doorkeeper, neighbourhood
from ingestd.sources.inlet.incoming import LONGEST_LINE, Incoming

LOW = 10  # number of a file descriptor


def doorkeeper(seconds: float = 0.0, **settings: Any) -> Doorkeeper:
    return Doorkeeper(Inlet(**settings), lambda: seconds)


class TestDoorkeeper:
    def test_so_many_from_a_host_and_so_many_in_all(self) -> None:
        door = doorkeeper(connections=3, connections_per_host=2)
        let_in = [door.lets_in(f"10.0.0.{host}", LOW) for host in (1, 1, 1, 2, 2, 3)]
        assert let_in == [True, True, False, True, False, False]
        assert door.refused == {"connections_per_host": 1, "connections": 2}

    def test_who_leaves_makes_room(self) -> None:
        door = doorkeeper(connections=1)
        assert door.lets_in("10.0.0.1", LOW)
        door.sees_off("10.0.0.1")
        assert door.lets_in("10.0.0.2", LOW)

    def test_so_many_in_a_minute_but_of_our_own_servers_any_number(self) -> None:
        now = [0.0]
        door = Doorkeeper(Inlet(connections_per_minute=3), lambda: now[0])
        for host, let_in in (("10.0.0.1", 3), ("127.0.0.1", 9)):
            for number in range(9):
                inside = door.lets_in(host, LOW)
                assert inside is (number < let_in)
                if inside:
                    door.sees_off(host)
        now[0] = 60.0
        assert door.lets_in("10.0.0.1", LOW)

    def test_a_network_of_ipv6_is_one_neighbour(self) -> None:
        door = doorkeeper(connections_per_host=2)
        assert [door.lets_in(f"2001:db8::{host}", LOW) for host in (1, 2, 3)] == [True, True, False]
        assert door.lets_in("2001:db8:0:1::1", LOW)
        assert neighbourhood("::ffff:10.0.0.1") == "10.0.0.1"
        assert neighbourhood("") == ""

    def test_only_the_networks_of_our_servers_are_known(self) -> None:
        door = doorkeeper(trusted=["127.0.0.0/8", "::1/128", "192.0.2.0/24"])
        known = ("127.0.0.1", "::1", "::ffff:192.0.2.9", "192.0.2.255")
        assert [door.knows(host) for host in known] == [True] * 4
        assert [door.knows(host) for host in ("192.0.3.1", "::2", "10.0.0.1", "", "localhost")] == [False] * 5

    @pytest.mark.fault("F72")
    def test_the_last_descriptors_are_kept_for_the_rest_of_the_daemon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        door, kept = doorkeeper(), doors.DESCRIPTORS_KEPT
        monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
        assert door.lets_in("10.0.0.1", 63 - kept)
        assert not door.lets_in("10.0.0.1", 64 - kept)
        monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
        assert door.lets_in("10.0.0.1", 10**6)


def heard(door: Doorkeeper, *pieces: bytes, largest: int = 10_000) -> tuple[bytes, str]:
    """What is kept of a message of these pieces, and why it is refused."""
    incoming = Incoming(largest, door)
    assert [incoming.add(piece) for piece in (*pieces, b".\r\n")] == [False] * len(pieces) + [True]
    return bytes(incoming.content), incoming.refusal


class TestAMessage:
    def test_is_its_lines_without_the_dots_that_were_doubled(self) -> None:
        assert heard(doorkeeper(), b"one\r\n", b"..\r\n", b"...two\r\n") == (b"one\r\n.\r\n..two\r\n", "")

    @pytest.mark.bad_input("B82")
    def test_ends_with_a_dot_on_a_whole_line_only(self) -> None:
        incoming = Incoming(100, doorkeeper())
        assert not incoming.add(b"a line with more to come")
        assert not incoming.add(b".\r\n")
        assert not incoming.add(b"x\n.\r\n")
        assert not incoming.add(b"\n.\r\n")
        assert incoming.add(b".\r\n")

    @pytest.mark.bad_input("B64", "B82")
    def test_of_a_line_too_long_is_refused_and_nothing_of_it_kept(self) -> None:
        assert heard(doorkeeper(), b"x" * (LONGEST_LINE - 2) + b"\r\n")[1] == ""
        assert heard(doorkeeper(), b"x" * (LONGEST_LINE - 1) + b"\r\n") == (b"", LONG_LINE)
        assert heard(doorkeeper(), b"fine\r\n", *[b"x" * 1000] * 50, b"\r\n", b"fine\r\n") == (b"", LONG_LINE)

    @pytest.mark.bad_input("B68")
    def test_too_large_is_refused_and_nothing_of_it_kept(self) -> None:
        line = b"x" * 98 + b"\r\n"
        assert heard(doorkeeper(), *[line] * 100)[1] == ""
        assert heard(doorkeeper(), *[line] * 101) == (b"", TOO_LARGE)

    def test_for_which_all_messages_together_leave_no_memory_comes_later(self) -> None:
        door, line = doorkeeper(memory_mb=1), b"x" * 998 + b"\r\n"
        first = Incoming(10**7, door)
        while not first.refusal and len(first.content) < 900_000:
            first.add(line)
        assert heard(door, *[line] * 200, largest=10**7) == (b"", NO_ROOM)
        first.drop()
        assert heard(door, *[line] * 200, largest=10**7)[1] == ""

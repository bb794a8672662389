"""A TCP proxy on the loopback that does to a connection what networks do: cut, reset, stall, delay, drip."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

CHUNK = 65536
POLL_SECONDS = 0.05  # how soon a thread notices that the proxy is closed or its fault lifted
LINGER_NOT = struct.pack("ii", 1, 0)  # SO_LINGER that makes of a close a reset


class Way(StrEnum):
    """Which of the two streams."""

    UP = "up"  # from the client to the server
    DOWN = "down"  # from the server to the client


class Act(StrEnum):
    """What happens at the point of the fault."""

    CUT = "cut"  # both sides are closed in good order
    RESET = "reset"  # both sides are reset
    STALL = "stall"  # nothing passes any more, either way; the connections stay open
    NONE = "none"  # for `delay` and `piece` alone


@dataclass(frozen=True)
class Fault:
    """What is done to each connection while the fault is set.

    The point is reached once `after` bytes have gone `way`, or right behind `behind`, whichever comes first; a fault
    with neither strikes at once. What comes before the point is passed on whole, what comes after it is not.
    """

    act: Act
    way: Way = Way.DOWN
    after: int | None = None  # bytes
    behind: bytes = b""
    delay: float = 0.0  # seconds before each piece, both ways
    piece: int = CHUNK  # bytes passed on at once, both ways


NO_FAULT = Fault(Act.NONE)


class FaultProxy:
    """Stands before a server; `fault` may be changed at any time and holds for connections that are there too."""

    host = "127.0.0.1"

    def __init__(self, to_port: int) -> None:
        self.fault = NO_FAULT
        self.came = 0  # connections so far
        self.struck = 0  # of them those that a fault ended or stalled
        self.closed = False
        self._to = (self.host, to_port)
        self._pairs: set[Pair] = set()
        self._door = socket.create_server((self.host, 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self.closed = True
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def drop(self, act: Act = Act.CUT) -> None:
        """End the connections that are there now."""
        for pair in list(self._pairs):
            pair.strike(act)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                self.came += 1
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._to, timeout=5) as server:
            pair = Pair(self, client, server)
            self._pairs.add(pair)
            back = threading.Thread(target=pair.pump, args=(Way.DOWN,), daemon=True)
            back.start()
            pair.pump(Way.UP)
            back.join()
            self._pairs.discard(pair)


class Pair:
    """A client's connection and ours to the server."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.ends = {Way.UP: (client, server), Way.DOWN: (server, client)}
        self.passed = {Way.UP: 0, Way.DOWN: 0}
        self.tail = {Way.UP: b"", Way.DOWN: b""}  # enough of what passed to find `behind` over the edge of two pieces
        self.struck_by: Act | None = None
        for end in (client, server):
            end.settimeout(POLL_SECONDS)

    def pump(self, way: Way) -> None:
        """Carry one stream until it ends or the fault ends it; what breaks on one side breaks on the other."""
        source, target = self.ends[way]
        try:
            while data := self._received(source):
                self._pass_on(way, target, data)
            if self.struck_by is None:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            if self.struck_by is None:
                self._end(Act.RESET)

    def strike(self, act: Act) -> None:
        """End or stall both sides."""
        if self.struck_by is None:
            self.proxy.struck += 1
        self._end(act)

    def _end(self, act: Act) -> None:
        self.struck_by = act
        for end, _ in self.ends.values():
            with contextlib.suppress(OSError):
                if act is Act.RESET:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)  # for the close that follows
                elif act is Act.CUT:
                    end.shutdown(socket.SHUT_RDWR)

    def _received(self, source: socket.socket) -> bytes:
        """The next piece; nothing at the end of the stream and after a strike."""
        while not self.proxy.closed:
            fault = self.proxy.fault
            if self.struck_by is None and fault.act is not Act.NONE and fault.after is None and not fault.behind:
                self.strike(fault.act)
            if self.struck_by is Act.STALL:
                time.sleep(POLL_SECONDS)
            elif self.struck_by is not None:
                break
            else:
                with contextlib.suppress(TimeoutError):
                    return source.recv(min(CHUNK, fault.piece))
        return b""

    def _pass_on(self, way: Way, target: socket.socket, data: bytes) -> None:
        fault = self.proxy.fault
        if fault.delay:
            time.sleep(fault.delay)
        point = self._point(fault, way, data) if fault.act is not Act.NONE and fault.way is way else None
        target.sendall(data[:point])
        self.passed[way] += len(data[:point])
        self.tail[way] = (self.tail[way] + data)[-max(1, len(fault.behind)) :]
        if point is not None:
            self.strike(fault.act)

    def _point(self, fault: Fault, way: Way, data: bytes) -> int | None:
        """How much of a piece comes before the point of the fault; None where all of it does."""
        points = []
        if fault.after is not None and self.passed[way] + len(data) >= fault.after:
            points.append(max(0, fault.after - self.passed[way]))
        if fault.behind:
            kept = self.tail[way][1 - len(fault.behind) :] if len(fault.behind) > 1 else b""
            if (found := (kept + data).find(fault.behind)) >= 0:
                points.append(found + len(fault.behind) - len(kept))
        return min(points, default=None)

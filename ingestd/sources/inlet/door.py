"""Who may come in: how many at once, in a minute and from one neighbourhood, and how much all of them may carry."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ingestd.config.settings import Inlet

MINUTE = 60.0  # seconds
DESCRIPTORS_KEPT = 24  # for the rest of the daemon, and for those who come in while one is shown out
NETWORK_BITS = 64  # of an IPv6 address: what one subscriber has


class Doorkeeper:
    """Counts those inside and what they carry; used by the inlet's own thread alone."""

    def __init__(self, inlet: Inlet, now: Callable[[], float] = time.monotonic) -> None:
        self._inlet = inlet
        self._now = now
        self._inside: Counter[str] = Counter()
        self._minute = 0
        self._this_minute: Counter[str] = Counter()
        self._carried = 0  # bytes
        self.refused: Counter[str] = Counter()  # by reason, until somebody has told of it

    def lets_in(self, host: str, descriptor: int) -> bool:
        """Whether one more from this host may come in, on a file descriptor of this number; counts it if so."""
        reason = self._objection(host, descriptor)
        if reason:
            self.refused[reason] += 1
            return False
        self._inside[neighbourhood(host)] += 1
        return True

    def sees_off(self, host: str) -> None:
        """One from this host has left."""
        where = neighbourhood(host)
        self._inside[where] -= 1
        if not self._inside[where]:
            del self._inside[where]

    def knows(self, host: str) -> bool:
        """Whether this is a mail server of ours."""
        address = address_of(host)
        return address is not None and any(address in network for network in self._inlet.trusted)

    def takes(self, size: int) -> bool:
        """Whether there is memory for so many bytes more; counts them if so."""
        if self._carried + size > self._inlet.memory_mb << 20:
            return False
        self._carried += size
        return True

    def gives_back(self, size: int) -> None:
        """So many bytes have been stored or dropped."""
        self._carried -= size

    def _objection(self, host: str, descriptor: int) -> str:
        """Why somebody may not come in; empty where he may."""
        where = neighbourhood(host)
        if self._inside.total() >= self._inlet.connections:
            return "connections"
        if self._inside[where] >= self._inlet.connections_per_host:
            return "connections_per_host"
        most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if most != resource.RLIM_INFINITY and descriptor + DESCRIPTORS_KEPT >= most:  # the lowest free one is given out
            return "descriptors"
        if not self.knows(host) and self._came(where) > self._inlet.connections_per_minute:
            return "connections_per_minute"
        return ""

    def _came(self, where: str) -> int:
        """How many came from there in this minute, this one included."""
        minute = int(self._now() // MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._this_minute.clear()
        self._this_minute[where] += 1
        return self._this_minute[where]


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """The address of a peer, an IPv4 one also where it comes by an IPv6 socket."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def neighbourhood(host: str) -> str:
    """All addresses that are one client's to choose from: an IPv4 address, or the network of an IPv6 address."""
    address = address_of(host)
    if not isinstance(address, IPv6Address):
        return str(address or host)
    return str(ip_network((int(address), NETWORK_BITS), strict=False))

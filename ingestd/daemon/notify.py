"""Telling systemd how it goes: READY, WATCHDOG, STATUS, STOPPING (sd_notify's datagrams)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import timedelta


class Notifier:
    """Speaks to $NOTIFY_SOCKET, or to nobody where there is none."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self.address = "\0" + address[1:] if address.startswith("@") else address
        micros = environment.get("WATCHDOG_USEC", "")
        self.watchdog = timedelta(microseconds=int(micros)) if micros.isdigit() else None

    def tell(self, *lines: str) -> None:
        """Send lines like READY=1; what systemd does not take is not worth dying for."""
        if not self.address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as peer:
            try:
                peer.sendto("\n".join(lines).encode(), self.address)
            except OSError:
                return

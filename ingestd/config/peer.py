"""A server that ingestd talks to, and how the connection is protected."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator

from ingestd.config.section import Port, Section


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"  # loopback only, unless `insecure = true` says so by word


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Peer(Section):
    """A server that ingestd talks to."""

    host: str
    port: Port
    security: Security = Security.TLS
    insecure: bool = False
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None  # relative names: systemd's credentials directory

    @model_validator(mode="after")
    def plain_only_where_meant(self) -> Self:
        if self.security is Security.NONE and not is_loopback(self.host) and not self.insecure:
            raise ValueError(
                f'security = "none" to {self.host} sends mail and password in the clear; '
                'use "tls" or "starttls", or say insecure = true'
            )
        return self

    @property
    def mailbox(self) -> tuple[str, str]:
        """Whose account it is, where: servers tell neither hosts nor logins apart by case."""
        return self.host.lower(), self.username.lower()

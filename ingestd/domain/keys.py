"""Unguessable names of what we send, the same at every repeat."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

KEY_CHARACTERS = 26
TOKEN_CHARACTERS = 12
MARK_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """Names derived from the site's secret; whoever does not know it can't make them up."""

    secret: bytes
    life: str = ""  # of the database, another since each restore: what was sent after the backup keeps its names

    def sending(self, purpose: str, cause: str, channel: str, recipient: str) -> str:
        """The key of a sending: the left part of its Message-ID, or the name of its SMS."""
        what = (purpose, cause, channel, recipient)
        return self.digest("sending", *what, *([self.life] if self.life else []))[:KEY_CHARACTERS]

    def token(self, serial: str) -> str:
        """The token that stands in the subject of an order's letters."""
        return self.digest("order", serial)[:TOKEN_CHARACTERS]

    def mark(self) -> str:
        """What our X-Ingestd header says, so that our own mail coming back is known."""
        return self.digest("mark")[:MARK_CHARACTERS]

    def digest(self, *parts: str) -> str:
        """An HMAC over the parts in hex."""
        return hmac.digest(self.secret, "\0".join(parts).encode(), sha256).hex()

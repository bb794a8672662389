"""A relay that delivers, and a site whose mail is copied to a mailbox of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiosmtpd.smtp import Envelope

from tests.daemon.oracle import Evidence, evidence_of
from tests.daemon.orders import ShippedOrder
from tests.daemon.site import Site
from tests.servers.dovecot import Mailbox
from tests.servers.relay import Relay
from tests.servers.smtp_sink import SunkMail

AUDIT = "audit@desk.example"


class DeliveringRelay(Relay):
    """Puts what it takes into the mailboxes of those recipients that have one here."""

    def __init__(self, boxes: Mapping[str, Mailbox]) -> None:
        super().__init__()
        self.boxes = boxes

    def _keep(self, envelope: Envelope, connection: int) -> None:
        super()._keep(envelope, connection)
        for recipient in envelope.rcpt_tos:
            if recipient in self.boxes:
                self.boxes[recipient].deliver(envelope.original_content or b"")


def audit_of(box: Mailbox, **further: Any) -> dict[str, Any]:
    """The options of [audit] for a mailbox."""
    return {
        "address": AUDIT,
        "host": box.server.host,
        "port": box.server.ports.imap,
        "security": "none",
        "username": box.user,
        "password": box.server.password,
        "timeout": 15,
        "grace": 1.5,
        **further,
    }


def judged(site: Site, orders: list[ShippedOrder], mails: list[SunkMail]) -> Evidence:
    """What there is to judge of a site's runs; the copies' recipient is none of the mail's."""
    return evidence_of(site, orders, [SunkMail(m.sender, without_audit(m.recipients), m.raw) for m in mails])


def taken_by(relay: Relay) -> list[SunkMail]:
    """What a relay took, as smtp-sink would have it."""
    return [SunkMail(m.sender, m.recipients, m.raw.replace(b"\r\n", b"\n")) for m in relay.messages()]


def without_audit(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Those whom the mail was for."""
    return tuple(recipient for recipient in recipients if recipient != AUDIT)

"""Who wrote a message, as far as our own server's word goes."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.checks.house import House
from ingestd.config.tables import Customer, Staff
from ingestd.domain.decision import Case
from ingestd.domain.reading import Channel, Envelope

NO_SERVER = "none"  # authserv_id of an account whose server writes no verdict


@dataclass(frozen=True, slots=True)
class Who:
    """A sender: a customer, a member of staff, or nobody we know, with the reason for doubt."""

    customer: Customer | None = None
    staff: Staff | None = None
    doubt: str | None = None

    @property
    def name(self) -> str:
        """As the tracking record shows it."""
        if self.staff:
            return f"staff {self.staff.number}"
        return f"customer {self.customer.name}" if self.customer else "unknown"


def who_sent(case: Case, house: House) -> Who:
    """The sender by roster and customer table; `doubt` says why he is not to be believed."""
    reading, envelope = case.reading, case.reading.envelope
    if reading.channel is Channel.EMAIL and len(envelope.from_) != 1:
        return Who(doubt="not_one_sender")
    sender = reading.sender or ""
    staff, customer = house.staff.get(sender), house.customer(reading.channel, sender)
    if not (staff or customer):
        return Who(doubt="unknown_sender")
    doubt = (
        distrust(envelope, house.authserv_ids.get(case.facts.account), sender)
        if reading.channel is Channel.EMAIL
        else None
    )
    return Who(customer if not staff else None, staff, doubt)


def distrust(envelope: Envelope, authserv_id: str | None, sender: str) -> str | None:
    """Why (a review code) our own server's verdict does not vouch for the sender, None where it does or writes none.

    Only the topmost Authentication-Results of our own server counts; dmarc=fail beats everything; a domain that
    passed must be the sender's own or its parent. Source: RFC 8601 §7.1, domain.md §3.
    """
    if authserv_id in (None, NO_SERVER):
        return None
    verdict = envelope.verdicts[0] if envelope.verdicts else None
    if verdict is None or verdict.authserv_id.lower() != authserv_id.lower():
        return "no_verdict"
    results = {(method, result) for method, result, _ in verdict.methods}
    if ("dmarc", "fail") in results:
        return "authentication_failed:dmarc"
    if ("dmarc", "pass") in results:
        return None
    domain = sender.rpartition("@")[2]
    passed = {of for method, result, of in verdict.methods if result == "pass" and method in ("dkim", "spf") and of}
    aligned = any(domain == p or domain.endswith("." + p) or p.endswith("." + domain) for p in passed)
    return None if aligned else "authentication_failed:not aligned"

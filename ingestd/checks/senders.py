"""Who wrote a message, as far as our own server's word goes."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.checks.house import House
from ingestd.config.tables import Customer, Staff
from ingestd.domain.address import aligned
from ingestd.domain.decision import Case
from ingestd.domain.message import UNVOUCHED
from ingestd.domain.reading import Channel, Envelope, Verdict

NO_SERVER = "none"  # authserv_id of an account whose server writes no verdict
DOUBTS = frozenset(
    {
        "not_one_sender", "unknown_sender", "not_our_server", "no_verdict", "authentication_failed",
        "customer_disabled", "former_sender",
    }
)  # fmt: skip


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
    staff, customer = house.colleague(reading.channel, sender), house.customer(reading.channel, sender)
    if not (staff or customer):
        return Who(doubt="unknown_sender")
    doubt = (
        distrust(envelope, house.authserv_ids.get(case.facts.account), sender)
        if reading.channel is Channel.EMAIL
        else None
    )
    if staff or customer is None:
        return Who(None, staff, doubt)
    return Who(customer, None, doubt or barred(customer, sender))


def barred(customer: Customer, sender: str) -> str | None:
    """Why (a review code) a customer's mail is none of his, though it comes from him."""
    if customer.disabled:
        return "customer_disabled"
    return "former_sender" if sender in customer.former else None


def believed(reason: str) -> bool:
    """Whether a message that ended for this reason was by whom it said."""
    return reason.partition(":")[0] not in DOUBTS


def distrust(envelope: Envelope, authserv_id: str | None, sender: str) -> str | None:
    """Why (a review code) our own server's verdict does not vouch for the sender, None where it does or writes none.

    Only the topmost Authentication-Results of our own server counts; dmarc=fail beats everything; a domain that
    passed must be the sender's own or its parent. Source: RFC 8601 §7.1, domain.md §3.
    """
    verdict = envelope.verdicts[0] if envelope.verdicts else None
    if verdict is not None and verdict.authserv_id == UNVOUCHED:
        return "not_our_server"
    if authserv_id in (None, NO_SERVER):
        return None
    if verdict is None or verdict.authserv_id.lower() != authserv_id.lower():
        return "no_verdict"
    return failure(verdict, sender.rpartition("@")[2])


def failure(verdict: Verdict, domain: str) -> str | None:
    """Why a verdict is not one for a domain; what passed for another domain says nothing of this one."""
    if any((method, result) == ("dmarc", "fail") for method, result, _ in verdict.methods):
        return "authentication_failed:dmarc"
    for method, result, of in verdict.methods:
        by_from = method == "dmarc" and of is None  # it is about the address in From by its definition
        by_name = method in ("dmarc", "dkim", "spf") and of is not None and aligned(domain, of)
        if result == "pass" and (by_from or by_name):
            return None
    return "authentication_failed:not aligned"

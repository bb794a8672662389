"""The decision on one message: set aside by a rule, or what its intent asks for. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ingestd.checks.answering import answered
from ingestd.checks.cancelling import cancelled
from ingestd.checks.capping import capped
from ingestd.checks.changing import changed_by_letter
from ingestd.checks.confirming import confirmed_by_shipper
from ingestd.checks.deciding import Deciding, in_review, meant, only, own, unclear_order
from ingestd.checks.inquiring import inquired
from ingestd.checks.ordering import amended, ordered
from ingestd.checks.releasing import released
from ingestd.checks.reporting import reported, tells_of_receipt, with_what_was_asked
from ingestd.checks.senders import Who, who_sent
from ingestd.checks.set_aside import RULES
from ingestd.domain.decision import Case, Decision
from ingestd.domain.order import TO_BE_PICKED_UP, UNSETTLED
from ingestd.domain.reading import UNCLEAR, Intent


def decide(case: Case, deciding: Deciding) -> Decision:
    """What becomes of this message."""
    return capped(uncapped(case, deciding), case, deciding)


def uncapped(case: Case, deciding: Deciding) -> Decision:
    """The same, however often its sender has written."""
    who = who_sent(case, deciding.house)
    for rule in RULES:
        decision = rule(case, who, deciding)
        if decision is not None:
            return decision
    if who.customer and not who.staff and (decision := answered(case, who, deciding)) is not None:
        return decision
    if who.staff:
        return of_staff(case, who, deciding)
    taken = for_a_person if is_unclear(case) else OF_CUSTOMERS.get(case.reading.intent, for_a_person)
    return taken(case, who, deciding)


def of_staff(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What one of our people reports, also in words that only our question or the site's table make sense of."""
    case = with_what_was_asked(case)
    clear = case.reading.intent is Intent.REPORT and not is_unclear(case)
    if clear or tells_of_receipt(case, deciding.house):
        return reported(case, who, deciding)
    return for_a_person(case, who, deciding)


def is_unclear(case: Case) -> bool:
    """Whether the reader does not know what is wanted; an order in doubt is held by its checks."""
    return UNCLEAR in case.reading.review and case.reading.intent is not Intent.ORDER


def for_a_person(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What the rules can't decide yet, put on its order where that is clear."""
    concerned = only(own(case.thread, who) or own(case.named, who))
    return in_review(UNCLEAR if is_unclear(case) else str(case.reading.intent), case, deciding, concerned)


def change_letter(case: Case, who: Who, deciding: Deciding) -> Decision:
    """What is to be changed of an order that is under way; before its pickup no letter is needed (domain.md §4)."""
    order = meant(case, who)
    if order is None:
        return unclear_order("change_letter", case, who, deciding)
    if order.state in (*UNSETTLED, *TO_BE_PICKED_UP) and len(case.reading.orders) == 1:
        return amended(case, who, deciding)
    return changed_by_letter(case, who, deciding, order)


OF_CUSTOMERS: dict[Intent, Callable[[Case, Who, Deciding], Decision]] = {
    Intent.ORDER: ordered,
    Intent.AMENDMENT: amended,
    Intent.CONFIRMATION: confirmed_by_shipper,
    Intent.INQUIRY: inquired,
    Intent.CHANGE_LETTER: change_letter,
    Intent.CANCELLATION: cancelled,
    Intent.RELEASE: released,
}

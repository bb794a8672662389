"""How much one sender hears of us for messages that made no order: two robots must not keep each other talking. Pure.

Source: RFC 3834 §2, faults B38.
"""

from __future__ import annotations

from dataclasses import replace

from ingestd.checks.deciding import Deciding, in_review
from ingestd.config.settings import Replies
from ingestd.domain.decision import AlarmDraft, Case, Decision, EventDraft, Told, Wanted
from ingestd.domain.message import MessageState
from ingestd.domain.sending import Purpose

TALK = (Purpose.HOLDING_REPLY, Purpose.DUPLICATE_NOTICE)  # they settle nothing
REPLIES = (*TALK, Purpose.ANSWER)
TOO_MANY = "too_many"  # the review's code, the event's and the alarm's kind
PART = "replies"  # of the alarm, which ends by itself when the sender has been quiet for long enough


def capped(decision: Decision, case: Case, deciding: Deciding) -> Decision:
    """The decision without the letters that its sender has had enough of; a question left unanswered is a person's.

    What made, changed or refused an order is told in any case.
    """
    if decision.new_orders or decision.changes:
        return decision
    policy, told = deciding.house.settings.replies, case.told
    kept = tuple(w for w in decision.wanted if allowed(w, told, policy))
    if len(kept) == len(decision.wanted):
        return decision
    unanswered = {w.purpose for w in decision.wanted} - {w.purpose for w in kept}
    if Purpose.ANSWER in unanswered:
        held = in_review(TOO_MANY, case, deciding)
        kept = (*kept, *(w for w in held.wanted if allowed(w, told, policy)))
        decision = replace(decision, state=MessageState.REVIEW, reason=TOO_MANY, reviews=held.reviews)
    said = EventDraft("silent", "ingestd", None, {"reason": TOO_MANY})
    return replace(decision, wanted=kept, events=(*decision.events, said), alarms=alarms(case, policy))


def allowed(wanted: Wanted, told: Told, policy: Replies) -> bool:
    """Whether a letter may go out, by what went out for this sender's messages before it."""
    if wanted.purpose is Purpose.REVIEW_NOTICE:
        return wanted.order is not None or told.notices < policy.most_notices
    if wanted.purpose in TALK and told.talk >= policy.most_talk:
        return False
    return wanted.purpose not in REPLIES or told.replies < policy.most


def alarms(case: Case, policy: Replies) -> tuple[AlarmDraft, ...]:
    """A person hears of it where it is more than somebody's second message in a few minutes."""
    if case.told.replies < policy.most and case.told.notices < policy.most_notices:
        return ()
    return (AlarmDraft(PART, TOO_MANY, f"message {case.facts.message_id}"),)

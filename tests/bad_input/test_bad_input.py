"""Each bad input of faults.md has its outcome: what is recorded, and what shipper, dispatcher and desk get."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from tests.bad_input.running import SECRET, Letter, Run, Seen, html_of, values_at
from tests.bad_input.samples import AS_MEANT, DOMAIN, Outcome, Sample
from tests.bad_input.table import SAMPLES
from tests.daemon.site import DESK, DISPATCHER, DISPATCHER_PHONE, MANAGER, WATCH

MOST_UNITS = 70  # of a text message
SENT_OUT = ("dispatched", "taken")
# What a sample's orders end as and its sender is sent, where the sample does not say otherwise.
ORDERS: Mapping[Outcome, Sequence[tuple[str, ...]]] = {
    Outcome.ACCEPTED: [("dispatched",)], Outcome.REPLIED: [("asked",)], Outcome.HELD: [("review",), ()],
    Outcome.IGNORED: [()], Outcome.JOINED: [("dispatched",)],
}  # fmt: skip
ANSWERS: Mapping[Outcome, tuple[str, ...]] = {
    Outcome.ACCEPTED: ("acknowledgement",), Outcome.REPLIED: ("question",), Outcome.HELD: (), Outcome.IGNORED: (),
    Outcome.JOINED: ("acknowledgement", "duplicate_notice"),
}  # fmt: skip
STATES: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "applied", Outcome.REPLIED: "applied", Outcome.HELD: "review", Outcome.IGNORED: "ignored",
    Outcome.JOINED: "duplicate",
}  # fmt: skip


@pytest.mark.timeout(300)  # for whoever makes the run
@pytest.mark.parametrize(
    "sample",
    [pytest.param(s, id=f"{'-'.join(s.numbers)}-{s.name}", marks=pytest.mark.bad_input(*s.numbers)) for s in SAMPLES],
)
def test_a_bad_input_has_its_outcome(sample: Sample, run: Run) -> None:
    seen = run.by_name[sample.name]
    last = seen.messages[-1]
    assert last["state"] == ("quarantined" if sample.quarantined else STATES[sample.outcome]), last["reason"]
    assert last["reason"].startswith(sample.reason)
    states = tuple(order.state for order in seen.orders)
    assert states in ([sample.states] if sample.states is not None else ORDERS[sample.outcome])
    answers = ANSWERS[sample.outcome] if sample.answers is None else sample.answers
    assert sorted(letter.purpose for letter in seen.answers) == sorted(answers)
    assert_dispatched_once(sample, seen)
    assert_told(sample, seen, run)
    if sample.outcome is Outcome.ACCEPTED:
        assert_as_meant(sample, seen)


def assert_dispatched_once(sample: Sample, seen: Seen) -> None:
    """Each order that is out has one work order by mail and one or two texts, or so many of both; no other has any."""
    for order in seen.orders:
        own = [letter for letter in seen.work_orders if letter.order_id == order.id]
        mails = sum(bool(letter.raw) for letter in own)
        sent = sample.sent if sample.sent is not None else int(order.state in SENT_OUT)
        assert (mails, sent <= len(own) - mails <= 2 * sent) == (sent, True), order


def assert_told(sample: Sample, seen: Seen, run: Run) -> None:
    """What must be said is said: to the sender where he is answered, else to the desk; of a quarantine, by an alarm."""
    to_sender = sample.outcome in (Outcome.ACCEPTED, Outcome.REPLIED, Outcome.JOINED)
    told: Sequence[Letter] = seen.answers if to_sender else seen.notices
    if sample.quarantined:
        (alarm,) = [a for a in run.alarms if a["part"] == f"message {seen.messages[-1]['id']}"]
        assert alarm["kind"] == "quarantine"
        told = [
            letter for letter in run.letters if letter.recipient == WATCH and letter.cause == f"alarm:{alarm['id']}"
        ]
        assert told
    elif sample.outcome is Outcome.HELD:
        assert len(seen.notices) == 1
    words = "\n".join(letter.words for letter in told)
    for phrase in sample.says:
        assert phrase.replace("@SERIAL@", seen.orders[0].serial if seen.orders else "") in words, words
    for phrase in sample.omits:
        assert phrase not in words


def assert_as_meant(sample: Sample, seen: Seen) -> None:
    """The newest order says what its shipper meant, at the right time, and its file has a name that harms nobody."""
    order = seen.orders[-1]
    for path, meant in ({**AS_MEANT, **sample.order}).items():
        found = values_at(order.content, path)
        assert (Decimal(str(found)) if isinstance(meant, int | float) and found is not None else found) == (
            Decimal(str(meant)) if isinstance(meant, int | float) else meant
        ), path
    if sample.time_of:
        assert order.time_of == sample.time_of
    if sample.file:
        (mail,) = [letter.raw for letter in seen.work_orders if letter.raw and letter.order_id == order.id]
        names = [
            part.get_filename() or "" for part in email.message_from_bytes(mail, policy=email.policy.default).walk()
        ]
        assert any(name.endswith(sample.file) for name in names), names
        assert not any(re.search(r"[/\\:\x00-\x1f\u200b\u202e]|^\.", name) or len(name) > 120 for name in names), names


# --- what holds for all of them ---------------------------------------------------------------------------------------


def test_nothing_went_to_anybody_who_is_not_known(run: Run) -> None:
    known = {DISPATCHER, DISPATCHER_PHONE, DESK, WATCH, MANAGER}
    strangers = {letter.recipient for letter in run.letters} - known
    assert all(name.endswith(f"@{DOMAIN}") or name.startswith("+86136001") for name in strangers)


def test_only_what_is_in_quarantine_raised_an_alarm(run: Run) -> None:
    held = [sample for sample in SAMPLES if sample.quarantined]
    assert sorted(a["part"] for a in run.alarms) == sorted(
        f"message {run.by_name[s.name].messages[-1]['id']}" for s in held
    )


def test_the_database_is_sound_and_nothing_lies_about_under_a_senders_name(run: Run) -> None:
    assert run.damage == []
    strange = [path for path in run.files if re.search(r"htaccess|\.pdf|\.xlsx|\.sh|cron|\.exe|CON", path)]
    assert strange == []


def test_logs_are_whole_lines_and_hold_no_word_of_anybody(run: Run) -> None:
    for line in run.log.splitlines():
        json.loads(line)
    for secret in (*phones(), "马小姐", "王先生", "汽配城", "火车站东路", "汽车配件", "forged", "DROP TABLE", SECRET):
        assert secret not in run.log
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2028\u2029]", run.log)


def phones() -> Iterable[str]:
    """The phones in the samples, as written and in full."""
    return ("13823033212", "13905791234", "13700008888", "13600100")


@pytest.mark.bad_input("B80")
def test_nothing_that_a_mail_names_was_fetched(run: Run) -> None:
    assert run.askers == 0
    assert not any(SECRET in letter.words or SECRET.encode() in letter.raw for letter in run.letters)


@pytest.mark.bad_input("B63", "B79")
def test_no_word_of_a_sender_became_a_header_or_an_element(run: Run) -> None:
    heads = {"from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
             "auto-submitted", "x-auto-response-suppress", "x-ingestd", "precedence", "content-type",
             "content-transfer-encoding"}  # fmt: skip
    for letter in run.letters:
        if letter.raw:
            assert {name.lower() for name in email.message_from_bytes(letter.raw)} <= heads, letter.raw[:2000]
        for page in html_of(letter.raw) if letter.raw else ():
            look = Elements()
            look.feed(page)
            assert look.odd == [], page


class Elements(HTMLParser):
    """The elements and attributes of a page that a letter of ours has no use for."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "a", "link", "b", "form"):
            self.odd.append(tag)
        self.odd += [name for name, value in attrs if name.startswith("on") or "javascript" in (value or "")]


def test_every_text_message_fits_and_has_one_signature(run: Run) -> None:
    texts = [letter.words for letter in run.letters if not letter.raw]
    assert len(texts) > len(SAMPLES) / 3
    for words in (text.strip() for text in texts):
        assert len(words.encode("utf-16-le")) // 2 <= MOST_UNITS, words
        assert (words.count("【"), words.startswith("【顺驰物流】")) == (1, True), words


@pytest.mark.bad_input("B11")
def test_no_lost_character_went_to_the_dispatcher(run: Run) -> None:
    assert not any("\ufffd" in letter.words for letter in run.letters if letter.purpose == "work_order")


@pytest.mark.bad_input("B78", "B79")
@pytest.mark.parametrize("command", ["orders show", "orders list", "status", "review", "explain"])
def test_what_a_command_shows_obeys_nobody(command: str, run: Run) -> None:
    shown: Callable[[str], str] = run.shown.__getitem__
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", shown(command))
    if command in ("orders show", "explain"):
        assert "${7*7}汽车配件" in shown(command)

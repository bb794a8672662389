"""What a relay's replies and silences mean."""

from __future__ import annotations

import pytest

from ingestd.channels.relay.verdict import Reply, Stage, of_failure, of_reply
from ingestd.domain.sending import Outcome

BEFORE = [Stage.GREETING, Stage.HELLO, Stage.TLS, Stage.LOGIN]
RCPT = Stage.RECIPIENT
A, R, X, U = Outcome.ACCEPTED, Outcome.RETRY, Outcome.REFUSED, Outcome.UNCERTAIN


@pytest.mark.parametrize(
    ("stage", "code", "outcome", "trouble"),
    [
        *[(stage, code, R, True) for stage in BEFORE for code in (421, 454, 535, 554)],
        (Stage.SENDER, 421, R, False),
        (Stage.SENDER, 452, R, False),
        (Stage.SENDER, 553, R, True),
        (RCPT, 450, R, False),
        (RCPT, 550, X, False),
        (RCPT, 530, R, True),
        (RCPT, 354, R, True),
        (Stage.DATA, 451, R, False),
        (Stage.DATA, 554, X, False),
        (Stage.DATA, 250, R, True),
        (Stage.WHOLE, 250, A, False),
        (Stage.WHOLE, 421, R, False),
        (Stage.WHOLE, 452, R, False),
        (Stage.WHOLE, 552, X, False),
        (Stage.WHOLE, 354, U, False),
        (Stage.WHOLE, -1, U, False),
    ],
)
def test_a_reply_means_by_its_stage_and_code(stage: Stage, code: int, outcome: Outcome, trouble: bool) -> None:
    verdict = of_reply(stage, Reply(code, b"text"))
    assert (verdict.outcome, verdict.channel_trouble) == (outcome, trouble)


@pytest.mark.parametrize(
    ("stage", "outcome", "trouble"),
    [
        (Stage.CONNECT, R, True),
        *[(stage, R, True) for stage in BEFORE],
        (Stage.SENDER, R, False),
        (RCPT, R, False),
        (Stage.DATA, R, False),
        (Stage.WHOLE, U, False),
    ],
)
def test_a_broken_connection_is_uncertain_only_after_the_dot(stage: Stage, outcome: Outcome, trouble: bool) -> None:
    verdict = of_failure(stage, ConnectionResetError(104, "Connection reset by peer"))
    assert (verdict.outcome, verdict.channel_trouble) == (outcome, trouble)


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        (b"5.1.1 <wang@example.com>: no such user", "5.1.1 @: no such user", "wang"),
        (b"5.1.1 wang@example.com unknown", "unknown", "wang"),
        (b"4.2.1 mailbox of 13800138000 is full", "4.2.1 mailbox of # is full", "138"),
        (b"5.7.1 call +86 138 0013 8000", "call", "0013"),
        ("5.6.0 refused: 提货 外高桥".encode(), "refused:", "提货"),
        (b"2.0.0 Ok:\r\nqueued\x1b[31m", "Ok:", "\x1b"),
    ],
)
def test_a_detail_keeps_the_codes_and_loses_what_could_be_somebodys(text: bytes, kept: str, gone: str) -> None:
    detail = of_reply(RCPT, Reply(550, text)).detail
    assert detail.startswith("RECIPIENT 550 ")
    assert kept in detail
    assert gone not in detail


def test_the_detail_of_a_login_has_only_its_codes() -> None:
    detail = of_reply(Stage.LOGIN, Reply(535, b"5.7.8 bad password hunter2 for desk")).detail
    assert detail == "LOGIN 535 5.7.8"

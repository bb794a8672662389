"""What is said and not said of an IMAP connection, and when it is tried again."""

from __future__ import annotations

import errno
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from ingestd.config.settings import ImapAccount
from ingestd.sources.imap.session import (
    Connection,
    RefusedError,
    answer_text,
    facts_of,
    is_news,
    logged_in,
    told,
    without,
)
from ingestd.sources.imap.source import described, next_try

STEPS = tuple(timedelta(seconds=s) for s in (1, 2, 5))


def account(**further: Any) -> ImapAccount:
    return ImapAccount(name="orders", host="imap.example", **further)


@pytest.mark.parametrize(
    ("kind", "failures", "seconds"),
    [("connection", 0, 1), ("connection", 2, 5), ("connection", 99, 5), ("login", 0, 30), ("login", 99, 30)],
)
def test_the_next_try_comes_by_steps_and_after_a_refused_login_not_before_half_a_minute(
    kind: str, failures: int, seconds: int
) -> None:
    assert next_try(kind, failures, STEPS) == timedelta(seconds=seconds)


def test_a_step_longer_than_half_a_minute_holds_for_a_refused_login_too() -> None:
    assert next_try("login", 0, (timedelta(minutes=5),)) == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("error", "kind", "detail"),
    [
        (RefusedError("[AUTHENTICATIONFAILED] no"), "login", "[AUTHENTICATIONFAILED] no"),
        (ssl.SSLCertVerificationError("self-signed"), "tls", "SSLCertVerificationError: ('self-signed',)"),
        (TimeoutError("timed out"), "connection", "TimeoutError: timed out"),
        (IMAPClientAbortError("socket error: EOF"), "connection", "abort: socket error: EOF"),
        (OSError(errno.ENOSPC, "full"), "disk", "OSError"),
        (RuntimeError("INSERT ... 'body'"), "store", "RuntimeError"),
    ],
)
def test_each_failure_has_its_kind_and_one_of_the_store_keeps_its_text_to_itself(
    error: Exception, kind: str, detail: str
) -> None:
    assert described(error) == (kind, detail)


@pytest.mark.parametrize(
    "said", ["unexpected response: b'the order itself'", 'socket error: line: b"the order itself"']
)
def test_a_piece_of_a_mail_in_an_error_is_not_told(said: str) -> None:
    assert "order" not in told(IMAPClientAbortError(said))


def test_a_password_that_a_server_repeats_is_not_told() -> None:
    error = IMAPClientError("b'BAD unknown: LOGIN user  hunter2'")
    assert without("hunter2", answer_text(error)) == "BAD unknown: LOGIN user ***"
    assert without("", "nothing to hide") == "nothing to hide"


@pytest.mark.parametrize(
    ("answer", "news"),
    [
        ((3, b"EXISTS"), True),
        ((1, b"RECENT"), True),
        ((b"OK", b"Still here"), False),
        ((2, b"EXPUNGE"), False),
        ((1, b"FETCH", (b"FLAGS", (rb"\Seen",))), False),
    ],
)
def test_only_new_mail_is_news(answer: tuple[object, ...], news: bool) -> None:
    assert is_news(answer) is news


def test_a_goodbye_in_idle_is_a_lost_connection() -> None:
    with pytest.raises(IMAPClientAbortError):
        is_news((b"BYE", b"Disconnected"))


def test_the_date_of_a_mail_that_is_gone_is_unknown() -> None:
    """Dovecot answers so for a mail that was expunged since it was listed."""
    gone = facts_of(1, {b"INTERNALDATE": datetime(1970, 1, 1, tzinfo=UTC), b"RFC822.SIZE": 0})
    assert (gone.size, gone.arrived_at) == (0, None)


def test_a_size_or_date_that_the_server_leaves_out_is_unknown() -> None:
    assert (facts_of(1, {}).size, facts_of(1, {}).arrived_at) == (0, None)


def test_a_password_file_that_is_missing_is_a_refusal_that_says_so(tmp_path: Path) -> None:
    missing = account(password_file=tmp_path / "imap")
    with pytest.raises(RefusedError, match="can't be read: No such file"):
        logged_in(cast(Connection, None), missing)

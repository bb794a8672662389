"""`ingestd check --options`: every option with its default and meaning."""

from __future__ import annotations

import tomllib

from ingestd.cli.options import meanings_in, options
from ingestd.config.settings import Settings
from ingestd.config.shipped import shipped

LISTED = options(Settings, shipped("config") / "ingestd.toml")
BY_NAME = {option.name: option for option in LISTED}


def test_every_option_has_a_meaning() -> None:
    assert [option.name for option in LISTED if not option.meaning] == []


def test_every_default_is_toml_where_there_is_one() -> None:
    for option in LISTED:
        if option.default not in ("", "-"):
            tomllib.loads(f"value = {option.default}")


def test_defaults_are_shown_as_a_person_would_write_them() -> None:
    names = ("outbox.promise", "imap.folders", "imap.host", "work_order_sms.parts")
    shown = {name: BY_NAME[name].default for name in names}
    assert shown == {"outbox.promise": "180", "imap.folders": '["INBOX"]', "imap.host": "", "work_order_sms.parts": "2"}
    assert (BY_NAME["relay.insecure"].default, BY_NAME["imap.ca_file"].default) == ("false", "-")


def test_secrets_have_an_empty_default() -> None:
    assert BY_NAME["relay.password"].default == '""'


def test_a_meaning_stands_above_or_beside_its_option_and_prose_is_no_option() -> None:
    text = """
# The file as a whole.

[site]  # who we are
# Two lines
# of meaning, x = 1.
#name = "a # b"
#phone = "" # beside
#[[imap]]
# of a mailbox
#name = "x"
"""
    assert meanings_in(text) == {
        "site.name": "Two lines of meaning, x = 1.",
        "site.phone": "beside",
        "imap.name": "of a mailbox",
    }

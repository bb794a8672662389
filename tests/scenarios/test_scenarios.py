"""Runs every folder here: what arrives is in its files; what must go out, and nothing else, in its expected.toml."""

from __future__ import annotations

import email
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.day import Day
from tests.daemon.oracle import Captured, captured
from tests.daemon.process import COMMAND, ROOT, RunningDaemon, running
from tests.daemon.site import Site
from tests.servers.dovecot import Mailbox
from tests.servers.smtp_sink import SmtpSink

TOLD = {path.parent: tomllib.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("*/expected.toml"))}
FOLDERS = [  # those that tell of a rarer thing, or of one that others tell of as well, are for `make long`
    pytest.param(folder, id=folder.name, marks=[pytest.mark.long] if told.get("long") else [])
    for folder, told in TOLD.items()
]
DEMO = Path(__file__).resolve().parents[2] / "config" / "demo"  # whose tables a scenario may name
CAST = Path(__file__).parent / "cast"  # tables of a house with several people, for scenarios with `cast = true`
LAST_LETTER = b"@LAST_LETTER@"  # in an email: the Message-ID of the newest mail that its sender got from us

QUOTE = re.compile(rb"@QUOTE ?([^@\n]*)@")


class Scene:
    """One scenario on its way: what has come in so far, and what has been seen at the sinks."""

    def __init__(self, site: Site, mailbox: Mailbox, smtp_sink: SmtpSink) -> None:
        self.site, self.mailbox, self.smtp_sink = site, mailbox, smtp_sink
        self.arrived = self.mails = self.texts = 0

    def act(self, runs: str, day: Day) -> str:
        """Run an agent's command as at the desk, and give what it says."""
        words = [COMMAND, "--config", str(self.site.configuration), *shlex.split(runs)]
        environment = {**os.environ, "INGESTD_TEST": "1", **day.environment}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{runs}: {done.stdout}{done.stderr}"
        return done.stdout

    def receive(self, file: Path, now: datetime) -> None:
        """Let one of the folder's files arrive."""
        raw = file.read_bytes()
        self.arrived += 1
        if file.suffix == ".eml":
            sender = str(email.message_from_bytes(raw)["From"])
            letter = self.last_letter(sender)
            raw = raw.replace(LAST_LETTER, letter.message_id.encode() if letter else b"")
            self.mailbox.deliver(answered(raw, letter.words if letter else ""), at=now)
        else:
            header, _, words = raw.decode().partition("\n\n")
            self.site.spool.receive(header.partition("From: ")[2].split()[0], words.strip())

    def last_letter(self, sender: str) -> Captured | None:
        """The newest mail to this sender, None where he got none."""
        mails = [captured(m) for m in self.smtp_sink.messages() if any(r in sender for r in m.recipients)]
        return mails[-1] if mails else None

    def went_out(self) -> list[tuple[str, str, str]]:
        """What is new at the sinks, as (way, recipient, words with the subject)."""
        mails, texts = self.smtp_sink.messages(), self.site.spool.texts()
        new = [("email", m.recipients[0], captured(m).words) for m in mails[self.mails :]]
        new += [("sms", t.number, t.words) for t in texts[self.texts :]]
        self.mails, self.texts = len(mails), len(texts)
        return new

    def state_of(self, table: str) -> str:
        """The state of the newest message or order."""
        return str(self.site.records.value(f"SELECT state FROM {table} ORDER BY id DESC LIMIT 1"))


def answered(raw: bytes, letter: str) -> bytes:
    """An answer with our letter quoted in it, what it says to its open lines (`@QUOTE LABEL=VALUE;...@`) filled in."""
    quote = QUOTE.search(raw)
    if quote is None:
        return raw
    for label, value in (pair.split("=") for pair in quote[1].decode().split(";") if pair):
        letter = re.sub(rf"(★{label}[：:]).*", rf"\g<1>{value}", letter)
    return raw.replace(quote[0], "".join(f"> {line}\n" for line in letter.splitlines()).encode())


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_arrives_has_the_consequences_that_its_folder_tells(
    folder: Path, tmp_path: Path, mailbox: Mailbox, smtp_sink: SmtpSink
) -> None:
    told = TOLD[folder]
    site = Site(tmp_path)
    site.write(smtp_sink.port, mailbox, customers=told.get("customer", {}), **told.get("settings", {}))
    for table in tables_of(folder, told):
        shutil.copy(table, tmp_path)
    day, scene = Day(site, told["starts"]), Scene(site, mailbox, smtp_sink)
    with running(site, environment=day.environment) as daemon:
        for number, step in enumerate(told["step"], 1):
            play(step, folder, scene, (day, daemon))
            judge(step, f"{folder.name}, step {number}", scene)


def tables_of(folder: Path, told: dict[str, Any]) -> list[Path]:
    """The tables that a scenario brings: of the cast, of the demo, and its own, which count before the others."""
    cast = sorted(CAST.glob("*.toml")) if told.get("cast") else []
    demo = [DEMO / f"{name}.toml" for name in told.get("demo", [])]
    return [*cast, *demo, *(path for path in sorted(folder.glob("*.toml")) if path.name != "expected.toml")]


def play(step: dict[str, Any], folder: Path, scene: Scene, life: tuple[Day, RunningDaemon]) -> None:
    """Let the step's time come, its files arrive and then its agents act, and wait until all is done."""
    day, daemon = life
    day.set(step.get("at", day.now))
    for name in step.get("arrives", []):
        scene.receive(folder / name, day.now)
    day.settle(daemon, scene.arrived)
    for agent in step.get("agent", []):
        said = scene.act(agent["runs"], day)
        assert all(piece in said for piece in agent.get("says", [])), f"{agent['runs']}: {said}"
        day.settle(daemon, scene.arrived)


def judge(step: dict[str, Any], name: str, scene: Scene) -> None:
    """What went out is what the step expects, each once; messages and orders are where it says."""
    left = scene.went_out()
    for wanted in step.get("goes_out", []):
        fits = [one for one in left if is_as(one, wanted)]
        assert len(fits) == 1, f"{name}: {len(fits)} are like {wanted}; there are: {left}"
        left.remove(fits[0])
    assert left == [], f"{name}: nobody expects these"
    for table in ("message", "orders"):
        if table in step:
            assert scene.state_of(table) == step[table], name


def is_as(went: tuple[str, str, str], wanted: dict[str, Any]) -> bool:
    """Whether something that went out is what a step expects."""
    way, recipient, words = went
    if (way, recipient) != (wanted["by"], wanted["to"]):
        return False
    return all(piece in words for piece in wanted["says"]) and not any(p in words for p in wanted.get("omits", []))

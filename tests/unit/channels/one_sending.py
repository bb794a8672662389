"""A program that sends one claim and prints each phase, to be killed on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ingestd.channels.relay.driver import RelayChannel
from ingestd.channels.spool.driver import SpoolChannel
from ingestd.config.settings import Relay, SmsGateway
from ingestd.domain.clock import SystemClock
from ingestd.domain.sending import Phase, Sender
from tests.unit.channels.claims import mail, text

ROOT = Path(__file__).parents[3]


def run(settings: Relay | SmsGateway, content: str, failpoint: str) -> tuple[int, list[str]]:
    """Send in a process of its own; its exit code (-9: killed), and the phases and the outcome that it printed."""
    channel = "relay" if isinstance(settings, Relay) else "spool"
    program = [sys.executable, "-m", "tests.unit.channels.one_sending", channel, settings.model_dump_json(), content]
    environment = {**os.environ, "INGESTD_TEST": "1", "INGESTD_FAILPOINT": failpoint}
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout.split()


def _sender(channel: str, settings: str) -> Sender:
    if channel == "relay":
        return RelayChannel(Relay.model_validate(json.loads(settings)), "orders.example", SystemClock()).sender()
    return SpoolChannel(SmsGateway.model_validate(json.loads(settings)), SystemClock()).sender()


def _print(phase: Phase) -> None:
    print(phase.value, flush=True)


def main() -> None:
    channel, settings, content = sys.argv[1:]
    claim = mail(content.encode()) if channel == "relay" else text(content)
    result = _sender(channel, settings).send(claim, _print)
    print(result.outcome.value, "trouble" if result.channel_trouble else "")


if __name__ == "__main__":
    main()

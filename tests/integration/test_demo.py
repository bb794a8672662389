"""`make demo` as a person runs it, and that its verdict can be a bad one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from ingestd.config.load import load
from scripts.demonstration.records import MessageSeen, Records, SentOut
from scripts.demonstration.script import Scene, scenes
from scripts.demonstration.sinks import Reached
from scripts.demonstration.site import ROOT, FolderTakenError, fresh_site
from scripts.demonstration.timeline import Timeline
from scripts.demonstration.verdict import complaints

pytestmark = pytest.mark.timeout(150)


@dataclass(frozen=True)
class Ran:
    """A demo that has ended, with what it left behind."""

    code: int
    output: str
    folder: Path
    played: list[tuple[Scene, MessageSeen]]
    outbox: list[SentOut]

    @property
    def reached(self) -> list[Reached]:
        """What the sinks of a run without fault took."""
        return [Reached(s.key, s.channel, s.recipient, s.body) for s in self.outbox]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run for all tests here, in English and piped."""
    folder = tmp_path_factory.mktemp("demo") / "run"
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    records = Records(load(folder / "site" / "ingestd.toml").settings.database_url)
    played, after = [], 0
    for scene in scenes():
        seen = records.message_after(after)
        assert seen is not None, done.stdout + done.stderr
        played.append((replace(scene, order=""), seen))  # later scenes have moved their orders on
        after = seen.message_id
    return Ran(done.returncode, done.stdout + done.stderr, folder, played, records.sendings())


def test_every_message_of_the_demo_reaches_its_sink_and_nothing_else_leaves(ran: Ran) -> None:
    assert ran.code == 0, ran.output
    assert "nothing else left" in ran.output


def test_the_timeline_shows_what_was_read_field_by_field_and_what_each_text_message_counts(ran: Ran) -> None:
    for words in ("pickup address", "shipper's phone", "UTF-16 units", "of 180 s", "work order", "acknowledgement"):
        assert words in ran.output


def test_a_piped_timeline_is_plain(ran: Ran) -> None:
    assert "\x1b" not in ran.output


def test_work_orders_are_out_within_seconds(ran: Ran) -> None:
    times = [
        (order.dispatched_at - order.clock_start).total_seconds()
        for _, seen in ran.played
        for order in seen.orders
        if order.dispatched_at and order.clock_start
    ]
    assert times
    assert max(times) < 20


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "en_GB.UTF-8"])
def test_no_line_is_wider_than_the_terminal(ran: Ran, width: int, locale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    paper = StringIO()
    settings = load(ran.folder / "site" / "ingestd.toml").settings
    console = Console(file=paper, width=width, force_terminal=False, highlight=False)
    timeline = Timeline(ZoneInfo("Asia/Shanghai"), settings.outbox.promise, console)
    for number, (scene, seen) in enumerate(ran.played, start=1):
        timeline.scene(number, len(ran.played), scene.title[locale[:2]])
        for show in (timeline.arrived, timeline.understood, timeline.decided, timeline.sent, timeline.took):
            show(seen)
    assert max(cell_len(line) for line in paper.getvalue().splitlines()) <= width
    assert "13800138011" in paper.getvalue()


def test_the_database_is_left_to_look_into(ran: Ran) -> None:
    serial = ran.played[0][1].orders[0].serial
    program = Path(sys.executable).parent / "ingestd"
    command = [str(program), "--config", str(ran.folder / "site" / "ingestd.toml"), "orders", "show", serial]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert serial in shown.stdout


def test_a_run_that_ended_well_leaves_nothing_to_complain_of(ran: Ran) -> None:
    assert complaints(ran.played, ran.outbox, ran.reached) == []


def test_a_letter_that_did_not_arrive_is_complained_of(ran: Ran) -> None:
    question = next(s.key for s in ran.outbox if s.purpose == "question")
    others = [one for one in ran.reached if one.key != question]
    assert len(complaints(ran.played, ran.outbox, others)) == 1


def test_a_letter_that_should_not_have_left_is_complained_of(ran: Ran) -> None:
    strange = replace(ran.reached[0], key="nobody", recipient="stranger@elsewhere.example")
    assert len(complaints(ran.played, ran.outbox, [*ran.reached, strange])) == 2


def test_a_letter_that_arrived_twice_is_complained_of(ran: Ran) -> None:
    assert complaints(ran.played, ran.outbox, [*ran.reached, ran.reached[0]])


def test_a_letter_with_another_content_is_complained_of(ran: Ran) -> None:
    changed = replace(ran.reached[0], content=b"something else")
    assert len(complaints(ran.played, ran.outbox, [changed, *ran.reached[1:]])) == 1


def test_a_message_in_another_state_is_complained_of(ran: Ran) -> None:
    scene, seen = ran.played[0]
    other = replace(seen, state="review")
    assert len(complaints([(scene, other), *ran.played[1:]], ran.outbox, ran.reached)) == 1


def test_an_order_in_another_state_is_complained_of(ran: Ran) -> None:
    scene, seen = ran.played[0]
    other = replace(scene, order="taken")
    assert len(complaints([(other, seen), *ran.played[1:]], ran.outbox, ran.reached)) == 1


def test_part_two_of_a_text_message_without_its_part_one_is_complained_of(ran: Ran) -> None:
    rest = next(s for s in ran.outbox if s.purpose == "work_order_rest")
    lone = [one for one in ran.reached if one.key == rest.key]
    assert any("part two" in line for line in complaints([], ran.outbox, lone))


def test_a_folder_of_somebody_else_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(FolderTakenError):
        fresh_site(tmp_path)
    assert (tmp_path / "letters.txt").exists()

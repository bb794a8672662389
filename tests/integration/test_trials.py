"""`make damage` and `make fuzz` as they are run, the second with fewer messages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.trials.samples import contradictions

pytestmark = pytest.mark.timeout(600)  # a busy machine takes its time
ROOT = Path(__file__).parents[2]


REACHED = 0.8  # % wrong of what would be dispatched; `make damage` itself asks for under 1


@pytest.mark.long
def test_damaged_orders_are_dispatched_wrongly_no_more_often_than_was_reached() -> None:
    ended = run("scripts/damage.py")
    found = re.search(
        r"^wrong (?P<wrong>[\d.]+)% of the dispatched .* reviewed (?P<reviewed>[\d.]+)%", ended.stdout, re.MULTILINE
    )
    assert found is not None, ended.stderr
    assert float(found["wrong"]) <= REACHED
    assert float(found["reviewed"]) <= 25
    assert ended.returncode == (float(found["wrong"]) >= 1)


def test_goods_out_of_order_or_lost_as_a_whole_are_no_falsehood_but_exchanged_figures_are() -> None:
    nails, bolts = ({"name": name, "quantity": n, "weight_kg": n * 2.0} for name, n in (("螺丝", 20), ("螺母", 30)))
    true = {"cargo": [nails, bolts]}
    assert contradictions([{"cargo": [bolts, nails]}], [true]) == []
    assert contradictions([{"cargo": [bolts]}], [true]) == []
    assert contradictions([{"cargo": [{**nails, "quantity": 30}, {**bolts, "quantity": 20}]}], [true])
    assert contradictions([{"cargo": [{**bolts, "name": "垫片"}]}], [true])


@pytest.mark.long
@pytest.mark.bad_input("B86")
def test_mutated_messages_never_raise_hang_or_become_orders() -> None:
    ended = run("scripts/fuzz.py", "--messages", "2000")
    assert ended.stdout.startswith("2000 messages, seed 1,")
    assert ended.stdout.endswith("\n0 faults\n")
    assert ended.returncode == 0


def test_the_fuzzer_tells_a_reader_that_raises(tmp_path: Path) -> None:
    """It must be able to fail: a reader that can't stand a NUL byte is caught, and the message is kept."""
    broken = tmp_path / "broken.py"
    broken.write_text(
        "import sys\n"
        "from ingestd.parsing import reader\n"
        "from scripts import fuzz\n"
        "def fragile(channel, raw, definitions):\n"
        "    if b'\\0' in raw:\n"
        "        raise RuntimeError\n"
        "    return reader.read(channel, raw, definitions)\n"
        "fuzz.read = fragile\n"
        "fuzz.prepare()\n"
        "faults, counted = fuzz.trial((1, 0, 400))\n"
        "print(len(faults), faults[0].what)\n",
        "utf-8",
    )
    ended = run(broken)
    count, _, what = ended.stdout.partition(" ")
    assert int(count) > 3
    assert what.startswith("RuntimeError at broken.py")


def run(script: str | Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A script's end, with this checkout's modules."""
    command = [sys.executable, str(script), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)

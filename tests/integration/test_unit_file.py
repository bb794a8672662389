"""`systemd/ingestd.service` as systemd itself judges it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.config.settings import Settings
from ingestd.sources.inlet.listening import NAME
from ingestd.store.phases import BOOT_ID
from tests.servers.programs import ServerMissingError, find_program

UNIT = Path(__file__).parents[2] / "systemd" / "ingestd.service"
SOCKET = UNIT.with_name("ingestd-inlet.socket")
MOST_EXPOSED = 1.5  # of 10, as systemd-analyze counts


@pytest.fixture(scope="module")
def analyze() -> str:
    """The path of systemd-analyze; it comes with systemd, which scripts/setup does not install."""
    try:
        return find_program("systemd-analyze", "systemd")
    except ServerMissingError as missing:
        pytest.skip(str(missing).partition("; ")[0] + ")")


def said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def directives() -> Iterator[tuple[str, str]]:
    """What is in force, as (key, value)."""
    for line in UNIT.read_text("utf-8").splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            yield key, value


def test_systemd_understands_every_line_of_the_unit(analyze: str, tmp_path: Path) -> None:
    program = tmp_path / "ingestd"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/ingestd/bin/ingestd", str(program)))
    assert said(analyze, "verify", str(unit)) == ""


def test_systemd_understands_every_line_of_the_socket(analyze: str, tmp_path: Path) -> None:
    service = tmp_path / UNIT.name
    service.write_text("[Service]\nExecStart=/bin/true\n")
    unit = tmp_path / SOCKET.name
    unit.write_text(SOCKET.read_text("utf-8"))
    assert said(analyze, "verify", str(unit), str(service)) == ""
    assert f"Service={UNIT.name}\n" in SOCKET.read_text("utf-8")
    assert f"FileDescriptorName={NAME}\n" in SOCKET.read_text("utf-8")


def test_systemd_would_notice_a_line_that_it_does_not_understand(analyze: str, tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("OOMPolicy=", "OOMPolizei="))
    assert "OOMPolizei" in said(analyze, "verify", str(unit))


def test_the_unit_leaves_little_open_to_an_attacker(analyze: str) -> None:
    answer = said(
        analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", "--no-pager", str(UNIT)
    )
    found = re.search(r"Overall exposure level for ingestd.service: ([0-9.]+)", answer)
    assert found is not None, answer
    assert float(found[1]) <= MOST_EXPOSED, answer


def test_what_is_left_open_is_what_the_daemon_needs(analyze: str) -> None:
    rows = json.loads(said(analyze, "security", "--offline=true", "--json=short", "--no-pager", str(UNIT)))
    left = {row["json_field"] for row in rows if row["exposure"] is not None and float(row["exposure"]) > 0}
    network = {"RestrictAddressFamilies_AF_INET_INET6", "PrivateNetwork", "IPAddressDeny"}
    workers = {"SystemCallFilter_resources"}
    notes = {"ProcSubset"}
    rest = {"RootDirectoryOrRootImage", "RestrictAddressFamilies_AF_UNIX", "DeviceAllow", "UMask"}
    assert left <= network | workers | notes | rest


def test_a_desk_is_started_again_for_ever_and_only_with_a_sound_configuration() -> None:
    unit = dict(directives())
    assert unit["Restart"] == "always"
    assert unit["StartLimitIntervalSec"] == "0"
    assert unit["ExecStartPre"].endswith(" check")
    assert unit["ExecStart"].endswith(" run")
    assert unit["ExecReload"].endswith(" reload")
    assert unit["ExecStartPre"].rpartition(" ")[0] == unit["ExecStart"].rpartition(" ")[0]


def test_the_daemon_may_keep_its_data_where_the_default_settings_put_it() -> None:
    assert Path("/var/lib") / dict(directives())["StateDirectory"] == Settings().site.data_folder


def test_the_boot_id_that_the_notes_of_the_senders_need_stays_in_sight() -> None:
    assert BOOT_ID.is_relative_to("/proc/sys")
    assert "ProcSubset" not in dict(directives())

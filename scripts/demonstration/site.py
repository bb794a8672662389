"""The demo's own folder: a copy of config/demo with free ports and the folder's paths put in."""

from __future__ import annotations

import re
import shutil
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "config" / "demo"
MARK = ".made-by-ingestd-demo"  # only a folder of the demo's own is ever removed
SPOOL = ("inbox", "outbox", "sent", "error")


class FolderTakenError(Exception):
    """The folder for the demo holds something that is not the demo's."""

    permanent = True


@dataclass(frozen=True, slots=True)
class DemoSite:
    """Where one run lives."""

    folder: Path
    inlet_port: int
    relay_port: int

    @property
    def config(self) -> Path:
        return self.folder / "site" / "ingestd.toml"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def log(self) -> Path:
        return self.folder / "daemon.log"


def fresh_site(folder: Path, model: Path = MODEL) -> DemoSite:
    """A new folder in place of the last run's; raises FolderTakenError where that is none of the demo's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise FolderTakenError(f"{folder} is not empty and was not made by the demo; move it away or name another one")
    shutil.rmtree(folder, ignore_errors=True)
    site = DemoSite(folder.resolve(), *free_ports(2))
    for name in SPOOL:
        (site.spool / name).mkdir(parents=True)
    (folder / MARK).touch()
    shutil.copytree(model, site.config.parent)
    site.config.write_text(adapted(site.config.read_text("utf-8"), site), "utf-8")
    return site


def adapted(text: str, site: DemoSite) -> str:
    """The model's options with this run's folder and ports; no alarm about the calendar breaks into the play."""
    text = text.replace('"demo-run/', f'"{site.folder.as_posix()}/')
    for section, port in (("inlet", site.inlet_port), ("relay", site.relay_port)):
        text = re.sub(rf"(?s)(\[{section}\].*?\nport = )\d+", rf"\g<1>{port}", text, count=1)
    year = datetime.now(UTC).year
    return f'{text}\n[calendar]\nfree = ["{year}-01-01", "{year + 1}-01-01", "{year + 2}-01-01"]\n'


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()

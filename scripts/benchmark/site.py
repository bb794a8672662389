"""The folder and the site of one bench run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template

from scripts.benchmark.orders import CUSTOMERS

MODEL = Path(__file__).parent / "model"
SPOOL = ("inbox", "outbox", "sent", "error")
MARK = ".made-by-ingestd-bench"
CUSTOMER = """[[customer]]
name = "客户{number:02d}"
domains = ["shipper{number}.example"]
confirmation = "automatic"
payments = ["prepaid", "collect", "monthly", "on_receipt"]

"""


class FolderTakenError(Exception):
    """The folder for the bench holds something that is not the bench's."""

    permanent = True


@dataclass(frozen=True, slots=True)
class MailServers:
    """Where the mailbox is, and where letters go."""

    imap_port: int
    user: str
    password: str
    relay_port: int


@dataclass(frozen=True, slots=True)
class BenchSite:
    """Where one run lives."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "site" / "ingestd.toml"

    @property
    def log(self) -> Path:
        return self.folder / "daemon.log"

    @property
    def outbox(self) -> Path:
        return self.folder / "spool" / "outbox"


def fresh_site(folder: Path, servers: MailServers) -> BenchSite:
    """A new folder in place of the last run's; raises FolderTakenError where that is none of the bench's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise FolderTakenError(f"{folder} is not empty and was not made by the bench")
    shutil.rmtree(folder, ignore_errors=True)
    site = BenchSite(folder.resolve())
    for name in SPOOL:
        (folder / "spool" / name).mkdir(parents=True)
    (folder / MARK).touch()
    shutil.copytree(MODEL, site.config.parent)
    values = {"folder": site.folder.as_posix()} | {name: getattr(servers, name) for name in MailServers.__slots__}
    site.config.write_text(Template(site.config.read_text("utf-8")).safe_substitute(values), "utf-8")
    customers = "".join(CUSTOMER.format(number=number) for number in range(CUSTOMERS))
    (site.config.parent / "customers.toml").write_text(customers, "utf-8")
    return site

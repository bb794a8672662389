"""A site for the daemon in a folder of the test's: its configuration, tables, spool and database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.daemon.orders import CUSTOMERS, shipper_address, shipper_number
from tests.daemon.records import Records
from tests.daemon.spool import Spool
from tests.daemon.tables import lay_tables
from tests.servers.dovecot import Mailbox

DOMAIN = "orders.desk.example"
ORDERS = "orders@desk.example"
DISPATCHER = "dispatch@desk.example"
DISPATCHER_PHONE = "+8613900000001"
FALLBACK = "fleet@desk.example"
MANAGER = "manager@desk.example"
DEPOT = "xiaoshan@desk.example"
DESK = "desk@desk.example"
WATCH = "watch@desk.example"  # who is told of alarms by mail
WATCH_PHONE = "+8613900000009"  # and by text message
# Times of the fault runs: what takes minutes at a site takes a second here.
QUICK: Mapping[str, Mapping[str, Any]] = {
    "relay": {"connect_timeout": 2, "reply_timeout": 3, "data_timeout": 3},
    "outbox": {"lease": 25, "claim": 4, "retry_steps": [0.2, 0.5, 1], "repeat_uncertain_after": 1},
    "reader": {"ahead": 6, "time_limit": 10},
    "sms": {"poll": 0.2},
    "alarms": {"destinations": [{"channel": "email", "recipient": WATCH}]},
    "calendar": {"free": [f"{year}-01-01" for year in range(2027, 2047)]},  # or the newest years would raise an alarm
}
CUSTOMER_ROWS = [
    {
        "name": name,
        "addresses": [shipper_address(number)],
        "phones": [shipper_number(number)],
        "confirmation": "automatic",
        "payments": ["prepaid", "collect", "monthly", "on_receipt"],
    }
    for number, name in enumerate(CUSTOMERS)
]
STAFF_ROWS = [
    {"number": "8011", "name": "李调度", "role": "dispatcher", "email": DISPATCHER, "phone": DISPATCHER_PHONE},
    {"number": "8012", "name": "赵车管", "role": "fleet_manager", "email": FALLBACK},
    {"number": "8013", "name": "王经理", "role": "operations_manager", "email": MANAGER},
    {"number": "8061", "name": "萧山网点", "role": "depot", "email": DEPOT},  # whom the demo's depots name
]
AREA_ROWS = [
    {"name": "中山", "kind": "urban", "places": ["中山"], "default": True, "dispatcher": "8011", "fallback": "8012"}
]


class Site:
    """A data folder and configuration of one daemon; `write` once more changes what the next start reads.

    The first start finds the tables of a SQLite database already there, unless it is `bare`.
    """

    def __init__(self, folder: Path, database: str = "", spool: Spool | None = None, *, bare: bool = False) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.configuration = folder / "ingestd.toml"
        self.spool = spool or Spool(folder / "spool")
        self.records = Records(database or f"sqlite:///{self.data / 'ingestd.db'}")
        self.url = database
        self.bare = bare
        self.runs = 0
        self.confirming: frozenset[int] = frozenset()  # customers who are asked, and say yes themselves

    def write(self, relay_port: int, mailbox: Mailbox | None = None, **further: Mapping[str, Any]) -> None:
        """Write the configuration, with further options of some sections.

        `imap` are those of the one account, `customers` hold for each customer.
        """
        account, customer = further.pop("imap", {}), further.pop("customers", {})
        sections = self._sections(relay_port)
        for options in (QUICK, further):
            for name, values in options.items():
                sections[name] = {**sections.get(name, {}), **values}
        text = "".join(table(f"[{name}]", values) for name, values in sections.items())
        self.configuration.write_text(text + (table("[[imap]]", {**account_of(mailbox), **account}) if mailbox else ""))
        asked = [{"confirmation": "shipper"} if number in self.confirming else {} for number in range(len(CUSTOMERS))]
        rows = [{**row, **customer, **own} for row, own in zip(CUSTOMER_ROWS, asked, strict=True)]
        self._rows("customers", "customer", rows)
        self._rows("staff", "staff", STAFF_ROWS)
        self._rows("areas", "area", AREA_ROWS, 'operations_manager = "8013"\n')

    def begin_run(self) -> None:
        """One more run of the daemon begins here."""
        self.runs += 1
        file = self.data / "ingestd.db"
        if self.runs == 1 and not self.url and not self.bare and not file.exists():
            lay_tables(file)

    def _sections(self, relay_port: int) -> dict[str, Mapping[str, Any]]:
        spool = {name: str(path) for name, path in vars(self.spool).items() if isinstance(path, Path)}
        return {
            "site": {
                "name": "顺驰物流",
                "signature": "顺驰物流",
                "domain": DOMAIN,
                "address": ORDERS,
                "data_folder": str(self.data),
            },
            "database": {"url": self.url},
            "sms": {"enabled": True, **spool},
            "relay": {"port": relay_port},
            "desk": {"notify": [DESK]},
        }

    def _rows(self, file: str, name: str, rows: Iterable[Mapping[str, Any]], head: str = "") -> None:
        text = head + "".join(table(f"[[{name}]]", row) for row in rows)
        (self.folder / f"{file}.toml").write_text(text)


def account_of(mailbox: Mailbox) -> dict[str, Any]:
    """The options of a Dovecot mailbox, all of whose mail is new to the daemon."""
    return {
        "name": "orders",
        "host": mailbox.server.host,
        "port": mailbox.server.ports.imap,
        "security": "none",
        "username": mailbox.user,
        "password": mailbox.server.password,
        "start": "all",
        "batch": 6,
        "poll": 1,
        "reconnect": [0.2, 0.5, 1],
    }


def table(head: str, values: Mapping[str, Any]) -> str:
    """A TOML table of plain values, which JSON writes alike; tables in a list become inline ones."""
    return "\n".join([head, *(f"{key} = {written(value)}" for key, value in values.items())]) + "\n"


def written(value: Any) -> str:
    """A TOML value."""
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {written(item)}' for key, item in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)

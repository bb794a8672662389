"""A small site whose database holds a morning's work, made by the daemon's own functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import Header
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from ingestd.checks.deciding import Deciding
from ingestd.checks.decision import decide
from ingestd.checks.house import house_of
from ingestd.composing.composer import Composer
from ingestd.composing.drafts import Press
from ingestd.config.load import Configuration, load
from ingestd.domain.decision import MessageFacts
from ingestd.domain.keys import Keys
from ingestd.domain.message import Arrival
from ingestd.domain.reading import Channel
from ingestd.domain.retry import RetryPolicy
from ingestd.domain.sending import Claim, Outcome, Result
from ingestd.parsing.definitions import Definitions, load_definitions
from ingestd.parsing.reader import read
from ingestd.store.database import Database
from ingestd.store.decisions import Settled, Writing, write_decisions
from ingestd.store.facts import Item, cases_for
from ingestd.store.messages import Unread, claim_unread, quarantine, store_arrivals
from ingestd.store.results import record_results
from ingestd.store.sendings import claim_due
from ingestd.store.serials import Serials
from ingestd.store.upgrade import upgrade

T = TypeVar("T")
MORNING = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
NOW = MORNING + timedelta(minutes=20)
LEASE = timedelta(seconds=90)

SETTINGS = """
[site]
name = "顺驰物流"
signature = "顺驰物流"
domain = "orders.shunchi.example"
address = "orders@shunchi.example"
data_folder = "{folder}/data"

[database]
url = "{url}"

[inlet]
enabled = true
addresses = ["orders@shunchi.example"]

[sms]
enabled = true

[desk]
notify = ["desk@shunchi.example"]
closures = ["2026-02-16/2026-02-22", "2027-02-05/2027-02-12"]

[[alarms.destinations]]
channel = "email"
recipient = "duty@shunchi.example"
"""
TABLES = {
    "customers.toml": """
[[customer]]
name = "远达电子"
addresses = ["wang@yuanda.example"]
confirmation = "automatic"

[[customer]]
name = "鑫源五金厂"
phones = ["+8613800138015"]
confirmation = "automatic"
""",
    "staff.toml": """
operations_manager = "8001"
[[staff]]
number = "8001"
name = "黄经理"
role = "operations_manager"
email = "huang@shunchi.example"
[[staff]]
number = "8011"
name = "李国强"
role = "dispatcher"
email = "li@shunchi.example"
phone = "+8613800138051"
""",
    "areas.toml": """
[[area]]
name = "深圳关内"
kind = "urban"
places = ["南山", "福田"]
default = true
dispatcher = "8011"
fallback = "8001"
""",
}
CLEAN = """发货人：王敏
联系方式：13800138011
提货地址：深圳市南山区科技园8栋
货物：音箱 15箱 200公斤 2.2方
发往：杭州
收货人：马先生
收货人电话：13600136011
付费方式：现付
"""
INCOMPLETE = CLEAN.replace("收货人电话：13600136011\n", "").replace("音箱 15箱", "功放 20箱")


def mail(number: int, text: str, sender: str = "王敏 <wang@yuanda.example>", subject: str = "发货") -> bytes:
    """A mail as the inlet gets it."""
    head = f"From: {Header(sender.partition(' <')[0], 'utf-8').encode()} <{sender.partition('<')[2]}"
    lines = [head, "To: orders@shunchi.example", f"Subject: {Header(subject, 'utf-8').encode()}"]
    lines += ["Date: Tue, 10 Mar 2026 10:00:00 +0800", f"Message-ID: <{number}@yuanda.example>"]
    lines += ["Content-Type: text/plain; charset=utf-8", "", text]
    return "\r\n".join(lines).encode()


SPAM = mail(4, CLEAN, sender="陌生人 <nobody@strange.example>")
POISON = mail(5, "\x1b[2Jgone", subject="毒\x1b[31m")


@dataclass(frozen=True)
class Site:
    """A site's configuration file and its database."""

    config: Path
    url: str
    clock: Path

    def environment(self) -> dict[str, str]:
        """Variables under which the command line sees the morning's time."""
        return {"INGESTD_CONFIG": str(self.config), "INGESTD_TEST": "1", "INGESTD_CLOCK": str(self.clock)}

    def load(self) -> Configuration:
        """Its configuration."""
        return load(self.config, {})


def bare_site(folder: Path, url: str) -> Site:
    """The site's files, without a database."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"ingestd.toml": SETTINGS.format(folder=folder, url=url), **TABLES}.items():
        (folder / name).write_text(text, "utf-8")
    clock = folder / "now"
    clock.write_text(NOW.isoformat(), "ascii")
    return Site(folder / "ingestd.toml", url, clock)


def filled_site(folder: Path, url: str) -> Site:
    """The site with its morning: a dispatched order, an asked one, one of a stranger, one late, a quarantined mail."""
    site = bare_site(folder, url)
    upgrade(url)
    database = Database(url)
    work = Morning(site.load(), database)
    work.arrive(MORNING, mail(1, CLEAN), mail(2, INCOMPLETE), SPAM)
    work.decide(MORNING + timedelta(seconds=1))
    work.send(MORNING + timedelta(seconds=2), Outcome.ACCEPTED)
    work.arrive(MORNING + timedelta(minutes=10), mail(6, CLEAN.replace("音箱", "话筒")))
    work.decide(MORNING + timedelta(minutes=10, seconds=1))
    work.send(MORNING + timedelta(minutes=10, seconds=2), Outcome.REFUSED)
    work.arrive(MORNING + timedelta(minutes=15), POISON)
    work.put_aside()
    work.arrive(MORNING + timedelta(minutes=19), mail(7, CLEAN.replace("音箱", "电视")))
    database.close()
    return site


class Morning:
    """What the daemon does, step by step, without its threads."""

    def __init__(self, configuration: Configuration, database: Database) -> None:
        self.database, self.house = database, house_of(configuration)
        self.definitions: Definitions = load_definitions(configuration.search("parsers"))
        site = configuration.settings.site
        composer = Composer(configuration.search("templates"), site, configuration.settings.work_order_sms)
        self.keys = Keys(b"a secret of nobody's")
        self.press = Press(composer, self.keys, site)
        self.number = 0

    def write(self, work: Callable[[Connection], T]) -> T:
        """One transaction."""
        with self.database.write() as connection:
            return work(connection)

    def arrive(self, at: datetime, *raws: bytes) -> None:
        """Mails come in by the inlet."""
        self.number += 1
        arrivals = [
            Arrival("inlet", f"smtp/inlet/session{self.number}/{i}", Channel.EMAIL, raw, at)
            for i, raw in enumerate(raws)
        ]
        self.write(lambda c: store_arrivals(c, arrivals, None, at))

    def decide(self, at: datetime) -> None:
        """All that is unread is read and decided on."""
        unread = self.write(lambda c: claim_unread(c, "test", at, LEASE, 50))
        items = [Item(facts(u), read(u.channel, u.raw, self.definitions)) for u in unread]
        with self.database.read() as connection:
            cases = cases_for(connection, items, self.house, at)
        serials = Serials(self.write, lambda: at, self.house.settings.site.zone)
        deciding = Deciding(self.house, self.keys, at, serials.take)
        settled = []
        for case in cases:
            decision = decide(case, deciding)
            envelope = case.reading.envelope
            drafts = [
                (w.order.serial if w.order else None, d)
                for w in decision.wanted
                for d in self.press.drafts(w, envelope, at)
            ]
            settled.append(Settled(case.facts, case.reading, decision, tuple(drafts)))
        self.write(lambda c: write_decisions(c, settled, Writing(self.definitions.digest, at)))

    def send(self, at: datetime, outcome: Outcome) -> None:
        """All that is due is tried, with the same outcome."""
        policy = RetryPolicy([timedelta(seconds=5)], timedelta(hours=24), timedelta(seconds=60))
        for channel in Channel:
            claims = self.write(lambda c, ch=channel: claim_due(c, ch, "test", at, (LEASE, 50)))  # type: ignore[misc]
            results = [(c, result(c, outcome, at)) for c in claims]
            if results:
                self.write(lambda c, r=results: record_results(c, r, policy, at))  # type: ignore[misc]

    def put_aside(self) -> None:
        """What is unread is quarantined, and a person told."""
        at = MORNING + timedelta(minutes=16)
        for unread in self.write(lambda c: claim_unread(c, "test", at, LEASE, 50)):
            self.write(lambda c, i=unread.message_id: quarantine(c, i, "ProcessExpired while reading, 3 times", at))  # type: ignore[misc]


def facts(unread: Unread) -> MessageFacts:
    """A claimed message as decisions see it."""
    u = unread
    return MessageFacts(u.message_id, u.account, u.channel, u.arrived_at, u.position, u.stored_at, u.core_hash)


def result(claim: Claim, outcome: Outcome, at: datetime) -> Result:
    """What an attempt came to."""
    detail = {Outcome.ACCEPTED: "250 2.0.0 Ok: queued as ABC", Outcome.REFUSED: "550 5.1.1 no such user"}.get(
        outcome, ""
    )
    return Result(claim.sending_id, claim.token, outcome, detail, at)

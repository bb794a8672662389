"""The unit under a systemd that really boots: the wheel, installed as docs/operations.md tells, in a container.

Source: issue of the faults, point 8; faults.md F81-F83 and design rule 9. The daemon reads a real Dovecot and writes to
smtp-sink; both run beside the container, which shares their loopback.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.daemon.oracle import captured, phones_in
from tests.daemon.orders import ShippedOrder, distinct_orders
from tests.daemon.site import DISPATCHER, Site
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.fixtures import present
from tests.servers.machine import PYTHON, Machine, booted, built_wheel, find_nspawn, installed
from tests.servers.programs import ServerFailedError, ServerMissingError
from tests.servers.smtp_sink import SmtpSink

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = next((ROOT / ".venv" / "lib").glob("python3.*/site-packages"), Path(pytest.__file__).parents[1])
# What takes minutes at a site takes seconds here; a Python with a library of its own looks for it where it was built.
SOON = f"[Service]\nWatchdogSec=4\nRestartSec=100ms\nEnvironment=LD_LIBRARY_PATH={PYTHON}/lib\n"
WITHIN_SECONDS = 90.0  # patience, not a promise: two cores may be busy
STOP_SECONDS = 45.0  # TimeoutStopSec of the unit


class Unit:
    """ingestd.service on its machine, with a mailbox to read and a relay to write to."""

    def __init__(self, machine: Machine, site: Site, mailbox: Mailbox, sink: SmtpSink) -> None:
        self.machine, self.site, self.mailbox, self.sink = machine, site, mailbox, sink
        self._fresh = iter(distinct_orders(50, seed=8))

    def configure(self, **further: dict[str, object]) -> None:
        """Write the site's files into /etc/ingestd, the password as a credential of the unit."""
        further.setdefault("site", {})["data_folder"] = "/var/lib/ingestd"
        imap = {"password": "", "password_file": "mailbox"}
        self.site.write(self.sink.port, self.mailbox, imap=imap, sms={"enabled": False}, **further)
        for file in self.site.folder.glob("*.toml"):
            self.machine.write(f"/etc/ingestd/{file.name}", file.read_text("utf-8"))

    def systemctl(self, *arguments: str) -> str:
        """What systemctl says; raises where it fails, with what the journal knows of it."""
        try:
            return self.machine.run("systemctl", *arguments)
        except ServerFailedError as error:
            raise ServerFailedError(f"{error}\n{self.log()[-3000:]}") from error

    def shown(self, name: str) -> str:
        """A property of the unit."""
        return self.systemctl("show", "--value", "-p", name, "ingestd").strip()

    def log(self) -> str:
        """What the journal holds of the unit."""
        return self.machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "ingestd")

    def order(self) -> ShippedOrder:
        """A new order, in the mailbox."""
        order = next(self._fresh)
        self.mailbox.deliver(order.raw)
        return order

    def dispatched(self, order: ShippedOrder) -> int:
        """How many work orders by mail its dispatcher got."""
        mails = [captured(mail) for mail in self.sink.messages() if DISPATCHER in mail.recipients]
        return sum(bool(phones_in(mail.words, {order.phone: ""})) for mail in mails)

    def wait(self, condition: Callable[[], bool], waiting_for: str) -> None:
        """Wait, and tell the journal where it was in vain."""
        deadline = time.monotonic() + WITHIN_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {waiting_for}\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def wait_dispatched(self, order: ShippedOrder) -> None:
        """Wait for the order's one work order."""
        self.wait(lambda: self.dispatched(order) > 0, "a work order")
        assert self.dispatched(order) == 1


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A container; a skip that tells why where this account or kernel can't boot one."""
    present(find_nspawn)
    try:
        with booted(LIBRARIES) as machine:
            yield machine
    except ServerMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def unit(machine: Machine, dovecot_session: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unit]:
    """The unit, installed, configured and not yet started."""
    folder = tmp_path_factory.mktemp("unit")
    installed(machine, built_wheel(ROOT, folder))
    machine.write("/etc/systemd/system/ingestd.service", (ROOT / "systemd" / "ingestd.service").read_text("utf-8"))
    machine.write("/etc/systemd/system/ingestd.service.d/soon.conf", SOON)
    machine.write("/etc/ingestd/mailbox", PASSWORD, 0o600)
    machine.run("systemctl", "daemon-reload")
    sink = present(SmtpSink)
    try:
        sink.start()
        unit = Unit(machine, Site(folder), dovecot_session.fresh_mailbox(), sink)
        unit.configure()
        yield unit
    finally:
        sink.close()


@pytest.mark.timeout(300)
class TestUnit:
    """One life of the unit; each test takes it as the one before left it: running."""

    def test_it_starts_as_a_notifying_service_and_sends_a_work_order(self, unit: Unit) -> None:
        unit.systemctl("start", "ingestd")
        assert (unit.shown("ActiveState"), unit.shown("SubState")) == ("active", "running")
        unit.wait_dispatched(unit.order())

    def test_it_may_do_nothing_that_it_need_not(self, unit: Unit) -> None:
        status = dict(
            line.split(":\t", 1)
            for line in unit.machine.run("cat", f"/proc/{unit.shown('MainPID')}/status").splitlines()
            if ":\t" in line
        )
        assert int(status["CapBnd"], 16) == int(status["CapEff"], 16) == 0
        assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
        assert status["Uid"].split()[0] != "0"
        assert unit.machine.run("stat", "-L", "-c", "%a", "/var/lib/ingestd").strip() == "700"

    def test_the_password_reaches_it_as_a_credential_and_stays_out_of_the_journal(self, unit: Unit) -> None:
        assert unit.machine.run("stat", "-c", "%a %U", "/etc/ingestd/mailbox").split() == ["600", "root"]
        assert PASSWORD not in unit.log()

    @pytest.mark.fault("F81")
    def test_killed_it_is_started_again_and_goes_on(self, unit: Unit) -> None:
        before = int(unit.shown("NRestarts"))
        unit.systemctl("kill", "-s", "KILL", "--kill-whom=main", "ingestd")
        order = unit.order()
        unit.wait(lambda: int(unit.shown("NRestarts")) == before + 1, "a restart after the kill")
        unit.wait_dispatched(order)

    @pytest.mark.fault("F82")
    def test_stalled_it_is_ended_by_the_watchdog_and_goes_on(self, unit: Unit) -> None:
        before = int(unit.shown("NRestarts"))
        unit.systemctl("kill", "-s", "STOP", "--kill-whom=main", "ingestd")
        order = unit.order()
        unit.wait(lambda: int(unit.shown("NRestarts")) == before + 1, "a restart by the watchdog")
        assert "Watchdog timeout" in unit.log()
        unit.wait_dispatched(order)

    def test_a_reload_takes_what_is_new_and_refuses_what_is_wrong(self, unit: Unit) -> None:
        main = unit.shown("MainPID")
        unit.configure(site={"signature": "顺驰专线"})
        unit.systemctl("reload", "ingestd")
        unit.machine.write("/etc/ingestd/areas.toml", "[[area]\n")
        assert unit.machine.exit_code("systemctl", "reload", "ingestd") != 0
        assert (unit.shown("ActiveState"), unit.shown("MainPID")) == ("active", main)
        unit.configure()
        unit.wait_dispatched(unit.order())

    def test_it_stops_in_good_order_and_within_its_time(self, unit: Unit) -> None:
        order = unit.order()
        began = time.monotonic()
        unit.systemctl("stop", "ingestd")
        assert time.monotonic() - began < STOP_SECONDS / 2
        assert (unit.shown("Result"), unit.shown("ActiveState")) == ("success", "inactive")
        unit.systemctl("start", "ingestd")
        unit.wait_dispatched(order)

    @pytest.mark.fault("F83")
    def test_a_wrong_configuration_is_refused_with_its_reason_until_it_is_mended(self, unit: Unit) -> None:
        unit.systemctl("stop", "ingestd")
        unit.machine.write("/etc/ingestd/areas.toml", "[[area]\n")
        assert unit.machine.exit_code("systemctl", "start", "ingestd") != 0
        assert "areas.toml" in unit.log()
        unit.configure()
        unit.wait(lambda: unit.shown("ActiveState") == "active", "the mended unit to start by itself")
        unit.wait_dispatched(unit.order())

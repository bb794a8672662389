"""A machine of its own for the unit: systemd, booted in a container over this machine's own files.

What the container writes goes into memory and ends with it; its loopback is ours, so that it finds the test servers.
Needs root, systemd-nspawn and a kernel that lets us mount an overlay; `MachineMissingError` says which is not there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.programs import Program, ServerFailedError, ServerMissingError, find_program, wait_until

BOOT_SECONDS = 30.0
COMMAND_SECONDS = 150.0  # two cores may be busy
TARGET = "ingestd-test.target"  # boots what every system has, and none of the services of this machine
PYTHON = Path("/opt/python")  # this Python, where the unit may see it: it hides /root and /home


class Machine:
    """A booted container."""

    def __init__(self, folder: Path, binds: dict[Path, Path]) -> None:
        self.folder = folder
        self.root = folder / "root"
        self._binds = binds  # shown in the container, read-only: where it is there, by what it is here
        self._container: Program | None = None
        self._first = 0  # the process that is number one in there

    def boot(self) -> None:
        """Start systemd in there and wait until it has come up; raises ServerMissingError where it does not."""
        nspawn = find_nspawn()
        units = self.root / "etc/systemd/system"
        units.mkdir(parents=True, exist_ok=True)
        (units / TARGET).write_text("[Unit]\nRequires=basic.target dbus.socket\nAfter=basic.target dbus.socket\n")
        (self.root / "etc/machine-id").write_text(f"{os.urandom(16).hex()}\n")
        shown = [f"--bind-ro={here}:{there}" for there, here in self._binds.items()]
        command = ["env", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1", nspawn, "-q", "-D", str(self.root), "--boot", *shown]
        command += ["--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off", f"systemd.unit={TARGET}"]
        self._container = Program(command, self.folder / "console", self.folder)
        try:
            self._container.wait_until(self._is_up, "systemd to come up", BOOT_SECONDS)
        except ServerFailedError as error:  # none of ingestd is in there yet: it is the machine that can't
            raise ServerMissingError(f"no container can be booted here: {error}") from error

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        """Put a file into it."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(mode)

    def run(self, *command: str) -> str:
        """What a command in there says; raises ServerFailedError where it fails."""
        done = self._enter(*command)
        if done.returncode:
            raise ServerFailedError(f"{' '.join(command)}: {done.returncode}: {done.stdout}")
        return done.stdout

    def exit_code(self, *command: str) -> int:
        """How a command in there ends."""
        return self._enter(*command).returncode

    def close(self) -> None:
        """Switch it off."""
        if self._container:
            if self._container.running and self._first:
                with contextlib.suppress(subprocess.SubprocessError):
                    self._enter("systemctl", "poweroff")
                with contextlib.suppress(ServerFailedError):
                    wait_until(lambda: not self._container or not self._container.running, 20, "the container to end")
            self._container.stop()

    def _enter(self, *command: str) -> subprocess.CompletedProcess[str]:
        inside = ["nsenter", "-t", str(self._first), "-m", "-u", "-i", "-p", "--", *command]
        return subprocess.run(
            inside,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def _is_up(self) -> bool:
        assert self._container is not None
        self._first = child_of(self._container.pid)
        return bool(self._first) and self.exit_code("systemctl", "is-active", "-q", TARGET) == 0


def find_nspawn() -> str:
    """The path of systemd-nspawn."""
    return find_program("systemd-nspawn", "systemd-container")


def child_of(parent: int) -> int:
    """The first child of a process, 0 where it has none."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[0]) if children else 0


@contextmanager
def overlaid(folder: Path) -> Iterator[Path]:
    """This machine's files under `folder`/root, where whatever is written stays in memory.

    Raises:
        ServerMissingError: who is not root, or the kernel forbids it.
    """
    if os.geteuid() != 0:
        raise ServerMissingError("booting a container needs root")
    memory, root = folder / "memory", folder / "root"
    for path in (memory, root):
        path.mkdir()
    mount("-t", "tmpfs", "tmpfs", str(memory))
    try:
        for path in (memory / "upper", memory / "work"):
            path.mkdir()
        layers = f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work"
        mount("-t", "overlay", "overlay", "-o", layers, str(root))
        try:
            yield root
        finally:
            subprocess.run(["umount", "--lazy", str(root)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(memory)], check=True)


def mount(*arguments: str) -> None:
    """Mount; raises ServerMissingError where the kernel does not let us."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerMissingError(f"no container can be booted here: {done.stderr.strip()}")


@contextmanager
def booted(libraries: Path) -> Iterator[Machine]:
    """A machine that has booted; `libraries` are shown as /opt/libraries."""
    with tempfile.TemporaryDirectory(prefix="ingestd-machine-") as name, overlaid(Path(name)):
        machine = Machine(Path(name), {Path("/opt/libraries"): libraries, PYTHON: Path(sys.base_prefix)})
        try:
            machine.boot()
            yield machine
        finally:
            machine.close()


def installed(machine: Machine, wheel: Path) -> None:
    """Install a wheel as docs/operations.md does, in /opt/ingestd; what it needs is taken from /opt/libraries."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    machine.run(str(PYTHON / "bin" / version), "-m", "venv", "--without-pip", "/opt/ingestd")
    machine.write(f"/opt/ingestd/lib/{version}/site-packages/libraries.pth", "/opt/libraries\n")
    machine.write(f"/opt/{wheel.name}", "")
    (machine.root / "opt" / wheel.name).write_bytes(wheel.read_bytes())
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed")
    machine.run("/opt/ingestd/bin/python", *pip, f"/opt/{wheel.name}")


def built_wheel(source: Path, folder: Path) -> Path:
    """The wheel of a checkout."""
    build: Sequence[str] = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), ".")
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=COMMAND_SECONDS)
    return next(folder.glob("*.whl"))

"""A new configuration for a running daemon: what of it counts at once, what waits for a restart, and how it is told."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from ingestd.composing.wording import BrokenTemplateError
from ingestd.config.load import Configuration, ConfigurationError
from ingestd.config.settings import Settings
from ingestd.parsing.definitions import DefinitionError

RESULT = "reload.json"  # in the data folder: what came of the last one, for `ingestd reload`
FAULTY = (ConfigurationError, DefinitionError, BrokenTemplateError)
# What connections, threads and the database are made of when the daemon starts.
AT_START = ("database", "imap", "inlet", "sms", "relay", "audit", "reader", "outbox", "logging", "metrics")
AT_START_OF_SITE = ("data_folder", "secret_file", "timezone", "domain")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of it; of a refused one only the faults."""

    ok: bool
    changed: tuple[str, ...] = ()  # options and tables that count from now on
    restart: tuple[str, ...] = ()  # options that wait for a restart
    faults: tuple[str, ...] = ()


class Turns:
    """Parts work side by side, each in its own turn; things change while nobody is in the middle of a step."""

    def __init__(self) -> None:
        self.locks: list[threading.Lock] = []
        self.open = threading.Event()
        self.open.set()

    def taking(self, step: Callable[[], T]) -> Callable[[], T]:
        """The same step, one turn each time."""
        lock = threading.Lock()
        self.locks.append(lock)

        def turn() -> T:
            self.open.wait()  # a lock alone would go to the same thread again and again
            with lock:
                return step()

        return turn

    @contextmanager
    def nobody_working(self) -> Iterator[None]:
        """Wait until every part is between two steps, and keep it there."""
        self.open.clear()
        try:
            with ExitStack() as held:
                for lock in self.locks:
                    held.enter_context(lock)
                yield
        finally:
            self.open.set()


# --- which options ----------------------------------------------------------------------------------------------------


def running_settings(old: Settings, new: Settings) -> Settings:
    """The new settings as far as they can count now: what was made at the start stays as it was."""
    site = new.site.model_copy(update={key: getattr(old.site, key) for key in AT_START_OF_SITE})
    return new.model_copy(update={"site": site, **{key: getattr(old, key) for key in AT_START}})


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The options that differ and wait for a restart, by name, never by value."""
    sections = (name for key in AT_START for name in differing(getattr(old, key), getattr(new, key), key))
    site = (f"site.{key}" for key in AT_START_OF_SITE if getattr(old.site, key) != getattr(new.site, key))
    return (*site, *sections)


def changes(old: Configuration, new: Configuration) -> tuple[str, ...]:
    """The options and tables that differ and count at once."""
    options = differing(old.settings, running_settings(old.settings, new.settings), "")
    fields = type(new.tables).model_fields
    tables = [key for key in fields if getattr(old.tables, key) != getattr(new.tables, key)]
    return (*options, *tables)


def differing(old: Any, new: Any, name: str) -> list[str]:
    """The dotted names of the options that differ in two sections; mailboxes are told apart by their names."""
    if old == new:
        return []
    if isinstance(old, BaseModel) and isinstance(new, BaseModel) and type(old) is type(new):
        prefix = f"{name}." if name else ""
        keys = type(old).model_fields
        return [n for key in keys for n in differing(getattr(old, key), getattr(new, key), prefix + key)]
    if name == "imap":
        before, after = ({account.name: account for account in accounts} for accounts in (old, new))
        names = sorted(before.keys() | after.keys())
        return [n for key in names for n in differing(before.get(key), after.get(key), f"imap.{key}")]
    return [name]


# --- what is told -----------------------------------------------------------------------------------------------------


def place_of_fault(fault: str) -> str:
    """File and key of a fault; what stands behind them may be somebody's number and does not belong into the log."""
    return ": ".join(fault.split(": ")[:2])[:200]


def write_result(folder: Path, result: Reloaded) -> None:
    """Leave what came of it where `ingestd reload` looks."""
    fresh = folder / f"{RESULT}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(result), file, ensure_ascii=False)
    fresh.replace(folder / RESULT)


def read_result(folder: Path) -> Reloaded | None:
    """What came of the last one, None where nothing is told yet."""
    try:
        told = json.loads((folder / RESULT).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Reloaded(told["ok"], *(tuple(told[key]) for key in ("changed", "restart", "faults")))


def refused(faults: Sequence[str]) -> Reloaded:
    """A configuration that can't be used."""
    return Reloaded(False, faults=tuple(faults))

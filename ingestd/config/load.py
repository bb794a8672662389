"""Read the configuration of a site: `ingestd.toml`, its tables, the environment, and say precisely what is wrong."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ingestd.config.peer import Peer
from ingestd.config.settings import Settings
from ingestd.config.shipped import SITE_FOLDER, search_path, shipped
from ingestd.config.tables import Tables

PREFIX = "INGESTD_"
TABLE_FILES = (
    "customers.toml", "staff.toml", "areas.toml", "checks.toml", "goods.toml", "tariff.toml", "depots.toml",
    "follow_ups.toml", "absences.toml",
)  # fmt: skip
SHIPPED_TABLES = ("checks.toml", "goods.toml", "follow_ups.toml")  # where the site has none of its own
OPTIONAL_TABLES = ("tariff.toml", "depots.toml", "absences.toml")
MOVED = {  # options that were, and where what they said stands now
    "pickup.ask_after": "wait of the follow-up pickup_asked in follow_ups.toml",
    "pickup.ask_after_by_sms": "wait_by_sms of the follow-up pickup_asked in follow_ups.toml",
    "pickup.one_message_within": "one_message_within in [chasing]",
    "pickup.remind_every": "every of the follow-ups pickup_overdue and pickup_escalated in follow_ups.toml",
    "pickup.remind_times": "times of the follow-ups pickup_overdue and pickup_escalated in follow_ups.toml",
}
SECRET_FILES = ("password_file", "certificate", "key")
Model = TypeVar("Model", bound=BaseModel)


class ConfigurationError(Exception):
    """The configuration can't be used: which file, which key, and what would be right."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of a site's policy, checked."""

    settings: Settings
    tables: Tables
    folder: Path  # the site's own folder

    def search(self, kind: str) -> tuple[Path, ...]:
        """Folders of `parsers` or `templates`, the site's own first."""
        return search_path(kind, self.folder)


def load(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Configuration:
    """The configuration in `path` (else $INGESTD_CONFIG, else /etc/ingestd/ingestd.toml) with the tables beside it.

    Options may be overridden by variables like INGESTD_SITE__MODE. Raises ConfigurationError.
    """
    file = path or Path(environment.get("INGESTD_CONFIG", SITE_FOLDER / "ingestd.toml"))
    secrets = Path(environment.get("CREDENTIALS_DIRECTORY", file.parent))
    data = with_secret_paths(merged(toml(file), overrides(environment)), secrets)
    settings = validated(Settings, data, dict.fromkeys(data, file))
    rows, origin = table_rows(file.parent)
    return Configuration(settings, validated(Tables, rows, origin), file.parent)


def toml(file: Path) -> dict[str, Any]:
    """The content of one TOML file."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{file}: there is no such file; name one by --config or $INGESTD_CONFIG") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: is no TOML: {error}") from error


def table_rows(folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """The rows of all the table files, and which file each key came from."""
    rows: dict[str, Any] = {}
    origin: dict[str, Path] = {}
    for name in TABLE_FILES:
        file = folder / name
        if name in SHIPPED_TABLES and not file.exists():
            file = shipped("config") / name
        if name in OPTIONAL_TABLES and not file.exists():
            continue
        for key, value in toml(file).items():
            if key in rows:
                raise ConfigurationError(f"{file}: {key} stands in {origin[key]} too; keep one of them")
            rows[key], origin[key] = value, file
    return rows, origin


def overrides(environment: Mapping[str, str]) -> dict[str, Any]:
    """INGESTD_SITE__MODE=shadow as {"site": {"mode": "shadow"}}; lists as TOML."""
    out: dict[str, Any] = {}
    for name, text in environment.items():
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and separator:
            out.setdefault(section, {})[key] = override(text)
    return out


def override(text: str) -> Any:
    """A variable's value: a TOML value where it is one, else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Tables of `base` with the keys of `over` put in."""
    out = dict(base)
    for section, values in over.items():
        out[section] = {**out.get(section, {}), **values} if isinstance(out.get(section, {}), dict) else values
    return out


def validated(model: type[Model], data: dict[str, Any], origin: Mapping[str, Path]) -> Model:
    """`data` as `model`; all faults in one ConfigurationError, a line each."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = (fault_line(fault, named(fault["loc"], data), origin) for fault in error.errors())
        raise ConfigurationError("\n".join(faults)) from None


def named(keys: Sequence[str | int], data: Mapping[str, Any]) -> list[str]:
    """The keys of a fault, a follow-up by its name instead of its number."""
    told = [str(key) for key in keys]
    if len(told) > 1 and told[0] == "follow_up":
        row = listed(data["follow_up"])[int(told[1])]
        told[1] = str(row.get("name", told[1])) if isinstance(row, dict) else told[1]
    return told


def fault_line(fault: Any, keys: Sequence[str], origin: Mapping[str, Path]) -> str:
    """One fault as `FILE: KEY: what is wrong and what would be right`; never the value of a secret."""
    file = origin.get(keys[0]) if keys else None
    where = f"{file or 'environment'}: {'.'.join(keys)}" if keys else "tables"
    if fault["type"] == "extra_forbidden" and ".".join(keys) in MOVED:
        return f"{where}: there is no such option any more; it is {MOVED['.'.join(keys)]} now"
    if fault["type"] == "extra_forbidden":
        return f"{where}: there is no such option; `ingestd check --options` lists them all"
    shown = (
        ""
        if "password" in where or not isinstance(fault.get("input"), str | int | float)
        else f" (found {fault['input']!r})"
    )
    return f"{where}: {fault['msg'].removeprefix('Value error, ')}{shown}"


def with_secret_paths(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same, each relative name of a secret's file put where it lies: systemd's credentials or the site's folder."""
    sections = (*listed(data.get("imap")), data.get("relay"), data.get("audit"), data.get("inlet"))
    for section in (s for s in sections if isinstance(s, dict)):
        for name in SECRET_FILES:
            if isinstance(section.get(name), str):
                section[name] = str(folder / section[name])
    return data


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as none; validation says what is wrong with it."""
    return value if isinstance(value, list) else []


def secret_of(peer: Peer) -> str:
    """The password of a peer as written or from its file, read anew each time. Raises ConfigurationError."""
    if peer.password_file is None:
        return peer.password.get_secret_value()
    try:
        return peer.password_file.read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ConfigurationError(f"password_file {peer.password_file}: can't be read: {error.strerror}") from error

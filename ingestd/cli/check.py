"""`ingestd check`: whether the daemon would start with this configuration, and what should be better."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ingestd.cli.output import complain, json_line, line, paragraph
from ingestd.cli.session import Session, session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, Trouble, foreseen
from ingestd.cli.words import word

if TYPE_CHECKING:
    from ingestd.config.load import Configuration
    from ingestd.config.peer import Peer

SECRETS = "CREDENTIALS_DIRECTORY"  # where systemd puts a unit's secrets


def check(
    context: typer.Context,
    options: Annotated[bool, typer.Option("--options", metavar="", help=word("help.options_list"))] = False,
    connect: Annotated[bool, typer.Option("--connect", metavar="", help=word("help.connect"))] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Check all that can be checked, by request also by logging in everywhere; 78 where something is wrong."""
    if options:
        return list_options(as_json)
    session = session_of(context)
    checked: list[str] = []
    errors: list[str] = []
    warnings: list[str] = []
    for part in (of_configuration, of_parsers, of_templates, of_files):
        examine(part, session, checked, errors)
    if not errors:
        warnings = found_cautions(session)
        if connect:
            reach(session, checked, errors)
    if as_json:
        json_line({"ok": not errors, "checked": checked, "errors": errors, "warnings": warnings})
    else:
        tell(checked, errors, warnings)
    return CONFIGURATION if errors else FINE


def examine(part: Callable[[Session], Iterator[str]], session: Session, checked: list[str], errors: list[str]) -> None:
    """Check one part; note what was checked, or what is wrong with it."""
    try:
        checked += part(session)
    except Exception as error:
        trouble = foreseen(error)
        if trouble is None:
            raise
        errors += [text for text in str(trouble).splitlines() if text not in errors]


def reach(session: Session, checked: list[str], errors: list[str]) -> None:
    """Log in everywhere once; each peer is tried, whatever became of the others."""
    from ingestd.cli.connecting import UnreachedError, tried, tries

    for name, one in tries(session.configuration):
        try:
            checked.append(tried(name, one))
        except UnreachedError as error:
            errors.append(str(error))


def tell(checked: list[str], errors: list[str], warnings: list[str]) -> None:
    """Print what was checked, then what should be better; what is wrong goes to standard error."""
    for text in checked:
        line(word("check.ok", what=text))
    for text in warnings:
        line(word("check.warning", what=text))
    for text in errors:
        complain(text)
    if not errors:
        line(word("check.fine", warnings=len(warnings)) if warnings else word("check.all_fine"))


# --- the parts --------------------------------------------------------------------------------------------------------


def of_configuration(session: Session) -> Iterator[str]:
    """ingestd.toml and the tables beside it, and their places on the map."""
    from ingestd.checks.house import house_of

    configuration = session.configuration
    house_of(configuration)
    settings, tables = configuration.settings, configuration.tables
    names = [a.name for a in settings.imap]
    names += [part.name for part in (settings.inlet, settings.sms) if part.enabled]
    file, sources = session.file, ", ".join(names) or word("value.none")
    yield word("check.settings", file=file, mode=settings.site.mode, sources=sources)
    yield word("check.tables", customers=len(tables.customer), staff=len(tables.staff), areas=len(tables.area))


def of_parsers(session: Session) -> Iterator[str]:
    """The parser definitions with their samples."""
    from ingestd.cli.samples import broken_samples
    from ingestd.config.shipped import search_path
    from ingestd.parsing.definitions import load_definitions

    definitions = load_definitions(search_path("parsers", session.file.parent))
    broken = [
        word("check.sample", file=sample.file, text=sample.text[:40], path=path, expected=expected, found=found)
        for sample, path, expected, found in broken_samples(definitions)
    ]
    if broken:
        raise Trouble("\n".join(" ".join(text.split()) for text in broken), CONFIGURATION)
    yield word("check.parsers", files=len(definitions.files), samples=len(definitions.samples))


def of_templates(session: Session) -> Iterator[str]:
    """The templates, each tried with made-up orders."""
    configuration = session.configuration
    from ingestd.composing.composer import PURPOSES, Composer
    from ingestd.composing.wording import LANGUAGES

    Composer(configuration.search("templates"), configuration.settings.site, configuration.settings.work_order_sms)
    yield word("check.templates", purposes=len(PURPOSES), languages=", ".join(LANGUAGES))


def of_files(session: Session) -> Iterator[str]:
    """Certificates and passwords that the configuration names."""
    configuration = session.configuration
    peers = named_peers(configuration)
    wrong = [
        word("check.no_file", key=f"{name}.ca_file", file=peer.ca_file)
        for name, peer in peers
        if peer.ca_file and not peer.ca_file.is_file()
    ]
    if in_sight(os.environ.get(SECRETS)):
        wrong += [text for name, peer in peers if (text := unread_secret(name, peer))]
    if wrong:
        raise Trouble("\n".join(wrong), CONFIGURATION)
    inlet = configuration.settings.inlet
    shown = [file for file in (inlet.certificate, inlet.key) if inlet.enabled and file]
    if shown and (SECRETS in os.environ or all(file.is_file() for file in shown)):
        from ingestd.sources.inlet.certificate import Certificate

        Certificate(shown[0], inlet.key)
    count = len(shown) + sum(1 for _, peer in peers for file in (peer.ca_file, peer.password_file) if file)
    if count:
        yield word("check.files", count=count)


def in_sight(secrets: str | None) -> bool:
    """Whether this process is shown the unit's secrets: neither a shell is nor, before systemd 254, what reloads."""
    return secrets is not None and os.access(secrets, os.R_OK | os.X_OK)


def named_peers(configuration: Configuration) -> list[tuple[str, Peer]]:
    """The servers we talk to, by the names that errors use."""
    settings = configuration.settings
    return [*((f"imap.{a.name}", a) for a in settings.imap), ("relay", settings.relay), ("audit", settings.audit)]


def unread_secret(name: str, peer: Peer) -> str | None:
    """Why the password of a peer can't be read, None where it can."""
    from ingestd.config.load import ConfigurationError, secret_of

    try:
        secret_of(peer)
    except ConfigurationError as error:
        return f"{name}.{error}"
    return None


def found_cautions(session: Session) -> list[str]:
    """What is allowed and should be better; outside of the unit a secret may be out of sight, which is no error."""
    from ingestd.cli.cautions import cautions

    configuration = session.configuration
    unseen = [text for name, peer in named_peers(configuration) if (text := unread_secret(name, peer))]
    today = session.now().astimezone(session.zone).date()
    return [*unseen, *cautions(configuration.settings, configuration.tables, today)]


# --- the options ------------------------------------------------------------------------------------------------------


def list_options(as_json: bool) -> int:
    """Print every option with its default and meaning."""
    from ingestd.cli.options import options
    from ingestd.config.settings import Settings
    from ingestd.config.shipped import shipped

    listed = options(Settings, shipped("config") / "ingestd.toml")
    if as_json:
        json_line({"options": listed})
    else:
        for option in listed:
            line(f"{option.name} = {option.default}" if option.default else f"{option.name} {word('check.needed')}")
            paragraph(option.meaning, 4)
    return FINE

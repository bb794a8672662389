"""`ingestd init`: from a dozen answers to a configuration that works, in shadow mode."""

from __future__ import annotations

import getpass
import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestd.cli.asking import typed
from ingestd.cli.output import complain, heading, line
from ingestd.cli.trouble import FINE, TROUBLE, WRONG_USE, Trouble
from ingestd.cli.words import language_now, speaking, word

if TYPE_CHECKING:
    from ingestd.cli.questions import Question

LANGUAGES = ("zh", "en")
SERVICE_FOLDER = Path("/etc/ingestd")  # where the unit looks
LATER = "password_file"  # in a file of answers: read the password from there


def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help=word("help.init_folder"))] = SERVICE_FOLDER,
    answers: Annotated[Path | None, typer.Option("--answers", metavar="FILE", help=word("help.answers"))] = None,
    force: Annotated[bool, typer.Option("--force", metavar="", help=word("help.force"))] = False,
    language: Annotated[str, typer.Option("--language", metavar="zh|en", help=word("help.language"))] = "",
) -> int:
    """Ask, write the files, and say what comes next; nothing is written before the last answer."""
    if language and language not in LANGUAGES:
        raise Trouble(word("init.language", given=language), WRONG_USE)
    with speaking(language or language_now()):
        return set_up(folder.absolute(), answers, force)


def set_up(folder: Path, answers: Path | None, force: bool) -> int:
    """Do it, in the language that is spoken now."""
    from ingestd.cli.first_files import in_the_way, rendered, write

    there = in_the_way(folder)
    if there and not force:
        raise Trouble(word("init.there", files=", ".join(str(file) for file in there)), TROUBLE)
    may_write(folder)
    if answers is None and not sys.stdin.isatty():
        raise Trouble(word("init.no_terminal"), WRONG_USE)
    try:
        given = from_file(answers) if answers else from_person(folder)
        data_folder = None if folder == SERVICE_FOLDER else folder / "data"
        texts = rendered(given, language_now(), data_folder)
        written = write(folder, texts, given.get("password", ""))
    except (KeyboardInterrupt, EOFError):
        line()
        raise Trouble(word("init.broken_off"), TROUBLE) from None
    tell(folder, written, bool(given.get("password")))
    return FINE


def may_write(folder: Path) -> None:
    """Raises Trouble before the first question where the files could not be written after the last."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise Trouble(word("init.no_folder", folder=nearest), TROUBLE)


# --- a person answers -------------------------------------------------------------------------------------------------


def from_person(folder: Path) -> Mapping[str, str]:
    """Every answer, asked until it can be used."""
    from ingestd.cli.questions import QUESTIONS, is_asked

    line(word("init.hello", folder=folder))
    given: dict[str, str] = {}
    for question in QUESTIONS:
        if is_asked(question, given):
            given[question.key] = asked(question, given)
    return given


def asked(question: Question, given: Mapping[str, str]) -> str:
    """One answer; what is wrong with it is told, and it is asked again."""
    from ingestd.cli.questions import WrongAnswerError, answered

    default = question.default(given)
    heading(word(f"init.ask.{question.key}"))
    line(f"  {word('init.example_is', example=word(f'init.example.{question.key}'))}")
    prompt = f"[{default}] > " if default else "> " if question.needed else f"[{word('init.empty')}] > "
    while True:
        text = getpass.getpass(prompt) if question.secret else typed(prompt)
        try:
            return answered(question, text, given)
        except WrongAnswerError as error:
            line(f"  {error}")


# --- a file answers ---------------------------------------------------------------------------------------------------


def from_file(file: Path) -> Mapping[str, str]:
    """Every answer from a file; raises Trouble with all faults, a line each."""
    from ingestd.cli.questions import QUESTIONS, WrongAnswerError, answered, is_asked

    rows = answers_in(file)
    known = {question.key for question in QUESTIONS} | {LATER}
    faults = [word("init.unknown_answer", file=file, key=key) for key in rows if key not in known]
    given: dict[str, str] = {}
    failed: set[str] = set()
    for question in QUESTIONS:
        if not is_asked(question, given):
            continue
        try:
            text = as_text(question.key, rows)
            if not text and question.default_from in failed:  # told once is enough
                failed.add(question.key)
                continue
            given[question.key] = answered(question, text, given)
        except (WrongAnswerError, OSError) as error:
            failed.add(question.key)
            faults.append(f"{file}: {question.key}: {error}")
    if faults:
        raise Trouble("\n".join(faults), WRONG_USE)
    return given


def answers_in(file: Path) -> Mapping[str, Any]:
    """The rows of a file of answers; `-` is standard input."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        return tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            word("init.unread", file=file, why=getattr(error, "strerror", None) or error), WRONG_USE
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Trouble(word("init.no_toml", file=file, why=error), WRONG_USE) from error


def as_text(key: str, rows: Mapping[str, Any]) -> str:
    """An answer of a file as a person would have typed it."""
    if key == "password" and LATER in rows and key not in rows:
        return Path(str(rows[LATER])).read_text("utf-8").rstrip("\r\n")
    value = rows.get(key, "")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- what comes next --------------------------------------------------------------------------------------------------


def tell(folder: Path, written: list[Path], with_password: bool) -> None:
    """The files, and the next three commands."""
    from ingestd.cli.first_files import SECRET, SETTINGS

    line()
    for file in written:
        line(word("init.written", file=file))
    if not with_password:
        complain(word("init.no_password", file=folder / SECRET))
    ingestd = "ingestd" if folder == SERVICE_FOLDER else f"ingestd --config {folder / SETTINGS}"
    start = "systemctl enable --now ingestd" if folder == SERVICE_FOLDER else f"{ingestd} run"
    heading(word("init.next"))
    width = len(f"{ingestd} check --connect") + 2
    for command, why in ((f"{ingestd} check", "check"), (f"{ingestd} check --connect", "connect"), (start, "start")):
        line(f"  {command:<{width}}# {word(f'init.next_{why}')}")

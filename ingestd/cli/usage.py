"""What is wrong with a command's arguments, in the person's language."""

from __future__ import annotations

from typing import Any

from typer.exceptions import TyperException

from ingestd.cli.output import complain
from ingestd.cli.trouble import WRONG_USE
from ingestd.cli.words import language_now, word

GLOBAL_OPTIONS = ("--config", "--version")


def misused(error: TyperException) -> int:
    """Tell what is wrong and where help is; the exit code."""
    if type(error).__name__ != "NoArgsIsHelpError":  # its help is printed already
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "ingestd"
        complain(f"{told(error)}{word('usage.help', command=command)}")
    return getattr(error, "exit_code", WRONG_USE)


def told(error: Any) -> str:
    """The mistake in a sentence; what typer says of one that has no words of ours."""
    kind, name = type(error).__name__, getattr(error, "option_name", "")
    if kind == "NoSuchOption" and name in GLOBAL_OPTIONS:
        return word("usage.global_option", name=name)
    if kind == "NoSuchOption":
        near = ", ".join(sorted(error.possibilities or ()))
        return word("usage.no_option", name=name) + (word("usage.near", near=near) if near else "")
    if kind == "MissingParameter" and error.param is not None:
        return word("usage.missing", name=error.param.get_error_hint().strip("'"))
    if kind == "BadParameter" and error.param is not None:
        return word("usage.bad", name=error.param.get_error_hint().strip("'"), said=error.message.rstrip("."))
    said = error.format_message().rstrip(".")
    return said if language_now() == "en" else word("usage.other", said=said)

"""Help in the person's language: typer's commands and groups with the words that typer itself would say in English."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from ingestd.cli.words import word

# The parts of typer's help page that it reads from its module, with our words for them.
PARTS = {
    "ARGUMENTS_PANEL_TITLE": "help.arguments",
    "OPTIONS_PANEL_TITLE": "help.options",
    "COMMANDS_PANEL_TITLE": "help.commands",
    "REQUIRED_LONG_STRING": "help.required",
    "DEFAULT_STRING": "help.default",
}


def speak() -> None:
    """Let typer's help page use our words."""
    from typer import rich_utils

    for part, key in PARTS.items():
        setattr(rich_utils, part, word(key))


class Command(TyperCommand):
    """A command whose help is in the person's language."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help, option.metavar = word("help.help"), ""
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        speak()
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose help is in the person's language."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help, option.metavar = word("help.help"), ""
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        speak()
        super().format_help(ctx, formatter)

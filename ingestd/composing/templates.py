"""The templates: found in the site's folder or ours, compiled and tried at construction, rendered after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from ingestd.composing.wording import LANGUAGES, BrokenTemplateError, Language

Variables = Mapping[str, Any]
SUFFIX = ".j2"


def is_html(name: str | None) -> bool:
    """Whether a template writes HTML, where every value is escaped."""
    return name is not None and name.endswith(f".html{SUFFIX}")


class TemplateBook:
    """All templates of all languages, ready to render."""

    def __init__(self, folders: Sequence[Path], purposes: Mapping[str, Sequence[str]]) -> None:
        """`purposes` names the kinds of each: "email.txt", "email.html", "sms.txt"."""
        self.folders = tuple(folders)
        self.environment = SandboxedEnvironment(
            loader=FileSystemLoader([str(f) for f in self.folders]),
            undefined=StrictUndefined,
            autoescape=is_html,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.compiled: dict[tuple[str, str, Language], Template] = {
            (purpose, kind, language): self.compile(f"{purpose}/{kind.replace('.', f'.{language}.')}{SUFFIX}")
            for purpose, kinds in purposes.items()
            for kind in kinds
            for language in LANGUAGES
        }

    def compile(self, name: str) -> Template:
        try:
            return self.environment.get_template(name)
        except TemplateSyntaxError as error:
            raise BrokenTemplateError(error.filename or name, error.lineno, error.message or "syntax error") from error
        except (TemplateNotFound, UnicodeDecodeError) as error:
            raise BrokenTemplateError(name, None, f"can't be read: {error}") from error

    def has(self, purpose: str, kind: str, language: Language) -> bool:
        return (purpose, kind, language) in self.compiled

    def render(self, purpose: str, kind: str, language: Language, variables: Variables) -> str:
        """The text of one template; a variable that does not exist raises jinja2.UndefinedError."""
        return self.compiled[purpose, kind, language].render(variables)

    def attempt(self, purpose: str, kind: str, language: Language, variables: Variables) -> str:
        """As `render`, but what is wrong raises BrokenTemplateError with file and line."""
        template = self.compiled[purpose, kind, language]
        try:
            return template.render(variables)
        except TemplateSyntaxError as error:  # of a template that this one includes
            raise BrokenTemplateError(error.filename or str(error.name), error.lineno, error.message or "") from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            file, line = self.place(error.__traceback__) or (str(template.filename), None)
            raise BrokenTemplateError(file, line, str(error)) from error

    def place(self, traceback: TracebackType | None) -> tuple[str, int] | None:
        """The innermost line of a template in a traceback."""
        found = None
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if file.endswith(SUFFIX):
                found = file, traceback.tb_lineno
            traceback = traceback.tb_next
        return found

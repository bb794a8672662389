"""Answers of a person at a terminal, in Chinese as well as in English."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from ingestd.cli.output import complain, line, visible
from ingestd.cli.words import word

YES, NO = ("yes", "y", "true", "是", "要", "有"), ("no", "n", "false", "否", "不", "不要", "没有")


def typed(prompt: str) -> str:
    """A line as the person typed it; not by readline, which takes Chinese for commands where the locale is missing."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    text = sys.stdin.readline()
    if not text:
        raise EOFError
    return text


def asked(question: str) -> str | None:
    """What somebody answers, without the spaces around it; None where he breaks off."""
    try:
        return typed(f"{visible(question)} ").strip()
    except (EOFError, KeyboardInterrupt):
        line()
        return None
    except UnicodeDecodeError:
        complain(word("desk.not_text"))
        return ""


def agreed(question: str) -> bool:
    """Whether somebody says yes; nothing is no."""
    return (asked(f"{question} {word('desk.yes_or_no')}") or "").lower() in YES


def edited(text: str) -> str | None:
    """A text as somebody left it in his editor; None where he could not open it, or left it empty or as it was."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draft.txt"
        file.write_text(text + "\n", "utf-8")
        try:
            done = subprocess.run([*shlex.split(editor), str(file)], check=False)
            left = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            complain(word("desk.no_editor", editor=editor))
            return None
    return left if done.returncode == 0 and left != text.strip() else None

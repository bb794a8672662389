"""`ingestd parsers`: the definition files, what is wrong in them, and whether messages are read as they should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingestd.cli.output import Column, complain, json_line, line, table
from ingestd.cli.parse import definitions_for, parsers_folders
from ingestd.cli.session import session_of
from ingestd.cli.trouble import CONFIGURATION, FINE, TROUBLE
from ingestd.cli.words import term, word

if TYPE_CHECKING:
    from ingestd.cli.trials import Trial
    from ingestd.parsing.definitions import Definitions
    from ingestd.parsing.inventory import FileCount

MESSAGES = "messages"  # folder beside a site's own definitions


def parsers_list(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False
) -> int:
    """Print each file with its origin and counts; 78 where one can't be read."""
    from ingestd.parsing.inventory import COUNTED, file_counts

    listed = file_counts(parsers_folders(session_of(context)))
    if as_json:
        json_line({"files": [as_object(entry) for entry in listed]})
        return FINE
    columns = [Column(word("column.file"), wraps=True), Column(word("column.origin"))]
    columns += [Column(term("block", key), figures=True) for key in COUNTED]
    table(columns, [(entry.name, origin(entry), *(entry.counts[key] or "" for key in COUNTED)) for entry in listed])
    return FINE


def as_object(entry: FileCount) -> dict[str, Any]:
    """A file as JSON has it."""
    whose = {"site": entry.of_site, "replaces": entry.replaces}
    return {"file": entry.name, "path": str(entry.path), **whose, **entry.counts}


def origin(entry: FileCount) -> str:
    """Whose file one is."""
    if entry.replaces:
        return word("parsers.replaces")
    return word("parsers.of_site" if entry.of_site else "parsers.shipped")


def parsers_check(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False
) -> int:
    """Check every file by itself and all together, with their samples; 78 where something is wrong."""
    from ingestd.cli.trials import of_samples
    from ingestd.parsing.inventory import faults, files_of

    session = session_of(context)
    folders = parsers_folders(session)
    wrong, samples = list(faults(folders)), 0
    if not wrong:
        tried = list(of_samples(definitions_for(session)))
        wrong, samples = [text for trial in tried for text in told_faults(trial)], len(tried)
    count = sum(1 for _ in files_of(folders))
    if as_json:
        json_line({"ok": not wrong, "files": count, "samples": samples, "errors": wrong})
    for text in wrong if not as_json else ():
        complain(text)
    if not wrong and not as_json:
        line(word("check.ok", what=word("check.parsers", files=count, samples=samples)))
    return CONFIGURATION if wrong else FINE


def told_faults(trial: Trial) -> Iterator[str]:
    """What is wrong with a sample, a line for each value."""
    for fault in trial.faults:
        about = {"path": fault.path, "expected": fault.expected, "found": fault.found}
        yield " ".join(word("check.sample", file=trial.file, text=trial.name, **about).split())


def parsers_test(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help=word("help.test_files"), metavar="[FILE]...")] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help=word("help.json"))] = False,
) -> int:
    """Read the samples and the site's messages, or the files named, and compare; 1 where one is read otherwise."""
    from ingestd.cli.trials import messages_in

    session = session_of(context)
    definitions = definitions_for(session)
    named = [found for file in files or () for found in messages_in(file)]
    own = [
        found for folder in parsers_folders(session)[:-1] for found in messages_in(folder / MESSAGES) if found.exists()
    ]
    trials = list(tried(named if files else own, definitions, samples=not files))
    failed = [trial for trial in trials if trial.faults]
    if as_json:
        json_line({"passed": len(trials) - len(failed), "failed": len(failed), "trials": trials})
    else:
        print_trials(trials, failed)
    return TROUBLE if failed else FINE


def tried(messages: Sequence[Path], definitions: Definitions, *, samples: bool) -> Iterator[Trial]:
    """Samples and messages, each tried."""
    from ingestd.cli.trials import of_message, of_samples

    if samples:
        yield from of_samples(definitions)
    for file in messages:
        yield of_message(file, definitions)


def print_trials(trials: Sequence[Trial], failed: Sequence[Trial]) -> None:
    """Pass or fail of each, then what each that failed should give and gives, then the sum."""
    rows = [(word("parsers.failed" if t.faults else "parsers.passed"), t.file, t.name) for t in trials]
    table((Column(""), Column(""), Column("", wraps=True)), rows)
    for trial in failed:
        line()
        line(f"{trial.file}  {trial.name}")
        titles = [Column(word(f"column.{key}"), wraps=True) for key in ("field", "expected", "found")]
        table(titles, [(f.path, f.expected, f.found) for f in trial.faults], 2)
    line(word("parsers.sum", passed=len(trials) - len(failed), failed=len(failed)))

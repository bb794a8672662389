"""Make docs/faults.md of tests/faults/matrix.toml and the marked tests; `--check` only says whether it is up to date.

Exit code 1 where a row is neither shown by a test nor explained, where a test is marked with a row that is not there,
and with `--check` where docs/faults.md is another.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "faults" / "matrix.toml"
PAGE = ROOT / "docs" / "faults.md"
MARKS = ("fault", "bad_input")
Rows = Mapping[str, Mapping[str, str]]
Shown = Mapping[str, Counter[str]]  # by row: tests, and in how many forms each is run

HEAD = """\
# What must be survived, and where that is shown

Made by `scripts/matrix.py`. F: faults, provoked for real, with real servers; B: bad inputs, through the real way in.
Each row names the tests in `tests/` that show it, with the number of forms that each is run in; "in its place" is what
is done where no machine for tests can do the thing itself, "later" what waits for a part of ingestd that is still to
come. `make chaos` lets the faults strike at random (docs/chaos.md).

{summary}
"""


class Collector:
    """Notes which tests are marked with which rows."""

    def __init__(self) -> None:
        self.shown: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called by pytest with all tests."""
        for item in items:
            test = item.nodeid.partition("[")[0]
            for name in {name for mark in MARKS for found in item.iter_markers(mark) for name in found.args}:
                self.shown[name][test] += 1


def collected() -> Shown:
    """What the marked tests show."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")], [collector])
    if code != pytest.ExitCode.OK:
        sys.exit(f"the tests can't be collected:\n{said.getvalue()[-2000:]}")
    return collector.shown


def complaints(rows: Rows, shown: Shown) -> Iterator[str]:
    """What is missing or wrong, a sentence each."""
    for name, row in rows.items():
        explained = "later" in row or "stand_in" in row
        if name not in shown and not explained:
            yield f"{name} ({row['title']}): no test is marked with it, and matrix.toml does not say why"
        if name in shown and "later" in row:
            yield f"{name}: matrix.toml says later, and {next(iter(shown[name]))} shows it"
    yield from (
        f"{name}: marks {next(iter(shown[name]))}, and matrix.toml has no such row" for name in shown.keys() - rows
    )


def page(rows: Rows, shown: Shown) -> str:
    """docs/faults.md."""
    parts = [HEAD.format(summary=summary(rows, shown))]
    for letter, title in (("F", "Faults"), ("B", "Bad inputs")):
        parts.append(f"\n## {title}\n\n| | what | outcome | where |\n|---|---|---|---|\n")
        parts += [line(name, row, shown.get(name)) for name, row in rows.items() if name[0] == letter]
    return "".join(parts).rstrip("\n") + "\n"


def summary(rows: Rows, shown: Shown) -> str:
    """How many rows stand how."""
    said = []
    for letter, title in (("F", "faults"), ("B", "bad inputs")):
        names = [name for name in rows if name[0] == letter]
        counts = Counter(standing(rows[name], name in shown) for name in names)
        said.append(f"{len(names)} {title}: " + ", ".join(f"{counts[what]} {what}" for what in sorted(counts)) + ".")
    return "\n".join(said)


def standing(row: Mapping[str, str], is_shown: bool) -> str:
    """How a row stands."""
    if is_shown:
        return "shown"
    return "in its place" if "stand_in" in row else "later"


def line(name: str, row: Mapping[str, str], tests: Counter[str] | None) -> str:
    """A row of the table."""
    where = [
        test.removeprefix("tests/") + (f" ({count})" if count > 1 else "")
        for test, count in sorted((tests or Counter()).items())
    ]
    where += [f"{label}: {row[key]}" for key, label in (("stand_in", "in its place"), ("later", "later")) if key in row]
    cells = (name, row["title"], row["outcome"], "<br>".join(where))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))
    shown = collected()
    wrong = list(complaints(rows, shown))
    made = page(rows, shown)
    if "--check" not in arguments:
        PAGE.write_text(made, "utf-8")
    elif made != PAGE.read_text("utf-8"):
        wrong.append("docs/faults.md is not what scripts/matrix.py makes: run `make matrix`")
    for sentence in wrong:
        print(f"matrix: {sentence}", file=sys.stderr)
    print(summary(rows, shown))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""One statement for many rows, compiled once: what SQLAlchemy does for each row anew costs more than the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Update

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """The statement in a database's own words, and what makes a row fit for its driver."""

    sql: str
    fixed: Row  # values that the statement itself has
    binders: Mapping[str, Callable[[Any], Any]]  # by the names of those columns whose values the driver does not know
    order: Sequence[str] | None  # of the names, where the driver takes them by position

    def parameters(self, row: Row) -> Any:
        """A row as the driver takes it."""
        values = {**self.fixed, **row}
        for name, bind in self.binders.items():
            values[name] = bind(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])


class Many:
    """An INSERT of whole rows, or an UPDATE with a bindparam for each value that differs."""

    def __init__(self, statement: Insert | Update) -> None:
        self.statement = statement
        self.compiled: dict[tuple[str, frozenset[str]], Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run it for each row, all with the same names; how many rows of the table it touched."""
        if not rows:
            return 0
        key = connection.dialect.name, frozenset(rows[0])
        compiled = self.compiled.get(key)
        if compiled is None:
            compiled = self.compiled[key] = compile_for(self.statement, connection.dialect, list(rows[0]))
        return connection.exec_driver_sql(compiled.sql, [compiled.parameters(row) for row in rows]).rowcount


def compile_for(statement: Insert | Update, dialect: Dialect, names: Sequence[str]) -> Compiled:
    """A statement for one database and rows with these names."""
    keys = list(names) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    binders = {
        name: bind
        for name, parameter in compiled.binds.items()
        if (bind := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    fixed = {name: value for name, value in compiled.params.items() if name not in names}
    return Compiled(str(compiled), fixed, binders, compiled.positiontup)

"""What the database itself sees to, whoever writes to it: orders move by the table of moves, the record only grows.

A revision of the schema that makes `orders` or `event` anew (on SQLite each `batch_alter_table` does) makes these anew.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

SQLITE = {
    "order_moves": (
        "CREATE TRIGGER order_moves BEFORE UPDATE OF state ON orders "
        "WHEN NEW.state <> OLD.state AND NOT EXISTS "
        '(SELECT 1 FROM order_move WHERE "before" = OLD.state AND "after" = NEW.state) '
        "BEGIN SELECT RAISE(ABORT, 'an order does not move so'); END"
    ),
    "event_kept": (
        "CREATE TRIGGER event_kept BEFORE UPDATE ON event "
        "BEGIN SELECT RAISE(ABORT, 'the tracking record only grows'); END"
    ),
    "event_not_deleted": (
        "CREATE TRIGGER event_not_deleted BEFORE DELETE ON event "
        "BEGIN SELECT RAISE(ABORT, 'the tracking record only grows'); END"
    ),
}
POSTGRESQL = {
    "order_moves": (
        "CREATE FUNCTION order_moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        'IF NOT EXISTS (SELECT 1 FROM order_move WHERE "before" = OLD.state AND "after" = NEW.state) THEN '
        "RAISE EXCEPTION 'an order does not move so' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER order_moves BEFORE UPDATE OF state ON orders FOR EACH ROW "
        "WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION order_moves()",
    ),
    "event_kept": (
        "CREATE FUNCTION event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the tracking record only grows' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_kept()",
    ),
}


def make_guards(connection: Connection) -> None:
    """Put them in; the table of moves must be there."""
    if connection.dialect.name == "sqlite":
        statements = list(SQLITE.values())
    else:
        statements = [statement for pair in POSTGRESQL.values() for statement in pair]
    for statement in statements:
        connection.execute(text(statement))


def drop_guards(connection: Connection) -> None:
    """Take them away."""
    if connection.dialect.name == "sqlite":
        for name in SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    for name, table in (("order_moves", "orders"), ("event_kept", "event")):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
        connection.execute(text(f"DROP FUNCTION IF EXISTS {name}()"))

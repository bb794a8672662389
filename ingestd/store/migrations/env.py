"""How Alembic reaches a database: in one transaction, in batch mode, since SQLite can't alter tables."""

from __future__ import annotations

from alembic import context

from ingestd.domain.failpoint import failpoint
from ingestd.store.database import new_engine
from ingestd.store.schema import metadata

engine = new_engine(context.config.attributes["url"], "BEGIN IMMEDIATE")
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transactional_ddl=True,  # SQLite's too, since our engine begins transactions itself: all revisions or none
        compare_type=True,
        user_module_prefix="schema.",
        on_version_apply=lambda **_: failpoint("migrate.mid"),
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()

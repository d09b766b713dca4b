"""What Alembic runs: the history, on the connection that `session_service.db.history` gives it."""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    transactional_ddl=True,
)
context.run_migrations()

"""`practice migrate`: the database, brought to this version."""

from __future__ import annotations

import click


@click.command(short_help="Bring the database to this version.")
def migrate() -> None:
    """Bring the database to this version, all or nothing.

    The embedded database does it by itself when a server starts; a PostgreSQL server's is brought
    up to date with this command, once, before the new version's servers start.
    """
    from gateway import program  # noqa: PLC0415 - the command line stays light
    from gateway.administration import bring_up_to_date  # noqa: PLC0415

    settings = program.settings_with()
    program.run(lambda: bring_up_to_date(settings))

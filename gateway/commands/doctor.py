"""`practice doctor`: what is set, from where, and what works."""

from __future__ import annotations

import click


@click.command(short_help="Say what is configured and reachable.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def doctor(*, as_json: bool) -> None:
    """List every setting with its value and where it comes from, and check what they name.

    Exits with 1 when a check fails; a warning is no failure.
    """
    from gateway import program  # noqa: PLC0415 - the command line stays light
    from gateway.health_report import diagnose, print_json, print_tables  # noqa: PLC0415

    report = program.run(diagnose)
    if as_json:
        print_json(report)
    else:
        print_tables(report)
    click.get_current_context().exit(report.exit_code)

"""What `practice admin` and `practice migrate` do: one line of result, one line of failure."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from gateway import persistence
from practice.accounts.v1 import auth_pb2
from practice.rpc.errors import PracticeError
from practice.rpc.validation import validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.settings import Settings


async def add_admin(settings: Settings, email: str, display_name: str, password: str) -> None:
    """Make an admin and say so.

    Raises
    ------
    click.ClickException
        When it can't be made; one line says why.
    """
    with _one_line():
        check_person(email, display_name, password)
        user_id = await persistence.create_admin(settings, email, display_name, password)
    click.echo(f"{email} is an admin now ({user_id}).")


def check_person(email: str, display_name: str, password: str) -> None:
    """Hold an admin to the contract's own rules for whoever registers.

    Raises
    ------
    PracticeError
        FIELD_INVALID.
    """
    like_everybody = auth_pb2.RegisterRequest(
        email=email, display_name=display_name, password=password, role="ROLE_TEACHER"
    )
    like_everybody.birth_year = 2000
    like_everybody.consents.add(kind="CONSENT_KIND_TERMS", document_version="-")
    validate(like_everybody)


async def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database and say what happened.

    Raises
    ------
    click.ClickException
        When it can't be used; one line says why.
    """
    with _one_line():
        changed = await persistence.migrate(settings)
        store = persistence.shown_store(settings)
    click.echo(f"{store} {'is up to date now' if changed else 'was up to date'}.")


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (PracticeError, persistence.UnusableStoreError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error

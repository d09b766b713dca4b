"""Who acts: a caller with an account."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import principal_of
from session_service.accounts.model import Role

if TYPE_CHECKING:
    from practice.rpc.calls import Context


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, by the login that the access token came with."""

    user_id: uuid.UUID
    role: Role
    login_id: uuid.UUID


def actor_of(context: Context) -> Actor:
    """Return who makes the current call.

    Raises
    ------
    PracticeError
        UNAUTHENTICATED for an anonymous caller.
    """
    principal = principal_of(context)
    if principal.is_anonymous or principal.login_id is None:
        raise PracticeError(ErrorCode.UNAUTHENTICATED, "Log in first: this needs an access token.")
    (role,) = principal.roles
    return Actor(uuid.UUID(principal.subject), Role(role), uuid.UUID(principal.login_id))

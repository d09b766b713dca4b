"""Access tokens: JSON Web Tokens (RFC 7519) signed with Ed25519 (RFC 8037)."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.principals import Principal
from session_service.accounts.model import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from practice.rpc.principals import Authenticator
    from session_service.accounts.signing_keys import SigningKeys

LIFETIME: Final = timedelta(minutes=30)
#: Clocks of the processes that issue and check may differ by this much.
CLOCK_SKEW: Final = timedelta(seconds=30)

_ALGORITHM: Final = "EdDSA"
_ISSUER: Final = "practice"
_AUDIENCE: Final = "practice"
_MOST_CHARACTERS: Final = 2048


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: who, by which login, and since when."""

    user_id: uuid.UUID
    role: Role
    login_id: uuid.UUID
    token_id: uuid.UUID
    issued_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        return self.issued_at + LIFETIME


class AccessTokens:
    """Issues and checks access tokens; checking needs no database.

    Parameters
    ----------
    keys
        The installation's keys.
    now
        The clock.
    """

    def __init__(self, keys: SigningKeys, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now

    def issue(self, claims: Claims) -> str:
        """Return a signed token."""
        kid, key = self._keys.signing()
        payload = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(claims.user_id),
            "role": claims.role.value,
            "sid": str(claims.login_id),
            "jti": str(claims.token_id),
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return jwt.encode(payload, key, algorithm=_ALGORITHM, headers={"kid": kid})

    def check(self, token: str) -> Principal:
        """Return whom a token was issued to.

        Raises
        ------
        PracticeError
            TOKEN_EXPIRED, or TOKEN_INVALID for everything else that is wrong with it.
        """
        payload = self._verified(token)
        now_s = self._now().timestamp()
        try:
            issued_s, expires_s = int(payload["iat"]), int(payload["exp"])
            principal = Principal(
                subject=str(uuid.UUID(payload["sub"])),
                roles=frozenset({Role(payload["role"]).value}),
                login_id=str(uuid.UUID(payload["sid"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise _invalid() from None
        if issued_s > now_s + CLOCK_SKEW.total_seconds():
            raise _invalid()
        if expires_s + CLOCK_SKEW.total_seconds() <= now_s:
            raise PracticeError(
                ErrorCode.TOKEN_EXPIRED, "The access token has expired; refresh it or log in again."
            )
        return principal

    def _verified(self, token: str) -> dict[str, Any]:
        """Return the payload of a token that one of our keys signed, whatever its times."""
        if len(token) > _MOST_CHARACTERS:
            raise _invalid()
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.public(kid) if isinstance(kid, str) else None
            if key is None:
                raise _invalid()
            # The algorithm is ours to choose and not the token's; its times are checked by `check`
            # against this object's clock.
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidTokenError:
            raise _invalid() from None
        return payload


class TokenAuthenticator:
    """Takes access tokens; who has none is left to another authenticator.

    Parameters
    ----------
    tokens
        Checks them.
    without_token
        Says who calls without one, if anyone may.
    """

    def __init__(self, tokens: AccessTokens, without_token: Authenticator) -> None:
        self._tokens = tokens
        self._without_token = without_token

    async def authenticate(self, token: str | None, peer: str) -> Principal:
        """Return the caller, or raise UNAUTHENTICATED, TOKEN_EXPIRED or TOKEN_INVALID."""
        if token is None:
            return await self._without_token.authenticate(None, peer)
        return self._tokens.check(token)


def public_key_text(key: Ed25519PublicKey) -> str:
    """Return a public key as a JWK's ``x``: base64url without padding."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _invalid() -> PracticeError:
    return PracticeError(
        ErrorCode.TOKEN_INVALID, "The access token is none of this server's; log in again."
    )

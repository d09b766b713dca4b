"""Accounts: registering, logging in and out, and who one is."""

from __future__ import annotations

import dataclasses
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, Self

import grpc

from practice.accounts.v1 import auth_pb2, auth_pb2_grpc, users_pb2, users_pb2_grpc
from practice.rpc.errors import ErrorCode, PracticeError
from practice.rpc.status import error_from_rpc
from practice_client.credentials import Credentials, CredentialStore
from practice_client.endpoint import Endpoint

if TYPE_CHECKING:
    from types import TracebackType

_TIMEOUT_S: Final = 30.0
#: A token that ends so soon is renewed before it is used.
_SPARE_S: Final = 120.0
_ENDED: Final = frozenset({ErrorCode.LOGIN_ENDED, ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_INVALID})


class Accounts:
    """The accounts of one server; an async context manager.

    Parameters
    ----------
    endpoint
        Server; a string is its address.

    Raises
    ------
    PracticeError
        From every method: what the server said, with code and field.

    Examples
    --------
    >>> async with Accounts("localhost:50051") as accounts:  # doctest: +SKIP
    ...     login = await accounts.log_in("ada@example.org", password)
    ...     endpoint = Endpoint("localhost:50051", login.tokens.access_token)
    """

    def __init__(self, endpoint: Endpoint | str) -> None:
        self._endpoint = Endpoint(endpoint) if isinstance(endpoint, str) else endpoint
        self._channel = self._endpoint.open_channel()
        self._auth: Any = auth_pb2_grpc.AuthServiceStub(self._channel)
        self._users: Any = users_pb2_grpc.UserServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._channel.close()

    async def register(self, request: auth_pb2.RegisterRequest) -> users_pb2.User:
        """Make an account and return it."""
        answer = await _call(self._auth.Register, request)
        user: users_pb2.User = answer.user
        return user

    async def log_in(self, email: str, password: str) -> auth_pb2.LoginResponse:
        """Start a login."""
        request = auth_pb2.LoginRequest(
            email=email, password=password, request_id=str(uuid.uuid4())
        )
        answer: auth_pb2.LoginResponse = await _call(self._auth.Login, request)
        return answer

    async def refresh(self, refresh_token: str, request_id: str) -> auth_pb2.Tokens:
        """Trade a refresh token; after a lost answer the same request_id gets it again."""
        request = auth_pb2.RefreshRequest(refresh_token=refresh_token, request_id=request_id)
        tokens: auth_pb2.Tokens = (await _call(self._auth.Refresh, request)).tokens
        return tokens

    async def log_out(self, refresh_token: str) -> None:
        """End a login."""
        await _call(self._auth.Logout, auth_pb2.LogoutRequest(refresh_token=refresh_token))

    async def me(self) -> users_pb2.User:
        """Return the user of the endpoint's access token."""
        answer = await _call(
            self._users.GetMe, users_pb2.GetMeRequest(), metadata=self._endpoint.metadata
        )
        user: users_pb2.User = answer.user
        return user


def to_credentials(email: str, tokens: auth_pb2.Tokens) -> Credentials:
    """Return what is remembered of a login."""
    return Credentials(
        email, tokens.access_token, tokens.access_expire_time.seconds, tokens.refresh_token
    )


async def signed_in(address: str, store: CredentialStore | None = None) -> Endpoint:
    """Return the endpoint of a server with the access token of the login there, if there is one.

    A token that is about to end is renewed first.

    Raises
    ------
    PracticeError
        LOGIN_ENDED when it can't be renewed; the login is forgotten then.
    """
    store = store or CredentialStore()
    known = store.find(address)
    if known is None:
        return Endpoint(address)
    if known.access_expires_s - time.time() < _SPARE_S:
        known = await _renewed(address, store)
    return Endpoint(address, known.access_token)


async def _renewed(address: str, store: CredentialStore) -> Credentials:
    async with store.locked():
        known = store.find(address)
        if known is None:
            raise PracticeError(
                ErrorCode.LOGIN_ENDED, f"You are not logged in at {address}: practice login."
            )
        if known.access_expires_s - time.time() >= _SPARE_S:  # another program was faster
            return known
        request_id = known.refresh_request_id or str(uuid.uuid4())
        store.keep(address, dataclasses.replace(known, refresh_request_id=request_id))
        try:
            async with Accounts(address) as accounts:
                tokens = await accounts.refresh(known.refresh_token, request_id)
        except PracticeError as error:
            if error.code not in _ENDED:
                raise
            store.forget(address)
            raise PracticeError(
                ErrorCode.LOGIN_ENDED, f"Your login at {address} has ended: practice login."
            ) from error
        renewed = to_credentials(known.email, tokens)
        store.keep(address, renewed)
        return renewed


async def _call(method: Any, request: object, **options: Any) -> Any:
    try:
        return await method(request, timeout=_TIMEOUT_S, **options)
    except grpc.RpcError as error:
        raise error_from_rpc(error) from error

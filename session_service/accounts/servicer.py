"""AuthService and UserService: they translate and decide nothing."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from practice.accounts.v1 import auth_pb2 as auth
from practice.accounts.v1 import auth_pb2_grpc, users_pb2_grpc
from practice.accounts.v1 import users_pb2 as pb
from practice.rpc.origins import origin_of
from session_service.accounts import codec
from session_service.accounts.model import Role
from session_service.actors import actor_of
from session_service.paging import Page
from session_service.repeats.service import NOBODY
from session_service.wire import request_id_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from practice.rpc.calls import Context
    from session_service.accounts.auth import Authentications
    from session_service.accounts.registration import Registrations
    from session_service.accounts.signing_keys import SigningKeys
    from session_service.accounts.users import Users
    from session_service.db.database import Database
    from session_service.repeats.service import Repeats

AUTH_SERVICE: Final[str] = auth.DESCRIPTOR.services_by_name["AuthService"].full_name
USER_SERVICE: Final[str] = pb.DESCRIPTOR.services_by_name["UserService"].full_name


class AuthServicer(auth_pb2_grpc.AuthServiceServicer):
    """Lets people in, over grpc.aio.

    Parameters
    ----------
    authentications, registrations
        Do it.
    repeats
        Runs mutations once.
    keys
        The public keys of access tokens.
    """

    def __init__(
        self,
        authentications: Authentications,
        registrations: Registrations,
        repeats: Repeats,
        keys: SigningKeys,
    ) -> None:
        self._authentications = authentications
        self._registrations = registrations
        self._repeats = repeats
        self._keys = keys

    async def Register(
        self, request: auth.RegisterRequest, context: Context
    ) -> auth.RegisterResponse:
        """Make an account."""
        asked = codec.to_registration(request)
        self._registrations.check(asked)
        password_hash = await self._authentications.allow_registration(
            origin_of(context), asked.password
        )
        return await self._repeats.once(
            NOBODY,
            request,
            auth.RegisterResponse,
            lambda session: auth.RegisterResponse(
                user=codec.to_user(
                    self._registrations.register(session, asked, password_hash), is_private=True
                )
            ),
        )

    async def Login(self, request: auth.LoginRequest, context: Context) -> auth.LoginResponse:
        """Let somebody in."""
        user, tokens = await self._authentications.log_in(
            request.email, request.password, origin_of(context), request_id_of(request)
        )
        return auth.LoginResponse(
            tokens=codec.to_tokens(tokens), user=codec.to_user(user, is_private=True)
        )

    async def Refresh(self, request: auth.RefreshRequest, context: Context) -> auth.RefreshResponse:
        """Trade a refresh token."""
        tokens = await self._authentications.go_on(
            request.refresh_token, origin_of(context), request_id_of(request)
        )
        return auth.RefreshResponse(tokens=codec.to_tokens(tokens))

    async def Logout(self, request: auth.LogoutRequest, context: Context) -> auth.LogoutResponse:  # noqa: ARG002 - grpc's interface
        """End a login."""
        await self._authentications.log_out(request.refresh_token)
        return auth.LogoutResponse()

    async def ChangePassword(
        self, request: auth.ChangePasswordRequest, context: Context
    ) -> auth.ChangePasswordResponse:
        """Change the caller's password."""
        actor = actor_of(context)
        kind = auth.ChangePasswordResponse
        # The old password is no longer right when the request is repeated.
        if (answer := await self._repeats.earlier(actor.user_id, request, kind)) is not None:
            return answer
        password_hash = await self._authentications.hash_for_change(
            actor, request.old_password, request.new_password
        )

        def change(session: Session) -> auth.ChangePasswordResponse:
            self._authentications.change_password(session, actor, password_hash)
            return kind()

        return await self._repeats.once(actor.user_id, request, kind, change)

    async def GetKeySet(
        self,
        request: auth.GetKeySetRequest,  # noqa: ARG002 - empty
        context: Context,  # noqa: ARG002 - grpc's interface
    ) -> auth.GetKeySetResponse:
        """Tell the public keys."""
        return codec.to_key_set(self._keys.published())


class UserServicer(users_pb2_grpc.UserServiceServicer):
    """Users, over grpc.aio.

    Parameters
    ----------
    database
        Runs units of work that only read.
    users
        Does it.
    repeats
        Runs mutations once.
    """

    def __init__(self, database: Database, users: Users, repeats: Repeats) -> None:
        self._database = database
        self._users = users
        self._repeats = repeats

    async def GetMe(self, request: pb.GetMeRequest, context: Context) -> pb.GetMeResponse:  # noqa: ARG002 - empty
        """Return the caller."""
        actor = actor_of(context)
        user = await self._database.read(lambda session: self._users.me(session, actor))
        return pb.GetMeResponse(user=codec.to_user(user, is_private=True))

    async def UpdateMe(self, request: pb.UpdateMeRequest, context: Context) -> pb.UpdateMeResponse:
        """Change the caller."""
        actor, change = actor_of(context), codec.to_change(request)
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.UpdateMeResponse,
            lambda session: pb.UpdateMeResponse(
                user=codec.to_user(self._users.change_me(session, actor, change), is_private=True)
            ),
        )

    async def GetUser(self, request: pb.GetUserRequest, context: Context) -> pb.GetUserResponse:
        """Return somebody whom the caller may see."""
        actor, user_id = actor_of(context), uuid.UUID(request.user_id)
        user = await self._database.read(lambda session: self._users.get(session, actor, user_id))
        is_private = actor.role is Role.ADMIN or actor.user_id == user_id
        return pb.GetUserResponse(user=codec.to_user(user, is_private=is_private))

    async def ListUsers(
        self, request: pb.ListUsersRequest, context: Context
    ) -> pb.ListUsersResponse:
        """Return a page of everybody."""
        actor, page = actor_of(context), Page.asked_by(request)
        role = codec.to_role_filter(request.role)
        is_deleted = codec.STATE_FILTERS.get(request.state)
        found = await self._database.read(
            lambda session: self._users.page(session, actor, page, role, is_deleted=is_deleted)
        )
        rows, token = page.cut(found)
        users = [codec.to_user(user, is_private=True) for user in rows]
        return pb.ListUsersResponse(users=users, next_page_token=token)

    async def DeactivateUser(
        self, request: pb.DeactivateUserRequest, context: Context
    ) -> pb.DeactivateUserResponse:
        """Let somebody in no more."""
        actor, user_id = actor_of(context), uuid.UUID(request.user_id)
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.DeactivateUserResponse,
            lambda session: pb.DeactivateUserResponse(
                user=codec.to_user(self._users.deactivate(session, actor, user_id), is_private=True)
            ),
        )

    async def ListConsents(
        self, request: pb.ListConsentsRequest, context: Context
    ) -> pb.ListConsentsResponse:
        """Return a page of the caller's consents."""
        actor, page = actor_of(context), Page.asked_by(request)
        found = await self._database.read(
            lambda session: self._users.consents(session, actor, page)
        )
        rows, token = page.cut(found)
        consents = [codec.to_consent(consent) for consent in rows]
        return pb.ListConsentsResponse(consents=consents, next_page_token=token)

    async def SetConsent(
        self, request: pb.SetConsentRequest, context: Context
    ) -> pb.SetConsentResponse:
        """Give or withdraw a consent."""
        actor, kind = actor_of(context), codec.to_consent_kind(request)
        return await self._repeats.once(
            actor.user_id,
            request,
            pb.SetConsentResponse,
            lambda session: pb.SetConsentResponse(
                consent=codec.to_consent(
                    self._users.set_consent(
                        session, actor, kind, request.document_version, granted=request.granted
                    )
                )
            ),
        )

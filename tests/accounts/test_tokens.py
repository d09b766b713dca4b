"""Access tokens and their keys: forgeries, clocks, rotation."""

from __future__ import annotations

import base64
import json
import stat
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from practice.rpc.errors import ErrorCode, PracticeError
from session_service.accounts.access_tokens import AccessTokens, Claims, public_key_text
from session_service.accounts.model import Role
from session_service.accounts.signing_keys import KeyRotation, SigningKeys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.accounts.serving import Clock


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> SigningKeys:
    made = SigningKeys(tmp_path / "keys", clock)
    made.tend()
    return made


def claims(clock: Clock) -> Claims:
    return Claims(uuid.uuid4(), Role.TEACHER, uuid.uuid4(), uuid.uuid4(), clock())


def refused(tokens: AccessTokens, token: str) -> ErrorCode:
    with pytest.raises(PracticeError) as error:
        tokens.check(token)
    return error.value.code


def test_a_token_says_who_it_is_for(keys: SigningKeys, clock: Clock) -> None:
    tokens, asked = AccessTokens(keys, clock), claims(clock)
    principal = tokens.check(tokens.issue(asked))
    assert principal.subject == str(asked.user_id)
    assert principal.roles == {"teacher"}
    assert principal.login_id == str(asked.login_id)


def test_forgeries_are_refused(keys: SigningKeys, clock: Clock) -> None:
    tokens = AccessTokens(keys, clock)
    kid, key = keys.signing()
    real = tokens.issue(claims(clock))
    payload: dict[str, Any] = jwt.decode(real, options={"verify_signature": False})
    headers = {"kid": kid}
    other = Ed25519PrivateKey.generate()
    public = public_key_text(key.public_key())
    head, body, signature = real.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid}).encode())
    forged = [
        "",
        "nonsense",
        "a.b.c",
        "x" * 5000,
        real[:-4],
        f"{head}.{body}.",
        f"{unsigned.rstrip(b'=').decode()}.{body}.",
        jwt.encode(payload, other, algorithm="EdDSA", headers=headers),
        jwt.encode(payload, other, algorithm="EdDSA", headers={"kid": "../../etc/passwd"}),
        jwt.encode(payload, key, algorithm="EdDSA"),
        jwt.encode(payload, public, algorithm="HS256", headers=headers),
        jwt.encode({**payload, "aud": "other"}, key, algorithm="EdDSA", headers=headers),
        jwt.encode({**payload, "iss": "other"}, key, algorithm="EdDSA", headers=headers),
        jwt.encode({**payload, "role": "king"}, key, algorithm="EdDSA", headers=headers),
        jwt.encode({**payload, "sub": "me"}, key, algorithm="EdDSA", headers=headers),
        jwt.encode({"aud": "practice", "iss": "practice"}, key, "EdDSA", headers=headers),
    ]
    changed = jwt.encode({**payload, "role": "admin"}, other, algorithm="EdDSA").split(".")[1]
    forged.append(f"{head}.{changed}.{signature}")
    assert [refused(tokens, token) for token in forged] == [ErrorCode.TOKEN_INVALID] * len(forged)


def test_clocks_may_differ_a_little(keys: SigningKeys, clock: Clock) -> None:
    tokens = AccessTokens(keys, clock)
    clock.advance(timedelta(seconds=29))
    ahead = tokens.issue(claims(clock))
    clock.advance(timedelta(seconds=-29))
    tokens.check(ahead)
    clock.advance(timedelta(seconds=-3))
    assert refused(tokens, ahead) is ErrorCode.TOKEN_INVALID


def test_keys_rotate_and_every_living_token_stays_good(tmp_path: Path, clock: Clock) -> None:
    rotation = KeyRotation()
    keys = SigningKeys(tmp_path, clock, rotation)
    keys.tend()
    tokens, first = AccessTokens(keys, clock), keys.signing()[0]
    clock.advance(rotation.signs_for)
    keys.tend()
    assert len(keys.published()) == 2
    assert keys.signing()[0] == first, "the new key is not known everywhere yet"
    clock.advance(rotation.published_before - timedelta(milliseconds=2))
    last = tokens.issue(claims(clock))
    clock.advance(timedelta(milliseconds=4))
    assert keys.signing()[0] != first
    clock.advance(timedelta(minutes=29))
    keys.tend()
    tokens.check(last)
    clock.advance(rotation.outlived_by)
    keys.tend()
    assert list(keys.published()) == [keys.signing()[0]]
    assert refused(tokens, last) is ErrorCode.TOKEN_INVALID
    tokens.check(tokens.issue(claims(clock)))


def test_another_processs_key_is_found(tmp_path: Path, clock: Clock) -> None:
    reader = SigningKeys(tmp_path, clock)
    reader.read()
    writer = SigningKeys(tmp_path, clock)
    writer.tend()
    token = AccessTokens(writer, clock).issue(claims(clock))
    assert refused(AccessTokens(reader, clock), token) is ErrorCode.TOKEN_INVALID
    clock.advance(timedelta(seconds=5))
    AccessTokens(reader, clock).check(token)


def test_only_the_owner_reads_the_keys(tmp_path: Path, clock: Clock) -> None:
    keys = SigningKeys(tmp_path / "keys", clock)
    keys.tend()
    assert keys.refresh_secret() == keys.refresh_secret()
    assert len(keys.refresh_secret()) == 32
    for path in [tmp_path / "keys", *(tmp_path / "keys").iterdir()]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path

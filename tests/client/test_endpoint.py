"""Where the server is: addresses, environment, and tokens that stay at home."""

from __future__ import annotations

import uuid

import pytest

from practice_client import Endpoint
from practice_client.identifiers import uuid7


def test_the_environment_and_its_defaults() -> None:
    assert Endpoint.from_environment(None, {}).address == "localhost:50051"
    given = Endpoint.from_environment(
        None, {"PRACTICE_SERVER": "grpcs://practice.example:443", "PRACTICE_TOKEN": "t"}
    )
    assert given.is_secure
    assert given.metadata == (("authorization", "Bearer t"),)
    assert Endpoint.from_environment("other:1", {"PRACTICE_SERVER": "x:2"}).address == "other:1"


@pytest.mark.parametrize("address", ["nonsense", "host:", ":50051", "host:99999", "ftp://host:1"])
def test_wrong_addresses_say_so(address: str) -> None:
    with pytest.raises(ValueError, match="server"):
        Endpoint(address)


def test_a_token_does_not_cross_a_network_in_the_clear() -> None:
    with pytest.raises(ValueError, match="in the clear"):
        Endpoint("practice.example:50051", "secret")
    assert Endpoint("127.0.0.1:50051", "secret").metadata
    assert Endpoint("[::1]:50051", "secret").metadata
    assert not Endpoint("practice.example:50051").metadata


def test_stream_identifiers_are_version_7_and_in_order() -> None:
    made = [uuid.UUID(uuid7()) for _ in range(50)]
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)
    assert len(set(made)) == 50

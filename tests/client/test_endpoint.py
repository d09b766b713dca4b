"""Where the server is: addresses, environment, and tokens that stay at home."""

from __future__ import annotations

import pytest

from practice_client import Endpoint


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

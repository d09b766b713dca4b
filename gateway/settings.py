"""Settings of the server programs, from the environment: ``PRACTICE_GRPC_PORT`` and so on."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import click
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from practice.rpc.origins import networks

ENV_PREFIX: Final = "PRACTICE_"


def default_data_dir() -> Path:
    """Return this user's folder for the program's data, as the operating system has it."""
    return Path(click.get_app_dir("practice-tracker"))


class Settings(BaseSettings):
    """What can be set; every field is an environment variable with the prefix ``PRACTICE_``.

    Raises
    ------
    pydantic.ValidationError
        When a variable holds something that does not fit.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore")

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; beyond loopback every call needs an access token.",
    )
    grpc_port: int = Field(
        default=50051, ge=0, le=65535, description="gRPC port; 0 takes a free one."
    )
    http_port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description="HTTP port for REST; 0 takes a free one.",
    )
    metrics_port: int = Field(
        default=9464, ge=0, le=65535, description="Prometheus port; 0 takes a free one."
    )
    cors_origins: str = Field(
        default="",
        pattern=r"^(https?://[^\s,/*]+(,|$))*$",
        description="Sites whose pages may call over HTTP, with commas between: "
        "https://example.org,https://app.example.org",
    )
    max_request_bytes: int = Field(
        default=1 << 20,
        ge=1 << 10,
        le=1 << 22,
        description="Largest body of an HTTP request; one with sound in it may have 5 MiB.",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder for everything that is kept."
    )
    database_url: str = Field(
        default="",
        description="postgresql://user:password@host/database; "
        "empty keeps everything in a file in the data folder.",
    )
    keys_dir: Path | None = Field(
        default=None,
        description="Folder with the keys of access tokens, the same for every process; "
        "empty means `keys` in the data folder.",
    )
    redis_url: str = Field(
        default="",
        pattern=r"^$|^(redis|rediss|unix)://.+",
        description="redis://host:port/0, where processes count rate limits together; "
        "empty counts in each process.",
    )
    calls_per_second_per_user: float | None = Field(
        default=None,
        ge=0,
        le=1e6,
        description="How often one user may call, with a burst of ten seconds' worth; 0 is without "
        "limit, empty is 50 on a server that listens beyond loopback.",
    )
    calls_per_second_per_address: float | None = Field(
        default=None,
        ge=0,
        le=1e6,
        description="The same for one address of the network, a school's perhaps; empty is 500.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Networks (10.0.0.0/8, with commas) of proxies in front, which name the "
        "caller's address in x-forwarded-for.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="Lowest level of log lines on stderr."
    )
    drain_seconds: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        description="How long calls may take to end when the server stops.",
    )
    max_streams: int = Field(default=512, ge=1, description="Hard cap on streams at once.")
    max_streams_per_user: int = Field(
        default=16, ge=1, description="Streams and clips that one user may have at once."
    )
    max_failed_calls: int = Field(
        default=50,
        ge=1,
        description="Calls that a connection may reset, or have refused, in a burst before it is "
        "cut (5 more per second).",
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Server processes on one gRPC port; each has its own metrics port, from "
        "PRACTICE_METRICS_PORT upwards.",
    )
    shared_port: bool = Field(
        default=False,
        description="Whether other processes may listen on the same gRPC port (SO_REUSEPORT).",
    )
    max_lag_seconds: float = Field(
        default=0.1,
        gt=0,
        le=60,
        description="Lateness of the event loop up to which streams are let in; a fifth of it "
        "when the loop is busy.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _names_networks(cls, value: str) -> str:
        networks(value)
        return value


def environment_name(field_name: str) -> str:
    """Return the environment variable of a setting."""
    return ENV_PREFIX + field_name.upper()

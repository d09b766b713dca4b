"""Names of the metadata that calls carry."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

AUTHORIZATION: Final = "authorization"
REQUEST_ID: Final = "x-request-id"
STATUS_DETAILS: Final = "grpc-status-details-bin"
BEARER: Final = "Bearer "

_REQUEST_ID_FORM: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def metadata_value(metadata: Iterable[tuple[str, str | bytes]] | None, name: str) -> str | None:
    """First text value of ``name`` (lower case), or None."""
    for key, value in metadata or ():
        if key == name and isinstance(value, str):
            return value
    return None


def accepted_request_id(offered: str | None) -> str:
    """Return the caller's correlation id when it is safe to log, else a new one."""
    if offered is not None and _REQUEST_ID_FORM.fullmatch(offered):
        return offered
    return str(uuid.uuid4())

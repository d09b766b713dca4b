"""The whole model: every domain's tables in one metadata."""

from __future__ import annotations

from typing import Final

from session_service.accounts import model as accounts
from session_service.db.columns import Base
from session_service.library import model as library
from session_service.progress import model as progress
from session_service.repeats import model as repeats
from session_service.sessions import model as sessions
from session_service.studio import model as studio

#: The modules that bring tables; importing this module imports them.
MODELS: Final = (accounts, library, progress, repeats, sessions, studio)
METADATA: Final = Base.metadata

"""Databases of both kinds, and a server with its clock."""

from tests.accounts.conftest import clock, server
from tests.persistence.stores import database, empty_store, postgresql_server, store_config

__all__ = ["clock", "database", "empty_store", "postgresql_server", "server", "store_config"]

"""Databases of both kinds."""

from tests.persistence.stores import database, empty_store, postgresql_server, store_config

__all__ = ["database", "empty_store", "postgresql_server", "store_config"]

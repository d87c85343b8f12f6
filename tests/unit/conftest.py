"""Every test here that asks for a store gets one of each kind of database."""

from tests.databases import cluster, database, empty_database, store

__all__ = ["cluster", "database", "empty_database", "store"]

"""Workable by its API, version 3."""

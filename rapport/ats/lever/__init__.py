"""Lever by its API, version 1."""

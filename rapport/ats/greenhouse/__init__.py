"""Greenhouse by its Harvest API, version 3."""

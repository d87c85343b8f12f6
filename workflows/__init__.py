"""Walks kept alive by Temporal: the workflow, its runtime, every timeout, and the typed client."""

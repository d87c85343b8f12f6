"""The sequence language: load, check, model, compile. Pure; no I/O but reading files."""

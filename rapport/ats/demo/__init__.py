"""A small ATS for demos and tests, and its adapter."""

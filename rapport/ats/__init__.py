"""The ATS port's adapters."""

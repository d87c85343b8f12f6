"""The `rapport` command: one file per noun."""

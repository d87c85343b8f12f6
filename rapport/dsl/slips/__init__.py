"""Slips of the hand behind what is no YAML: where each probably is, and what to write instead."""

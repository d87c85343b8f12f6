"""Publishing sequences: versions and live pointers."""

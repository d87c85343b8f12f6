"""Mails: compose, track, classify what comes back."""

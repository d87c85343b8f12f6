"""Importing lists of people: reading any list, telling people apart, storing them by the hundred."""

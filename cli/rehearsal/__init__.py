"""Test cases on the real engine: a Temporal server, a worker, and for each case a store of its own."""

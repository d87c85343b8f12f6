"""Side effects of walks as Temporal activities; they know ports only."""

"""How hard generated tests try: the same few cases in every `make test`, many new ones in every `make soak`."""

from hypothesis import settings

# No deadline: one example may meet a garbage collection, a cold import or another test's server on a busy core.
settings.register_profile("usual", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("usual")

"""The error tree: every error composes its own message from its fields and ends with the next step.

RapportError
├── NotFound            a thing that was named does not exist
├── Refused             the request is understood and not allowed now (state, consent, duplicate)
├── BadInput            what was handed in cannot be read or does not fit
├── ConfigurationError  the installation is not set up for this
└── TemporaryFailure    the other side is unavailable; the same call may work later
"""

from datetime import timedelta


class RapportError(Exception):
    """Something a person can act on; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str) -> None:
        """Compose the text that a person reads."""
        self.message = message
        self.hint = hint
        end = "" if message.endswith((".", "!", "?", "…")) else "."
        super().__init__(f"{message}{end} {hint}")


class NotFound(RapportError):  # reads as a sentence where it is caught
    """A thing that was named does not exist."""

    def __init__(self, *, kind: str, name: str, hint: str) -> None:
        """Name what was looked for."""
        self.kind, self.name = kind, name
        super().__init__(f"There is no {kind} {name!r}.", hint=hint)


class Refused(RapportError):  # reads as a sentence where it is caught
    """The request is understood and not allowed now; `reason` is a stable word for programs."""

    def __init__(self, *, reason: str, message: str, hint: str) -> None:
        """Keep the stable reason beside the sentence."""
        self.reason = reason
        super().__init__(message, hint=hint)


class BadInput(RapportError):  # reads as a sentence where it is caught
    """What was handed in cannot be read or does not fit; `place` says where (a field, a line)."""

    def __init__(self, *, place: str, message: str, hint: str) -> None:
        """Keep the place beside the sentence."""
        self.place = place
        super().__init__(f"{place}: {message}", hint=hint)


class ConfigurationError(RapportError):
    """The installation is not set up for this."""


class TemporaryFailure(RapportError):  # reads as a sentence where it is caught
    """The other side is unavailable; the same call may work later, after the `pause` that it asks for."""

    def __init__(self, message: str, *, hint: str, pause: timedelta | None = None) -> None:
        """Keep how long the other side asks us to wait."""
        self.pause = pause
        super().__init__(message, hint=hint)

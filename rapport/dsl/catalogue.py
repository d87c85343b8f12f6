"""The fields that conditions, dates and mails may read, and what can be asked of each kind."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds, in the word that messages use."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"
    CONSENT = "consent"
    MAIL = "mail"
    UNKNOWN = "unknown"  # what an ATS answers beyond the catalogue


_OF_CANDIDATES = {
    Kind.TEXT: (
        "id",
        "first_name",
        "last_name",
        "email_domain",
        "locale",
        "timezone",
        "country",
        "city",
        "seniority",
        "source",
        "stage",
        "owner_recruiter",
    ),
    Kind.LIST: ("skills", "tags", "pools"),
    Kind.NUMBER: ("score",),
    Kind.CONSENT: ("consent",),
    Kind.DATE: ("joined_on", "last_contacted_on"),
}
_OF_EVENTS = {Kind.TEXT: ("id", "type", "title", "zone", "city"), Kind.DATE: ("starts_at", "ends_at")}
_OF_APPLICATIONS = {Kind.TEXT: ("id", "job", "stage", "status", "outcome", "reason"), Kind.DATE: ("rejected_on",)}


def _named(root: str, kinds: Mapping[Kind, tuple[str, ...]]) -> dict[str, Kind]:
    return {f"{root}.{name}": kind for kind, names in kinds.items() for name in names}


FIELDS: Mapping[str, Kind] = {
    **_named("candidate", _OF_CANDIDATES),
    **_named("event", _OF_EVENTS),
    **_named("application", _OF_APPLICATIONS),
    "enrolled_at": Kind.DATE,
}
# Known only while a mail is composed.
MAIL_FIELDS: Mapping[str, Kind] = {
    **_named("sender", {Kind.TEXT: ("name", "email")}),
    **_named(
        "organization",
        {Kind.TEXT: ("name", "zone", "country", "language", "postal_address", "privacy_url", "preferences_url")},
    ),
    "roles": Kind.LIST,
}
ROOTS = frozenset(
    {"candidate", "event", "application", "mail", "enrolled_at", "sender", "organization", "roles", "link"}
)
CUSTOM = "candidate.custom."
MAIL_STATES = ("sent", "opened", "clicked", "replied", "bounced")
# `is` is a plain value; of a list it asks what `include` asks.
# Everything else is a mistake that would make the test false for everybody.
OPERATORS_OF: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("is", "is_not", "exists"),
    Kind.NUMBER: ("is", "is_not", "at_least", "at_most", "above", "below", "exists"),
    Kind.DATE: ("is", "is_not", "before", "after", "exists"),
    Kind.BOOLEAN: ("is", "is_not", "exists"),
    Kind.LIST: ("is", "include", "exclude", "exists"),
    Kind.CONSENT: ("is",),
    Kind.MAIL: ("is", "is_not"),
}


def fields_with(custom: Mapping[str, str]) -> dict[str, Kind]:
    """The catalogue with a project's own fields of candidates."""
    return {**FIELDS, **{f"{CUSTOM}{name}": Kind(kind) for name, kind in custom.items()}}

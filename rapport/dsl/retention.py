"""How long people are kept: `retention` of project.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from rapport.dsl.duration import Duration, Unit

# As long as it takes to ask, to wait three weeks, and to ask once more with a week to go.
_ASK_BEFORE = Duration(30, Unit.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """After how long a person is erased, by what it is counted from; None is never."""

    inactive: Duration | None = None
    rejected: Duration | None = None
    consent_expired: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The policy: limits for everybody, and for the people of a country in place of these.

    `notice` is how long before an erasure it is announced; `ask_before` how long before consent runs out we say so.
    """

    default: Limits = Limits()
    countries: Mapping[str, Limits] = field(default_factory=dict)
    notice: Duration | None = None
    ask_before: Duration = _ASK_BEFORE

    def limits(self, country: str) -> Limits:
        """What holds for the people of a country."""
        return self.countries.get(country, self.default)


def read_retention(tree: Mapping[str, Any]) -> Retention:
    """Read a checked `retention` as plain values; what a country does not say is as for everybody."""
    default = _limits(tree.get("default", {}), Limits())
    ask_before = tree.get("ask_before")
    notice = tree.get("notice")
    return Retention(
        default=default,
        countries={country: _limits(limits, default) for country, limits in tree.get("countries", {}).items()},
        notice=Duration.parse(notice) if notice else None,
        ask_before=Duration.parse(ask_before) if ask_before else _ASK_BEFORE,
    )


def _limits(tree: Mapping[str, Any], otherwise: Limits) -> Limits:
    names = [each.name for each in fields(Limits) if each.name in tree]
    return replace(otherwise, **{name: Duration.parse(tree[name]) for name in names})

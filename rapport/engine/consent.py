"""Consent as a walk sees it: which purposes a person agreed to, and until when."""

from datetime import datetime
from typing import Literal

from rapport.dsl.project import Project
from rapport.engine.runtime import Gate
from rapport.engine.situation import Situation


def purposes_agreed_to(situation: Situation) -> list[str]:
    """Every purpose with valid consent at this instant, in alphabetical order."""
    expiries = situation.consents.items()
    return sorted(purpose for purpose, expires in expiries if expires is None or situation.at < expires)


def consent_until(situation: Situation, project: Project) -> datetime | None:
    """Until when this walk may go on; None is for ever, and this very instant where consent is needed and missing.

    A purpose that is not declared needs consent.
    """
    purpose = project.purposes.get(situation.purpose)
    if purpose is not None and not purpose.required:
        return None
    return situation.consents.get(situation.purpose, situation.at)


def consent(situation: Situation, project: Project) -> Gate:
    """Whether the person still consents to the purpose of this walk: `go` or `end`."""
    until = consent_until(situation, project)
    verdict: Literal["go", "end"] = "go" if until is None or situation.at < until else "end"
    return Gate(verdict=verdict, reason="" if verdict == "go" else "consent", consent_until=until)

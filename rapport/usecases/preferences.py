"""What a person may choose: mails by purpose, measuring, a pause; read for our page, and changed by its buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from rapport.dsl.project import Project, Purpose
from rapport.engine.places import home_of_organization, zone_named
from rapport.store import candidates, consents, enrollments
from rapport.store.database import Tx
from rapport.store.tables.consent import ConsentRow
from rapport.store.tables.mails import SendRow
from rapport.store.tables.people import CandidateRow
from rapport.usecases.consent_text import consent_text, language_for, title_of
from rapport.usecases.shelf import live_project
from rapport.usecases.snapshot import consents_of

Access: TypeAlias = Literal["open", "closed", "forgotten"]
# Enough to tell two wordings apart, short enough for a form.
_VERSION_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One purpose: whether its mails are wanted, and the exact words that whoever ticks it agrees to.

    `agreed_on` and `until` are days where the person is; `until` is None where consent does not expire, and
    `renews_until` where there is nothing to be won by agreeing once more.
    """

    key: str
    title: str
    text: str
    wanted: bool
    agreed_on: date | None = None
    until: date | None = None
    renews_until: date | None = None

    @property
    def version(self) -> str:
        """Tells these words from all others."""
        return consents.version_of(self.text)[:_VERSION_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Everything that our page shows of a person; neither a name nor an address, since mails are passed on.

    `closed`: we must not write to the address for a reason that is not theirs to take back. `forgotten`: erased.
    """

    access: Access
    language: str
    organization: str
    privacy_url: str
    choices: tuple[Choice, ...] = ()
    paused_until: date | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """Who has a mail of ours in hand: the person, their rows, and where they are; `at` is walk time."""

    at: datetime
    person: CandidateRow
    project: Project
    language: str
    zone: ZoneInfo
    ledger: Sequence[ConsentRow]
    closed: Mapping[str, str] = field(repr=False)

    @property
    def access(self) -> Access:
        """Whether they may choose."""
        if self.person.erased_at is not None or self.person.email_key is None:
            return "forgotten"
        return (
            "open"
            if self.closed.get(consents.ALL, consents.UNSUBSCRIBED) in consents.TAKEN_BACK_BY_CONSENT
            else "closed"
        )

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every purpose of the project, in its order."""
        valid = {} if consents.ALL in self.closed else consents_of(self.ledger, self.closed, self.project, self.at)
        return tuple(self._choice(purpose, valid) for purpose in self.project.purposes.values())

    def _choice(self, purpose: Purpose, valid: Mapping[str, datetime | None]) -> Choice:
        until = valid.get(purpose.key)
        granted = [entry for entry in self.ledger if entry.purpose == purpose.key and entry.state == "granted"]
        agreed = granted[-1].at if granted and purpose.key in valid else None
        return Choice(
            key=purpose.key,
            title=title_of(purpose, self.project, self.language),
            text=consent_text(purpose, self.project, self.language),
            wanted=purpose.key in valid
            or (not purpose.required and not {consents.ALL, purpose.key} & set(self.closed)),
            agreed_on=self.day(agreed) if agreed else None,
            until=self.day(until) if until else None,
            renews_until=self._renewed(purpose, until) if until else None,
        )

    def _renewed(self, purpose: Purpose, until: datetime) -> date | None:
        """The day until which consent would hold that is given now."""
        after = self.at + purpose.expires_after.roughly() if purpose.expires_after else until
        return self.day(after) if self.day(after) > self.day(until) else None

    def day(self, instant: datetime) -> date:
        """The day that it is for them."""
        return instant.astimezone(self.zone).date()


async def chooser_of(tx: Tx, send: SendRow, at: datetime, *, alone: bool = False) -> Chooser:
    """The person that a mail went to; `alone` when something is to be changed."""
    candidate = (await enrollments.get(tx, send.enrollment)).candidate
    person = await (candidates.get_alone if alone else candidates.get)(tx, candidate)
    project = await live_project(tx)
    return Chooser(
        at=at,
        person=person,
        project=project,
        language=language_for(project, person.locale, send.language),
        zone=zone_named(person.timezone, otherwise=home_of_organization(project).zone),
        ledger=await consents.ledger(tx, person.id),
        closed=await consents.closed_because(tx, person.email_key),
    )


def preferences_of(chooser: Chooser) -> Preferences:
    """What the page shows."""
    organization, paused = chooser.project.organization, consents.paused_until(chooser.ledger, chooser.at)
    return Preferences(
        access=chooser.access,
        language=chooser.language,
        organization=organization.name,
        privacy_url=organization.privacy_url,
        choices=chooser.choices if chooser.access == "open" else (),
        paused_until=chooser.day(paused) if paused else None,
        stopped=consents.ALL in chooser.closed,
    )

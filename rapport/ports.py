"""What activities and runtimes need from the outside, as protocols; adapters live in store, mail and ats."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from rapport.crm.call_limits import CallLimits, LimitsSaid
from rapport.crm.hiring import AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson
from rapport.engine.happening import Happening
from rapport.engine.runtime import Due, Gate, Outcome
from rapport.engine.state import End, Passed


class WalkDesk(Protocol):
    """Everything a walk asks of the world, by enrollment and step id only; each call may come twice.

    `at` and `since` are walk time. `enrollment` is `<sequence>/<candidate-id>/<n>`.
    """

    async def due(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Due:
        """When the wait of this step, entered at `since`, is over."""
        ...

    async def decide(self, enrollment: str, step: str, *, at: datetime) -> bool:
        """Whether the step's condition holds; records what it read, for `why`."""
        ...

    async def gate(self, enrollment: str, step: str, *, at: datetime) -> Gate:
        """Whether the step's mail may go now."""
        ...

    async def consent(self, enrollment: str, *, at: datetime) -> Gate:
        """Whether consent for the sequence's purpose is valid: `go` or `end`."""
        ...

    async def missed(self, enrollment: str, step: str, *, since: datetime, at: datetime) -> Sequence[Happening]:
        """Stored events that match what the step waits for, and those that end the walk by `at`."""
        ...

    async def send(self, enrollment: str, step: str, *, at: datetime) -> Outcome:
        """Claim, render, send and record the step's mail; the second call finds the first one's result."""
        ...

    async def act(self, enrollment: str, steps: Sequence[str], *, at: datetime) -> Outcome:
        """Do these effects, each once; `hold` when the store knows what the walk has to hear first."""
        ...

    async def hold(self, enrollment: str, step: str, reason: str, *, at: datetime) -> Sequence[Happening] | None:
        """Ask the sequence's owner to look: the walk stands still at this step; or, instead, what ends the walk."""
        ...

    async def finish(self, enrollment: str, end: End, path: Sequence[Passed]) -> End | None:
        """Record the end and tell whoever waits for it; the end that came first, when another one did."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a mail server said; `retry_after` is how long it asks us to wait.

    `server_text` may echo the address, so it is stored by us and shown nowhere else.
    """

    status: Literal["accepted", "retry", "hard", "block", "configuration", "unknown"]
    code: int | None = None
    enhanced: str | None = None
    reason: str = ""
    server_text: str = field(default="", repr=False)
    retry_after: timedelta | None = None


class Mailer(Protocol):
    """Gets one mail out of the door: exactly these bytes, to one recipient."""

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Hand the mail to the server and say what it answered; never raises for what a server does."""
        ...


class Ats(Protocol):
    """The applicant tracking system, as the steps of a sequence use it.

    Raises TemporaryFailure when the same call may work later, and RapportError when it never will.
    """

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """The application or person as plain words (status, stage, job, …); empty when it is not known."""
        ...

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Add or remove a tag, add a note, move to a pool; `key` makes a second call harmless."""
        ...


class AtsVendor(Protocol):
    """One ATS by its vendor's API, in the vendor's own ids; what it says is in our words.

    Raises TemporaryFailure (with `pause` when it asks for one) when the same call may work later, ConfigurationError
    when our login or rights are wrong, and another RapportError when it never will. Every write looks first, so that
    a second call, also after a timeout, writes nothing twice. A write's answer is never taken for the truth.
    """

    async def person(self, person: str) -> AtsPerson | None:
        """The person of an id; None when there is none (any more)."""
        ...

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """Everybody with this address, the most recently changed first."""
        ...

    async def upsert(self, person: AtsPerson) -> str:
        """Create the person, or bring the one with this id or first address up to date; their id."""
        ...

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """All applications of a person, the most recent first."""
        ...

    async def application(self, application: str) -> AtsApplication | None:
        """One application; None when there is none (any more)."""
        ...

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """`add_tag`, `remove_tag`, `add_note` (`text` is the note) or `move_to_pool`; `key` marks the call.

        `keep_note` is an `add_note` that replaces the note of its key when it says something else; an ATS that lets
        nobody take a note back keeps the first one.
        """
        ...

    async def job(self, job: str) -> AtsJob | None:
        """One job; None when there is none (any more)."""
        ...

    async def changes(self, cursor: str | None) -> AtsChanges:
        """What changed since the cursor, oldest first as far as the vendor allows; None begins with everything."""
        ...

    @property
    def roll_size(self) -> int:
        """How many people may be asked for by `missing` at once: so many as cost a few seconds."""
        ...

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Those of these people whom the ATS has no more; who was merged into somebody may be among them."""
        ...

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """What a delivery of the vendor's webhook says; Refused unless its signature on the raw body is right.

        Header names are lower case. Needs no network.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class AtsVendors(Protocol):
    """The ATS of every connection in project.yaml."""

    async def of(self, connection: str) -> AtsVendor:
        """The ATS behind a connection; NotFound for an unknown one, ConfigurationError when it is not set up."""
        ...


class CallGate(Protocol):
    """Keeps all processes together within what an API allows; one gate for each connection."""

    async def take(self, connection: str, limits: CallLimits) -> timedelta:
        """Let one call go and count it; or, instead, how long it has to wait before it may ask again."""
        ...

    async def learn(self, connection: str, limits: CallLimits, said: LimitsSaid) -> None:
        """Keep what an answer says of the limits."""
        ...


class Webhooks(Protocol):
    """Calls a company's own webhook targets."""

    async def call(self, target: str, data: Mapping[str, Any], *, key: str) -> None:
        """POST signed JSON; `key` is the idempotency key. Raises as `Ats` does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkStanding:
    """How far a bulk enrollment has come: `cursor` of `total` people had their turn.

    `crowded`: nobody entered this time, because many walks wait to be started; ask again in a moment.
    """

    cursor: int
    total: int
    entered: int
    refused: int
    over: bool = False
    crowded: bool = False


class BulkDesk(Protocol):
    """Lets people of a stored list into a sequence, page by page."""

    async def enroll_page(self, bulk: str, *, up_to: int) -> BulkStanding:
        """Give the next people their turn, up to the one with the number `up_to`; each has one turn, ever."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxStanding:
    """What one look into a mailbox did: `taken` mails were read, and `more` are known to wait."""

    taken: int
    more: bool = False


class MailboxDesk(Protocol):
    """Takes in the mails of our mailboxes."""

    async def read_batch(self, mailbox: str, *, patience: timedelta, go_on: Callable[[], bool]) -> MailboxStanding:
        """Take in what is new, each mail once; wait for up to `patience` when nothing is, as long as `go_on` says."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AtsStanding:
    """What one page of an ATS's changes held; `more`: the next one waits."""

    people: int
    jobs: int
    more: bool = False


class AtsDesk(Protocol):
    """Takes in what changed at the ATS of a connection."""

    async def poll_page(self, connection: str) -> AtsStanding:
        """Take in one page of changes; each call goes on where the last one ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStanding:
    """What one page of a retention sweep did: `looked` people up to the id `behind`.

    `asked` counts those whose consent is about to run out. `over`: nobody comes behind them.
    """

    behind: str
    looked: int = 0
    erased: int = 0
    announced: int = 0
    asked: int = 0
    over: bool = False


class PrivacyDesk(Protocol):
    """Does what people's rights and the retention policy ask for."""

    async def settle_erasure(self, request: str) -> int:
        """Do what is left of an erasure, as far as it can be done now; how many walks have still to end."""
        ...

    async def sweep_page(self, behind: str, *, sweep: str) -> SweepStanding:
        """Judge the next people behind an id by the retention policy; a second time, nothing happens to them anew.

        `sweep` is its name: what earlier attempts at the page have done is counted.
        """
        ...

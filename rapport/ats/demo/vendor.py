"""The demo ATS as an AtsVendor; what an adapter for a real one has to do, it does as well."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from rapport.ats.demo.logins import SIGNATURE
from rapport.ats.line import Line, Terms
from rapport.ats.signed import check_hex, digest, refused, tree_of
from rapport.ats.told import moment, name, rows, text, texts
from rapport.crm.call_limits import CallLimits
from rapport.crm.hiring import ApplicationStatus, AtsApplication, AtsChanges, AtsHint, AtsJob, AtsPerson, HiringOutcome
from rapport.crm.outcomes import EndedBy, outcome, slug
from rapport.errors import BadInput, Refused, TemporaryFailure

# The demo stands any number of calls; the gate is there all the same.
TERMS = Terms(who="The ATS", limits=CallLimits(calls=500, per=timedelta(seconds=1), is_bucket=True))

_ENDED_BY = {"rejected": EndedBy.US, "withdrawn": EndedBy.THEM, "hired": EndedBy.HIRE, "closed": EndedBy.UNSAID}
_STATUS: Mapping[HiringOutcome, ApplicationStatus] = {
    HiringOutcome.HIRED: "hired",
    HiringOutcome.WITHDREW: "withdrawn",
    HiringOutcome.CLOSED_JOB: "closed",
}
_KINDS = ("person", "application", "job", "merged", "deleted", "anonymized")
_OWN_FIELDS = frozenset(AtsPerson.__dataclass_fields__) | {"email"}


class DemoVendor:
    """An AtsVendor by the demo ATS's own small API."""

    # The demo is on the same machine.
    roll_size = 50

    def __init__(self, line: Line, *, webhook_secret: str | None) -> None:
        """Connect with the first call."""
        self._line, self._secret = line, webhook_secret

    async def person(self, person: str) -> AtsPerson | None:
        """The person of an id."""
        found = await self._line.get(_at(person))
        return _person(found) if isinstance(found, dict) else None

    async def find(self, email: str) -> Sequence[AtsPerson]:
        """Everybody with this address."""
        return [_person(row) for row in rows(await self._line.get("/candidates", email=email))]

    async def upsert(self, person: AtsPerson) -> str:
        """Create the person, or fill in what is not known of the one with this id or address."""
        known = await self._known(person)
        given = {"first_name": person.first_name, "last_name": person.last_name, "timezone": person.timezone}
        if known is not None:
            missing = {key: value for key, value in given.items() if value and not getattr(known, key)}
            if missing:
                await self._line.write("PUT", _at(known.id), missing)
            return known.id
        if not person.emails:
            raise Refused(reason="no_address", message="The ATS knows people by address.", hint="Give them one first.")
        await self._line.write("POST", "/candidates", {**given, "emails": list(person.emails)})
        found = await self.find(person.emails[0])
        if not found:
            raise TemporaryFailure("The ATS does not show the person yet.", hint="They are looked for again.")
        return found[0].id

    async def _known(self, person: AtsPerson) -> AtsPerson | None:
        if person.id:
            return await self.person(person.id)
        found = [each for email in person.emails for each in await self.find(email)]
        return found[0] if found else None

    async def applications(self, person: str) -> Sequence[AtsApplication]:
        """All applications of a person, the most recent first."""
        return [_application(row) for row in rows(await self._line.get(f"{_at(person)}/applications"))]

    async def application(self, application: str) -> AtsApplication | None:
        """One application."""
        found = await self._line.get(f"/applications/{quote(application, safe='')}")
        return _application(found) if isinstance(found, dict) else None

    async def write(self, how: str, what: str, *, person: str, key: str, text: str = "") -> None:
        """Add or remove a tag, add a note, move to a pool, unless that is so already."""
        place, there = _at(person), quote(what, safe="")
        request: tuple[str, str, Mapping[str, Any] | None]
        match how:
            case "add_tag":
                wanted, request = "tags", ("POST", f"{place}/tags", {"tag": what})
            case "remove_tag":
                wanted, request = "tags", ("DELETE", f"{place}/tags/{there}", None)
            case "add_note" | "keep_note":
                wanted, request = "notes", ("POST", f"{place}/notes", {"text": text, "key": key})
            case "move_to_pool":
                wanted, request = "pools", ("PUT", f"{place}/pools/{there}", None)
            case _:
                raise BadInput(place="ats", message=f"the ATS cannot {how}", hint="Use one of the words of `ats:`.")
        found = await self._line.get(f"{place}/{wanted}")
        if how == "keep_note":
            is_there = {"text": text, "key": key} in rows(found)
        else:
            is_there = key in [note.get("key") for note in rows(found)] if how == "add_note" else what in texts(found)
        if is_there is (how == "remove_tag"):
            await self._line.write(*request)

    async def job(self, job: str) -> AtsJob | None:
        """One job."""
        found = await self._line.get(f"/jobs/{quote(job, safe='')}")
        return _job(found) if isinstance(found, dict) else None

    async def changes(self, cursor: str | None) -> AtsChanges:
        """What changed since a number, in the order of time."""
        found = await self._line.get("/changes", after=cursor or "0")
        tree = found if isinstance(found, dict) else {}
        return AtsChanges(
            people=tuple(_person(row) for row in rows(tree.get("people"))),
            applications=tuple(_application(row) for row in rows(tree.get("applications"))),
            jobs=tuple(_job(row) for row in rows(tree.get("jobs"))),
            cursor=name(tree, "next") or cursor or "",
            more=tree.get("more") is True,
        )

    async def missing(self, people: Sequence[str]) -> Sequence[str]:
        """Each is asked for on their own."""
        return [person for person in people if await self.person(person) is None]

    def hints(self, headers: Mapping[str, str], body: bytes) -> Sequence[AtsHint]:
        """What a delivery claims; Refused unless the HMAC over its bytes is right."""
        if not self._secret:
            raise refused("no secret is set for this connection")
        check_hex(headers.get(SIGNATURE, ""), secret=self._secret, signed=body)
        tree = tree_of(body)
        kind, key = text(tree, "kind"), text(tree, "delivery") or digest(body)
        if kind not in _KINDS:
            return [AtsHint(key=key, kind="nothing")]
        return [
            AtsHint(
                key=key,
                kind=kind,  # type: ignore[arg-type]  # one of the kinds, as was just asked
                id=name(tree) or "",
                person=name(tree, "person"),
                new_id=name(tree, "new_id"),
            )
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()


def _at(person: str) -> str:
    return f"/candidates/{quote(person, safe='')}"


def _person(row: Mapping[str, Any]) -> AtsPerson:
    single = text(row, "email")
    may_mail = row.get("may_mail")
    return AtsPerson(
        id=name(row) or "",
        first_name=text(row, "first_name"),
        last_name=text(row, "last_name"),
        emails=texts(row.get("emails")) or ((single,) if single else ()),
        profiles=texts(row.get("profiles")),
        timezone=text(row, "timezone"),
        country=text(row, "country"),
        city=text(row, "city"),
        headline=text(row, "headline"),
        source=text(row, "source"),
        tags=texts(row.get("tags")),
        may_mail=may_mail if isinstance(may_mail, bool) else None,
        is_employee=row.get("is_employee") is True,
        is_anonymized=row.get("is_anonymized") is True,
        merged_into=name(row, "merged_into"),
        updated_at=moment(row, "updated_at"),
        custom={key: value for key, value in row.items() if key not in _OWN_FIELDS},
    )


def _application(row: Mapping[str, Any]) -> AtsApplication:
    status = text(row, "status") or "active"
    ended = outcome(_ENDED_BY[status], text(row, "reason")) if status in _ENDED_BY else None
    return AtsApplication(
        id=name(row) or "",
        person=name(row, "person") or "",
        status="active" if ended is None else _STATUS.get(ended, "rejected"),
        job=name(row, "job_id") or text(row, "job"),
        job_title=text(row, "job"),
        stage=slug(text(row, "stage")),
        outcome=ended,
        reason=slug(text(row, "reason")) if ended else None,
        raw_reason=text(row, "reason") if ended else None,
        rejected_on=_day(row) if ended else None,
        recruiter_email=text(row, "recruiter_email"),
        is_prospect=row.get("is_prospect") is True,
        applied_at=moment(row, "applied_at"),
        updated_at=moment(row, "updated_at"),
    )


def _day(row: Mapping[str, Any]) -> date | None:
    at = moment(row, "rejected_on")
    return at.date() if at else None


def _job(row: Mapping[str, Any]) -> AtsJob:
    return AtsJob(
        id=name(row) or "",
        title=text(row, "title") or "",
        is_open=row.get("is_open") is True,
        skills=tuple(skill.lower() for skill in texts(row.get("skills"))),
        city=text(row, "city"),
        country=text(row, "country"),
        seniority=text(row, "seniority"),
        url=text(row, "url"),
        opened_at=moment(row, "opened_at"),
        closed_at=moment(row, "closed_at"),
        updated_at=moment(row, "updated_at"),
    )

"""People as an ATS tells of them: found again, created when new, filled in, and never emptied."""

from collections.abc import Collection, Mapping

from rapport.crm.ats_words import OWN_TAG
from rapport.crm.hiring import AtsPerson
from rapport.crm.profile_links import profile_link
from rapport.ids import address_key, new_candidate_id
from rapport.store import ats, candidates, consents, identities
from rapport.store.database import Tx
from rapport.store.once import insert, insert_once
from rapport.store.tables.ats import AtsPersonRow
from rapport.store.tables.identities import AddressRow
from rapport.store.tables.people import CandidateRow, TagRow
from rapport.usecases import segments
from rapport.usecases.ats_reading import Reading, clean_country, clean_zone
from rapport.usecases.cause import Cause
from rapport.usecases.change_person import change_tag
from rapport.usecases.forgotten import was_forgotten
from rapport.usecases.incoming import Incoming
from rapport.usecases.intake import take_in
from rapport.usecases.profile import change_profile
from rapport.usecases.profile_fields import read_profile

EMPLOYEE = "employee"
# Longer than any word that people file others under; a word of ours has at most 200 characters.
_LONGEST_TAG = 100
_MOST_TAGS = 100


async def take_in_person(tx: Tx, reading: Reading, person: AtsPerson) -> CandidateRow | None:
    """Bring our picture of a person up to date, and create those who are new; None for whom nothing is kept of.

    Whoever is created has no consent: they are stored, and get no mail until they have given it.
    """
    known = await ats.candidate_of(tx, reading.name, person.id)
    if known is None and await is_forgotten(tx, reading, person.id):
        return None
    known = known or await _recognized(tx, reading, person) or await _create(tx, reading, person)
    if known is None:
        return None
    someone = await candidates.get_alone(tx, known)
    if someone.erased_at is not None:
        return None
    row = await tx.get(AtsPersonRow, (reading.name, person.id), populate_existing=True)
    if row is not None and _is_old(row, reading, person):
        return someone
    await _fill_in(tx, reading, someone, person, row)
    await segments.refresh(tx, reading.clock, [known], cause=_cause(reading, known))
    return await candidates.get(tx, known)


async def is_forgotten(tx: Tx, reading: Reading, person: str) -> bool:
    """Whether an id of the ATS is of somebody who was erased here."""
    return await was_forgotten(tx, names=[(reading.name, person)], pepper=reading.pepper)


def address_keys(reading: Reading, emails: Collection[str]) -> Mapping[str, str]:
    """The usable addresses by their keyed hashes, in the order given."""
    return {address_key(email, reading.pepper): email.strip() for email in emails if _is_address(email)}


def _is_address(text: str) -> bool:
    local, at, domain = text.strip().rpartition("@")
    return bool(local and at and "." in domain and text.isprintable() and " " not in text.strip())


def _is_old(row: AtsPersonRow, reading: Reading, person: AtsPerson) -> bool:
    return reading.is_older(known_update=row.updated_at, known_ask=row.seen_at, update=person.updated_at)


async def _recognized(tx: Tx, reading: Reading, person: AtsPerson) -> str | None:
    """Somebody whom we know by an address or by a profile; of several, the one with the address that is written to."""
    for key in address_keys(reading, person.emails):
        found = await candidates.by_key(tx, key)
        if found is not None:
            return await identities.kept(tx, found.id)
    named = await identities.named_any(tx, _profiles(person))
    return await identities.kept(tx, named[0]) if named else None


async def _create(tx: Tx, reading: Reading, person: AtsPerson) -> str | None:
    """A new person; none of whom the ATS has nothing left, or who asked us to forget them under another id."""
    keys = address_keys(reading, person.emails)
    emails, profiles = [*keys.values()], _profiles(person)
    if person.is_anonymized or await was_forgotten(tx, emails=emails, names=profiles, pepper=reading.pepper):
        return None
    first = next(iter(keys.items()), None)
    row = CandidateRow(
        id=new_candidate_id(),
        recorded_at=reading.clock.now(),
        email=first[1] if first else None,
        email_key=first[0] if first else None,
        source=reading.name,
        joined_on=reading.asked_at.date(),
    )
    await insert(tx, row)
    return row.id


async def _fill_in(
    tx: Tx, reading: Reading, someone: CandidateRow, person: AtsPerson, row: AtsPersonRow | None
) -> None:
    told, tags, forbade = (row.told, row.tags, row.may_mail is False) if row else ({}, None, False)
    fields = _fields(reading, person)
    new = {name: value for name, value in fields.items() if _may_set(reading, someone, name, value, told.get(name))}
    await change_profile(tx, reading.clock, someone.id, new, cause=_cause(reading, someone.id))
    await _add_addresses(tx, reading, someone, person)
    marks = {**told, **{name: reading.mark(value) for name, value in fields.items()}}
    await _remember(tx, reading, someone.id, person, marks)
    await _change_tags(tx, reading, someone.id, person, tags)
    forbids = person.may_mail is False
    if forbids and not forbade:
        await _forbid_mails(tx, reading, someone.id, person)
    elif forbade and not forbids and someone.email_key is not None:
        await consents.allow_again(tx, someone.email_key)


def _fields(reading: Reading, person: AtsPerson) -> dict[str, str]:
    """What the ATS knows, as it is stored; what it leaves empty or what does not fit says nothing."""
    found = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "timezone": clean_zone(person.timezone),
        "country": clean_country(person.country),
        "city": person.city,
    }
    given = {name: value.strip() for name, value in found.items() if value and value.strip()}
    read = {name: read_profile({name: value}, reading.project) for name, value in given.items()}
    return {name: str(values[name]) for name, values in read.items() if isinstance(values, dict)}


def _may_set(reading: Reading, someone: CandidateRow, name: str, theirs: str, told: str | None) -> bool:
    """An empty field is filled; another one follows the ATS only as long as nobody else has changed it."""
    ours: str | None = getattr(someone, name)
    return not ours or (told == reading.mark(ours) and ours != theirs)


async def _add_addresses(tx: Tx, reading: Reading, someone: CandidateRow, person: AtsPerson) -> None:
    """All addresses help to recognize somebody; mails go to the one that they have with us."""
    for key, email in address_keys(reading, person.emails).items():
        if await candidates.by_key(tx, key) is not None or await consents.was_erased(tx, key):
            continue
        if someone.email_key is None:
            someone.email, someone.email_key = email, key
            await tx.flush()
        else:
            now = reading.clock.now()
            await insert_once(tx, AddressRow(key=key, candidate=someone.id, email=email, recorded_at=now))


async def _remember(tx: Tx, reading: Reading, candidate: str, person: AtsPerson, marks: Mapping[str, str]) -> None:
    place = AtsPersonRow(connection=reading.name, id=person.id, candidate=candidate, seen_at=reading.asked_at)
    await insert_once(tx, place)
    row = await tx.get_one(AtsPersonRow, (reading.name, person.id), populate_existing=True)
    row.candidate, row.seen_at, row.updated_at = candidate, reading.asked_at, person.updated_at
    row.is_employee, row.may_mail = person.is_employee, person.may_mail
    row.told, row.tags = dict(marks), list(_tags(person))
    await tx.flush()
    for system, value in ((reading.name, person.id), *_profiles(person)):
        await identities.name(tx, candidate, system, value, pepper=reading.pepper, recorded_at=reading.clock.now())


def _profiles(person: AtsPerson) -> list[tuple[str, str]]:
    """Their profiles as names in another system, as every other door spells them."""
    return [(identities.PROFILE, link) for link in map(profile_link, person.profiles) if link]


def _cause(reading: Reading, candidate: str) -> Cause:
    return Cause(text=f"ats:{reading.name}", at=reading.clock.walk_time(candidate))


def _tags(person: AtsPerson) -> tuple[str, ...]:
    """The ATS's tags; those that we put there by ourselves are no news."""
    own = (EMPLOYEE,) if person.is_employee else ()
    words = dict.fromkeys(tag.strip() for tag in (*own, *person.tags))
    return tuple(tag for tag in words if tag and len(tag) <= _LONGEST_TAG and not tag.startswith(OWN_TAG))[:_MOST_TAGS]


async def _change_tags(
    tx: Tx, reading: Reading, candidate: str, person: AtsPerson, before: Collection[str] | None
) -> None:
    """Follow what changed in the ATS; tags from elsewhere stay, and those of the first look are no news."""
    cause = _cause(reading, candidate)
    tags = _tags(person)
    for tag in tags:
        if before is None:
            now = reading.clock.now()
            row = TagRow(candidate=candidate, tag=tag, cause=cause.text, at=cause.at, recorded_at=now)
            await insert_once(tx, row)
        elif tag not in before:
            await change_tag(tx, reading.clock, candidate, how="add", tag=tag, cause=cause)
    for tag in before or ():
        known = await tx.get(TagRow, (candidate, tag)) if tag not in tags else None
        if known is not None and known.cause == cause.text:
            await change_tag(tx, reading.clock, candidate, how="remove", tag=tag, cause=cause)


async def _forbid_mails(tx: Tx, reading: Reading, candidate: str, person: AtsPerson) -> None:
    """That the ATS forbids mails withdraws every consent of before; consent that is given later counts again."""
    someone, at = await candidates.get(tx, candidate), reading.clock.walk_time(candidate)
    if someone.email_key is not None:
        await consents.suppress(
            tx,
            someone.email_key,
            scope=consents.ALL,
            reason=consents.FORBIDDEN_BY_ATS,
            at=at,
            recorded_at=reading.clock.now(),
        )
    refusal = Incoming(
        dedupe_key=f"ats:{reading.own_id(person.id)}:forbids:{at.isoformat()}",
        kind="consent_withdrawn",
        candidate=candidate,
        at=at,
        evidence={"door": "ats"},
    )
    await take_in(tx, reading.clock, refusal)

"""Who is who in a list: new, known, in conflict or refused; a dry run says it and writes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from rapport.errors import BadInput
from rapport.ids import address_key
from rapport.store import consents, enrollments, identities
from rapport.store.database import Store
from rapport.store.schema import METADATA
from rapport.store.tables.people import CandidateRow
from rapport.usecases.people_csv import READERS, Defaults
from rapport.usecases.profile_fields import read_email
from rapport.usecases.publish import publish
from tests.builders import a_project
from tests.unit.store.worlds import MONDAY, PEPPER, PROJECT, WELCOME, a_person, a_publication, published
from tests.unit.usecases.lists import agreed, counts, load

LINK = ("profile", "linkedin.com/in/ana")
MIXED = (
    "email,first_name,city,profiles,tags\n"
    "new@people.example,Nora,Ulm,linkedin.com/in/nora,met\n"  # 2: new
    "c_ana@people.example,Ana,Köln,,\n"  # 3: known, and changed
    "c_ben@people.example,,,,\n"  # 4: known, nothing new
    "c_ana@people.example,,,linkedin.com/in/ben,\n"  # 5: two people
    "second@people.example,,,https://www.linkedin.com/in/nora/,vip\n"  # 6: line 2 once more, and more of her
    "new@people.example,Norah,,,\n"  # 7: contradicts line 2
    "third@people.example,,,linkedin.com/in/nora; linkedin.com/in/ben,\n"  # 8: line 2 and Ben
    "broken,,,,\n"  # 9
    "gone@people.example,,,,\n"  # 10: asked to be forgotten
    "Anna.Koch@acme.example,,,,\n"  # 11: of the company
)


async def a_world(store: Store) -> None:
    """Ana and Ben are known, somebody has asked to be forgotten."""
    await published(store, welcome=WELCOME)
    async with store.write() as tx:
        await a_person(tx, "c_ana")
        await a_person(tx, "c_ben")
        await identities.name(tx, "c_ben", "profile", "linkedin.com/in/ben", pepper=PEPPER, recorded_at=MONDAY)
        key = address_key("gone@people.example", PEPPER)
        await consents.suppress(tx, key, scope="all", reason=consents.ERASED, at=MONDAY, recorded_at=MONDAY)


async def everything(store: Store) -> str:
    """All that the store holds."""
    async with store.read() as tx:
        return "\n".join(
            [repr(tuple(row)) for table in METADATA.sorted_tables for row in await tx.execute(select(table))]
        )


async def test_a_dry_run_says_what_would_be_and_writes_nothing(store: Store) -> None:
    """New, changed, unchanged, conflicts and refusals with their lines are those of the import itself."""
    await a_world(store)
    before = await everything(store)

    foreseen = await load(store, MIXED, dry_run=True)

    assert before == await everything(store)
    real = await load(store, MIXED)
    assert (1, 2, 1) == counts(real) == counts(foreseen)
    assert [
        (5, "fits several people (line 3, line 4); if they are one, merge them: `rapport merge`"),
        (7, "is another one than on line 2, which is about the same person"),
        (8, "fits several people (line 2, line 4); if they are one, merge them: `rapport merge`"),
    ] == [(each.line, each.reason) for each in real.conflicts]
    assert [9, 10, 11] == [each.line for each in real.problems]
    assert (real.conflicts, real.problems) == (foreseen.conflicts, foreseen.problems)


async def test_the_second_time_nothing_changes(store: Store) -> None:
    """The same list again finds everybody, and every row of the store stays as it is."""
    await a_world(store)
    await load(store, MIXED, defaults=agreed())
    before = await everything(store)

    again = await load(store, MIXED, defaults=agreed())

    assert (0, 0, 4) == counts(again)
    assert before == await everything(store)


async def test_without_source_and_basis_nobody_is_written_to(store: Store) -> None:
    """A list that does not say to what its people agreed, on which basis and where, is stored and never mailed."""
    await published(store, welcome=WELCOME)
    text = "email,country,pools,consent\na@people.example,DE,engineering,nurture\n"

    refused = [
        await load(store, text.replace("a@", f"{n}@"), defaults=each)
        for n, each in enumerate((Defaults(), agreed(basis=""), agreed(source="")))
    ]
    report = await load(store, text, defaults=agreed())

    async with store.read() as tx:
        count = select(func.count())
        people = await tx.scalar(count.select_from(CandidateRow))
        walks = await enrollments.count(tx)
    assert ([1, 1, 1], 0) == ([each.without_consent for each in refused], report.without_consent)
    assert ([0, 0, 0], 1) == ([each.started for each in refused], report.started)
    assert (4, {"starting": 1}) == (people, walks)


async def test_an_unknown_purpose_is_named_before_anything_is_read(store: Store) -> None:
    """A slip on the command line does not lose the consent of a whole list."""
    await published(store, welcome=WELCOME)

    with pytest.raises(BadInput, match="'nurtur' is no purpose"):
        await load(store, MIXED, defaults=Defaults(consent=("nurtur",)))


async def test_a_basis_that_the_purpose_does_not_know_is_no_consent(store: Store) -> None:
    """A list says `Einwilligung` or a legitimate interest where only consent counts: the line is named."""
    await published(store, welcome=WELCOME)
    bases = ("consent", "Einwilligung", "legitimate_interest", "implied")
    rows = "".join(f"p{n}@people.example,nurture,{basis},fair\n" for n, basis in enumerate(bases))

    report = await load(store, f"email,consent,consent_basis,source\n{rows}")

    assert (1, 0, 0) == counts(report)
    assert [(3, "consent_basis"), (4, "consent_basis"), (5, "consent_basis")] == [
        (each.line, each.column) for each in report.problems
    ]
    with pytest.raises(BadInput, match="is no basis of nurture"):
        await load(store, MIXED, defaults=agreed(basis="Einwilligung"))


async def test_an_address_that_unsubscribed_closes_those_that_join_it(store: Store) -> None:
    """She unsubscribed; a list that knows another address of hers does not open a back door."""
    await a_world(store)
    async with store.write() as tx:
        await consents.suppress(
            tx,
            address_key("c_ana@people.example", PEPPER),
            scope="nurture",
            reason="unsubscribed",
            at=MONDAY,
            recorded_at=MONDAY,
        )

    await load(store, "email,emails\nc_ana@people.example,another@people.example\n")

    async with store.read() as tx:
        assert {"nurture"} == await consents.suppressed(tx, address_key("another@people.example", PEPPER))


async def test_what_closes_one_address_closes_those_that_join_by_a_profile(store: Store) -> None:
    """The list knows Ben by his profile only: his complaint holds for the address that it brings all the same."""
    await a_world(store)
    ben = address_key("c_ben@people.example", PEPPER)
    async with store.write() as tx:
        await consents.suppress(tx, ben, scope="all", reason="complained", at=MONDAY, recorded_at=MONDAY)

    await load(store, "email,profiles\nanother@people.example,linkedin.com/in/ben\n")

    async with store.read() as tx:
        assert {"all"} == await consents.suppressed(tx, address_key("another@people.example", PEPPER))


async def test_two_spellings_of_an_address_are_one_and_the_next_is_another(store: Store) -> None:
    """Of `A@…; a@…; b@…` two addresses are kept, and mails to the second go to the second."""
    await a_world(store)

    await load(store, "emails\nAna@one.example;ana@one.example;ana@two.example\n")

    async with store.read() as tx:
        row = await tx.scalar(select(CandidateRow).where(CandidateRow.email == "Ana@one.example"))
        assert row is not None
        assert ["ana@two.example"] == await identities.addresses_of(tx, row.id)


async def test_a_link_that_stands_in_two_columns_is_stored_once(store: Store) -> None:
    """A profile among the links and as an id of its own does not end the import."""
    await a_world(store)

    report = await load(store, "profiles,id.profile\nlinkedin.com/in/x,linkedin.com/in/x\n")

    assert ((1, 0, 0), 1) == (counts(report), report.without_consent)


async def test_a_person_is_counted_once_however_many_rows_they_have(store: Store) -> None:
    """What is said of those without consent counts people, and who agrees on a later row has agreed."""
    await a_world(store)
    rows = "a@p.example,,\na@p.example,nurture,fair\nb@p.example,,\nb@p.example,,fair\n"

    report = await load(store, f"email,consent,source\n{rows}", defaults=Defaults(basis="consent"))

    assert ((2, 2, 0), 1) == (counts(report), report.without_consent)


async def test_the_projects_own_fields_are_columns_too(store: Store) -> None:
    """`custom.notice` is checked against project.yaml like every other cell."""
    project = f"{PROJECT}custom_fields: {{notice: number}}\n"
    await publish(store, a_publication({}, project=project), commit="c", at=MONDAY)

    report = await load(store, "email,custom.notice\na@people.example,30\nb@people.example,soon\n")

    async with store.read() as tx:
        assert [{"notice": 30}] == (await tx.scalars(select(CandidateRow.custom))).all()
    assert [(3, "custom.notice")] == [(each.line, each.column) for each in report.problems]


LOCAL = st.text("abzAZ09._+-", min_size=1, max_size=12)
LABEL = st.text("ab01-", min_size=1, max_size=8)


@given(LOCAL, st.lists(LABEL, min_size=1, max_size=3), st.sampled_from(["com", "de", "org", "test", "local"]))
def test_a_plain_address_is_read_as_every_other(local: str, labels: list[str], end: str) -> None:
    """What is taken for plain, and not looked at closely, would have passed unchanged."""
    address = f"{local}@{'.'.join(labels)}.{end}"

    def read(reader: object) -> str | None:
        try:
            return str(reader(address, a_project(PROJECT)))  # type: ignore[operator]
        except ValueError:
            return None

    assert read(read_email) == read(READERS["email"])

"""An existing store is brought up to date with what is in it."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from rapport.errors import ConfigurationError
from rapport.ids import address_key, name_key, task_id
from rapport.store.database import Store, for_writing
from rapport.store.migrate import SCRIPTS, NewerTables, migrate
from rapport.store.tables.ats import AtsErrandRow
from rapport.store.tables.identities import IdentityRow
from rapport.store.tables.intake import HappeningRow
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.recruiting import ApplicationRow
from rapport.store.tables.tasks import TaskRow
from rapport.usecases.calendar import registered
from rapport.usecases.forgotten import was_forgotten
from tests.unit.store.worlds import PEPPER, opened

_PERSON = text(
    "INSERT INTO candidates (id, recorded_at, skills, score, custom)"
    " VALUES (:id, '2026-03-02 09:00:00+00', '[]', 0, '{}')"
)
_HAPPENING = text(
    "INSERT INTO happenings (id, dedupe_key, kind, at, recorded_at, verdict, candidate, detail, evidence) VALUES"
    " (:id, :key, :kind, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 'human', :person, :detail, '{}')"
)
_SCORED = (
    "INSERT INTO score_entries (candidate, before, after, cause, at, recorded_at)"
    " VALUES ('c_ana', 0, 20, '{day}', '2026-03-{day} 09:00:00+00', '2026-03-02 09:00:00+00')"
)
_KNOWN = {
    "c_ana": ("registered_for_event", '{"event": "fair-7", "city": "Wien"}'),
    "c_ben": ("registered_for_event", '{"event": "fair-8"}'),
    "c_cleo": ("attended", '{"city": "Wien"}'),
    "c_dan": ("attended", '{"event": ""}'),
    "c_eve": ("custom", '{"event": "fair-7"}'),
}

_A_TASK_OF_BEFORE = (
    (
        "INSERT INTO candidates (id, recorded_at, skills, score, custom, stage)"
        " VALUES ('c_ana', '2026-03-02 09:00:00+00', '[]', 0, '{}', 'interview')"
    ),
    (
        'INSERT INTO versions (sequence, hash, recorded_at, title, owner, plan, start, "commit")'
        " VALUES ('welcome', 'v', '2026-03-02 09:00:00+00', 'W', 'anna', '{}', '{}', 'c0ffee')"
    ),
    (
        "INSERT INTO enrollments (id, sequence, candidate, n, version, state, enrolled_at, recorded_at, cause,"
        " once_key, shift_seconds, path) VALUES ('welcome/c_ana/1', 'welcome', 'c_ana', 1, 'v', 'running',"
        " '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 'test', '', 0, '[]')"
    ),
    (
        "INSERT INTO tasks (enrollment, step, assignee, title, state, at, recorded_at)"
        " VALUES ('welcome/c_ana/1', 'call', 'anna', 'Call her', 'open',"
        " '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00')"
    ),
)


async def _move(store: Store, revision: str) -> None:
    def move(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        (command.downgrade if revision.startswith("-") else command.upgrade)(config, revision.lstrip("-"))

    async with for_writing(store.engine).begin() as connection:
        await connection.run_sync(move)


async def test_registrations_of_before_are_found_by_their_event(empty_database: str) -> None:
    """Who registered before the release still hears that the fair is called off; no other word counts as one."""
    async with opened(empty_database) as store:
        await _move(store, "0003")
        async with store.write() as tx:
            for person, (kind, detail) in _KNOWN.items():
                await tx.execute(_PERSON, {"id": person})
                await tx.execute(
                    _HAPPENING, {"id": f"h_{person}", "key": person, "kind": kind, "person": person, "detail": detail}
                )

        await migrate(empty_database)

        async with store.read() as tx:
            found = await tx.execute(text("SELECT candidate, event FROM happenings"))
            events = {row.candidate: row.event for row in found}
            assert ["c_ana"] == await registered(tx, "fair-7")
            assert {**dict.fromkeys(_KNOWN), "c_ana": "fair-7", "c_ben": "fair-8"} == events


async def test_the_newest_step_can_be_taken_back(empty_database: str) -> None:
    """A release that has to be withdrawn leaves the store as it was."""
    await migrate(empty_database)
    async with opened(empty_database) as store:
        await _move(store, "-0003")
        await _move(store, "0004")

        async with store.read() as tx:
            assert [] == await registered(tx, "fair-7")


async def test_scores_of_before_fade_from_their_last_change(empty_database: str) -> None:
    """Who has a score has it since its last entry, or since we know them; who has none has no such instant."""
    async with opened(empty_database) as store:
        await _move(store, "0017")
        async with store.write() as tx:
            for person, score in (("c_ana", 40), ("c_ben", 0), ("c_cleo", 7)):
                await tx.execute(_PERSON, {"id": person})
                await tx.execute(text("UPDATE candidates SET score = :n WHERE id = :id"), {"n": score, "id": person})
            for day in ("04", "03"):
                await tx.execute(text(_SCORED.format(day=day)))

        await migrate(empty_database)

        async with store.read() as tx:
            rows = await tx.execute(select(CandidateRow.id, CandidateRow.score_at, CandidateRow.score_rest))
            found = {row.id: (row.score_at and row.score_at.day, row.score_rest) for row in rows}
            assert {"c_ana": (4, 0.0), "c_ben": (None, 0.0), "c_cleo": (2, 0.0)} == found


async def test_names_of_before_are_known_by_their_keys(empty_database: str) -> None:
    """A profile link has its hash, and of who was being erased no more; a wrong secret changes nothing."""
    insert = text(
        "INSERT INTO identities (system, value, candidate, recorded_at)"
        " VALUES ('profile', :name, :person, '2026-03-02 09:00:00+00')"
    )
    filed = text(
        "INSERT INTO applications (id, candidate, at, recorded_at)"
        " VALUES (:name, :person, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00')"
    )
    async with opened(empty_database) as store:
        await _move(store, "0021")
        async with store.write() as tx:
            for person in ("c_ana", "c_ben"):
                await tx.execute(_PERSON, {"id": person})
                await tx.execute(insert, {"name": person, "person": person})
                await tx.execute(filed, {"name": person, "person": person})
            await tx.execute(text("UPDATE candidates SET erased_at = recorded_at WHERE id = 'c_ben'"))
            known_by = text("UPDATE candidates SET email = :email, email_key = :key WHERE id = 'c_ana'")
            await tx.execute(known_by, {"email": "a@b.example", "key": address_key("a@b.example", PEPPER)})

        with pytest.raises(ConfigurationError):
            await migrate(empty_database, pepper=b"of another machine")
        await migrate(empty_database, pepper=PEPPER)

        async with store.read() as tx:
            applications = list(await tx.scalars(select(ApplicationRow.id)))
            known = list(await tx.execute(select(IdentityRow.value, IdentityRow.key)))
            ben = await was_forgotten(tx, names=[("profile", "c_ben")], pepper=PEPPER)
    assert ([("c_ana", name_key("profile", "c_ana", PEPPER))], True, ["c_ana"]) == (known, ben, applications)


async def test_tasks_and_stages_of_before_are_kept(empty_database: str) -> None:
    """A task keeps its walk and is found by its person; what an ATS called a stage becomes one of ours."""
    async with opened(empty_database) as store:
        await _move(store, "0015")
        async with store.write() as tx:
            for statement in _A_TASK_OF_BEFORE:
                await tx.execute(text(statement))

        await migrate(empty_database)

        async with store.read() as tx:
            [task] = await tx.scalars(select(TaskRow))
            assert (task_id("welcome/c_ana/1/call"), "c_ana", "open") == (task.id, task.candidate, task.state)
            assert "in-process" == await tx.scalar(text("SELECT stage FROM candidates"))


async def test_a_note_that_was_asked_for_before_is_still_written(empty_database: str) -> None:
    """It was asked for by application; now it is by the person of the ATS."""
    seen = "INSERT INTO ats_applications (id, connection, person, seen_at, facts, is_prospect)"
    errand = "INSERT INTO ats_errands (connection, key, kind, subject, created_at, state, attempts)"
    async with opened(empty_database) as store:
        await _move(store, "0023")
        async with store.write() as tx:
            await tx.execute(text(f"{seen} VALUES ('main/5', 'main', '7', '2026-03-02 09:00:00+00', 1, false)"))
            for kind, subject in (("history_note", "main/5"), ("application", "5")):
                values = f"('main', 'k', '{kind}', '{subject}', '2026-03-02 09:00:00+00', 'waiting', 0)"
                await tx.execute(text(f"{errand} VALUES {values}"))

        await migrate(empty_database)

        async with store.read() as tx:
            found = await tx.scalars(select(AtsErrandRow.subject).order_by(AtsErrandRow.kind))
            assert ["5", "7"] == list(found)


async def test_an_older_release_does_not_touch_newer_tables(empty_database: str) -> None:
    """Whoever goes back a release is told how, before anything has changed."""
    await migrate(empty_database)
    async with opened(empty_database) as store, for_writing(store.engine).begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerTables, match="restore the backup"):
        await migrate(empty_database)


async def test_what_browsers_said_is_gone_from_clicks_of_before(empty_database: str) -> None:
    """It was kept in the click itself, with no end; who gave consent and how is proof, and stays."""
    kinds = ("clicked", "opened", "consent_given")
    async with opened(empty_database) as store:
        await _move(store, "0024")
        async with store.write() as tx:
            await tx.execute(_PERSON, {"id": "c_ana"})
            for kind in kinds:
                said = {"id": kind, "key": kind, "kind": kind, "person": "c_ana", "detail": "{}"}
                await tx.execute(_HAPPENING, said)
            await tx.execute(text('UPDATE happenings SET evidence = \'{"why": "late", "agent": "Firefox"}\''))

        await migrate(empty_database)

        async with store.read() as tx:
            found = {row.kind: row.evidence for row in await tx.scalars(select(HappeningRow))}
            assert {"why": "late"} == found["clicked"] == found["opened"]
            assert {"why": "late", "agent": "Firefox"} == found["consent_given"]

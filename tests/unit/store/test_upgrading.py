"""An existing store is brought up to date with what is in it."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from rapport.store.database import Store, for_writing
from rapport.store.migrate import SCRIPTS, migrate
from rapport.usecases.calendar import registered
from tests.unit.store.worlds import opened

_PERSON = text(
    "INSERT INTO candidates (id, recorded_at, skills, score, custom)"
    " VALUES (:id, '2026-03-02 09:00:00+00', '[]', 0, '{}')"
)
_HAPPENING = text(
    "INSERT INTO happenings (id, dedupe_key, kind, at, recorded_at, verdict, candidate, detail, evidence) VALUES"
    " (:id, :key, :kind, '2026-03-02 09:00:00+00', '2026-03-02 09:00:00+00', 'human', :person, :detail, '{}')"
)
_KNOWN = {
    "c_ana": ("registered_for_event", '{"event": "fair-7", "city": "Wien"}'),
    "c_ben": ("registered_for_event", '{"event": "fair-8"}'),
    "c_cleo": ("attended", '{"city": "Wien"}'),
    "c_dan": ("attended", '{"event": ""}'),
    "c_eve": ("custom", '{"event": "fair-7"}'),
}


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

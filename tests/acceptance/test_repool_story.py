"""The re-pool story over real HTTP: rejected in the ATS, back by a mail and a click, and an applicant again.

Everything is real: the demo ATS as Greenhouse, Lever and Workable, with their webhooks, the API, the mail server, the
worker, and Temporal, whose clock skips the two weeks in between.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from rapport.store import candidates
from rapport.store.tables.people import CandidateRow
from rapport.store.tables.walks import EnrollmentRow, RefusalRow
from tests.acceptance.processes import until
from tests.acceptance.repool_town import MONDAY, PATIENCE_SECONDS, a_town


@pytest.mark.parametrize("vendor", ["greenhouse", "lever", "workable"])
async def test_a_silver_medalist_comes_back_and_applies_again(tmp_path: Path, vendor: str) -> None:
    """Reject, two weeks, pool and tag and note, mail, click, nurture; then apply: the note, and the goal.

    In Workable a poll finds the rejection, for nobody is told of it.
    """
    async with a_town(tmp_path, vendor) as town:
        ana = await town.person("ana")
        town.ends(town.applies("ana", "Backend engineer", "onsite"), "rejected", "Stronger candidate")
        await town.news()
        back = await town.walk("silver-medalists", ana)

        await town.go_to(back.id, MONDAY + timedelta(days=15))
        html = await town.mail(1)
        there = town.ats.people["ana"]
        assert (["silver-medalist"], 1) == (there.tags, len(there.notes))
        async with town.house.store.read() as tx:
            assert ["silver-medalists"] == list(await candidates.pools_of(tx, ana, town.clock.walk_time(ana)))

        await town.follow(html)
        nurture = await town.walk("welcome-engineering", ana)
        assert "end" == await town.ended(back.id)
        await town.go_to(nurture.id, MONDAY + timedelta(days=17))
        await town.mail(2)

        town.applies("ana", "Data engineer")
        await town.news()
        assert "goal: applied" == await town.ended(nurture.id)

        async def told() -> bool:
            return len(there.notes) > 1

        await until(told, seconds=PATIENCE_SECONDS)
        text = there.notes[-1]["text"]
        assert 2 == text.count("got the mail")
        assert "followed a link" in text
        assert "<" not in text


@pytest.mark.parametrize("vendor", ["demo", "greenhouse", "lever"])
async def test_withdrawals_hires_and_frauds_never_come_back(tmp_path: Path, vendor: str) -> None:
    """Their records are here, and no walk is."""
    async with a_town(tmp_path, vendor) as town:
        ends = {
            "ben": ("withdrawn", "Stronger candidate"),
            "cleo": ("hired", ""),
            "dan": ("rejected", "Stronger candidate (fraud)"),
        }
        for name, (how, reason) in ends.items():
            town.ends(town.applies(name, "Backend engineer", "onsite"), how, reason)
        await town.news()

        async def stages() -> dict[str, str | None] | None:
            async with town.house.store.read() as tx:
                rows = (await tx.scalars(select(CandidateRow).where(CandidateRow.stage.is_not(None)))).all()
                found = {str(row.first_name): row.stage for row in rows}
                return found if sorted(map(str, found.values())) == ["consideration", "hired", "rejected"] else None

        await until(stages, seconds=PATIENCE_SECONDS)
        async with town.house.store.read() as tx:
            assert [] == (await tx.scalars(select(EnrollmentRow))).all()
            assert {"fraud"} >= set(await tx.scalars(select(RefusalRow.reason)))
        assert [] == town.arrived

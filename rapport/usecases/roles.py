"""The open jobs that a mail shows its reader, from what the ATS told last."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.crm.fitting_roles import OpenJob, fitting
from rapport.store import jobs
from rapport.store.database import Tx

# What a mail's text calls them.
ROLES = "roles"


async def roles_for(tx: Tx, candidate: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The fields of the jobs that fit, the best first; `candidate` has the catalog's fields by their bare names."""
    known = [
        OpenJob(
            title=row.title,
            skills=tuple(row.skills),
            city=row.city,
            country=row.country,
            seniority=row.seniority,
            url=row.url,
            opened_at=row.opened_at,
        )
        for row in await jobs.open_jobs(tx)
    ]
    return [job.words() for job in fitting(candidate, known)]

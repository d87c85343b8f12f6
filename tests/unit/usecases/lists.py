"""Lists of people as other systems write them, and how tests import them."""

import io
from typing import Any

from rapport.store.database import Store
from rapport.usecases.import_people import ImportReport, import_people
from rapport.usecases.people_csv import Defaults
from tests.unit.store.worlds import PEPPER, StandingClock

GREENHOUSE = (
    "First Name,Last Name,Company,Title,Notes,Email,Phone,Social Media,Website,Address,Source,Who gets credit,Job,"
    "Department,Office,Prospect Pool,Prospect Stage\n"
    "Ana,Silva,Acme,Engineer,met,ana@people.example,+49 1,https://www.linkedin.com/in/Ana-Silva/,https://acme.example,"
    "Road 1,Fair,Jo,Engineer,,,,\n"
)
LEVER = (
    "Full name,Email,Lever Posting URL,Stage,Sources,Origin,Tags,Links,Resume Filename\n"
    'Ana Maria Silva,"ana@people.example,a@home.example",,New lead,"Fair,Web",sourced,"met,vip",'
    '"https://de.linkedin.com/in/ana-silva?x=1, https://github.com/Ana",\n'
)
RECRUITER = (
    "First name;Last name;Email;Phone;Job title;Company;Location;Pipeline stage;Note;Note visibility;Tags\r\n"
    'Ana;Silva;ana@people.example;;Engineer;Acme;"Lisboa, Portugal";Contacted;;ONLY_ME;"met,vip"\r\n'
)
TALENT_HUB = (
    "candidate_id,project_id,first_name,last_name,emails,phone_numbers,tags,profile_url,sourcing_channels,"
    "hiring_state_id,created_time,created_datetime,last_modified_time\n"
    "77,1,Ana,Silva,ana@people.example;a@home.example,,met;vip,http://linkedin.com/in/ana-silva/en,Search,3,"
    "1700000000000,2023-11-14 22:13:20,1700000000000\n"
)


async def load(store: Store, text: str | bytes, **more: Any) -> ImportReport:
    """Import a list on Monday."""
    raw = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return await import_people(store, StandingClock(), raw, pepper=PEPPER, **more)


def counts(report: ImportReport) -> tuple[int, int, int]:
    """Added, changed, unchanged."""
    return report.added, report.changed, report.unchanged


def agreed(basis: str = "consent", source: str = "fair") -> Defaults:
    """Everybody on the list agreed to nurture mails."""
    return Defaults(source=source, consent=("nurture",), basis=basis, text="Yes, write to me")

"""All tables at once, for migrations and for the test that compares the two."""

from rapport.store.columns import Row
from rapport.store.tables import (
    ats,
    ats_limits,
    bulk,
    consent,
    doors,
    identities,
    incoming,
    intake,
    jobs,
    mails,
    people,
    privacy,
    provider_events,
    published,
    recruiting,
    segments,
    tasks,
    visits,
    walks,
)

# Naming the modules keeps the imports: a table exists once its file has been read.
TABLE_FILES = (
    people,
    consent,
    recruiting,
    published,
    walks,
    mails,
    intake,
    doors,
    bulk,
    provider_events,
    incoming,
    visits,
    identities,
    jobs,
    ats,
    ats_limits,
    segments,
    tasks,
    privacy,
)
METADATA = Row.metadata

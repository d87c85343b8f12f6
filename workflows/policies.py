"""Every timeout and retry of a walk, each with its reason.

No attempt is ever the last one: a walk outlives every outage, every bug that a release repairs, and a worker on the
wrong database. What a business answer is (refused, failed, try later) comes as an `Outcome`, and the walk itself
decides how long it keeps trying.
"""

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

# Temporal UI cuts labels here.
_LONGEST_LABEL = 120

# Reads of our own store are local activities: one history event instead of six.
LOOK_UP = LocalActivityConfig(
    # SQLite waits 5 s for a writer; a read that takes three times as long is hanging.
    start_to_close_timeout=timedelta(seconds=15),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        # A store that comes back is noticed within a minute, and a walk a minute late is still on time.
        maximum_interval=timedelta(minutes=1),
    ),
    # Longer pauses become timers, so that a store that is away for a night holds no workflow task open.
    local_retry_threshold=timedelta(seconds=10),
)

# Effects in our own store: as reads, but as activities, because they must not run again on a replay of the task.
EFFECTS = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),  # several writes, each behind at most 5 s of other writers
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(minutes=1),
    ),
)

# Calls over the network beat, so that a killed worker is noticed in seconds and not at the end of a long timeout.
_HEARTBEAT = timedelta(seconds=20)
_PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(minutes=5),  # an outage of hours costs a dozen attempts an hour and walk
)

# SMTP answers within 30 s each, six of them make a mail, and the four mails that a worker has under way share one
# connection: 12 minutes at worst. A shorter limit would start a second attempt beside the first.
SEND = ActivityConfig(start_to_close_timeout=timedelta(minutes=15), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT)

# One HTTP call with a timeout of 30 s, a redirect or a second page, and the store before and after.
CALL = ActivityConfig(start_to_close_timeout=timedelta(minutes=2), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT)

# A turn of at most a thousand people takes ten seconds, longer only while Temporal itself is too slow for the walks
# that it begins; a page that was done is not done again, so a second attempt costs nothing.
BULK_TURN = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=10), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT
)

# A look waits in the mailbox for news: mail servers end an IDLE that lasts for half an hour, and a look every ten
# minutes makes 150 a day, a few hundred history events.
MAILBOX_PATIENCE = timedelta(minutes=10)
# Fifty mails after that, each with its attachments over a slow line.
MAILBOX = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=40), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT
)

# Ten pages of what changed at an ATS; each may wait for its turn among all calls.
POLL = ActivityConfig(start_to_close_timeout=timedelta(minutes=15), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT)

# A page of people, each erased by some thirty statements, or the clearing of a large database's files.
PRIVACY = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=30), heartbeat_timeout=_HEARTBEAT, retry_policy=_PATIENT
)

# Priority keys: 1 goes first, 3 is what Temporal takes for nothing said, 5 goes last.
USUAL = 3
BULK = 4
# Temporal refuses a longer one.
_LONGEST_FAIRNESS_KEY = 64


def priority(sequence: str, key: int = USUAL) -> Priority:
    """Turns are taken by sequence, so that one big campaign cannot starve the others."""
    return Priority(priority_key=key, fairness_key=sequence[:_LONGEST_FAIRNESS_KEY])


def label(text: str) -> str:
    """What a timer or an activity is called in Temporal UI: at most 120 characters."""
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def asked(summary: str) -> LocalActivityConfig:
    """The policy of a read, with its label."""
    return {**LOOK_UP, "summary": label(summary)}


def called(policy: ActivityConfig, *, activity_id: str, summary: str) -> ActivityConfig:
    """A policy with the id (part of determinism: never change one) and the label of an act."""
    return {**policy, "activity_id": activity_id, "summary": label(summary)}

"""The workflow `BulkEnrollment`: lets a stored list of people into a sequence, so many a minute, until all are in."""

from datetime import timedelta

from temporalio import workflow

# Passed through for the reason given in workflows/sequence.py.
with workflow.unsafe.imports_passed_through():
    import asyncio
    from contextlib import suppress
    from dataclasses import replace

    from activities.bulk import BulkActivities, People
    from rapport.ports import BulkStanding
    from workflows import policies
    from workflows.bulk_messages import BulkInput
    from workflows.search_attributes import STATE, ended

# A turn every ten seconds: seldom enough for a short history, often enough that mails do not leave in bursts.
_BETWEEN_TURNS = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)
# So that a retry, a cancel and a graceful end have to wait for no more than a few seconds.
_MOST_IN_A_TURN = 1_000


@workflow.defn(name="BulkEnrollment")
class BulkEnrollment:
    """Keeps the pace; who enters, and whether it goes on at all, is the store's to say."""

    @workflow.init
    def __init__(self, bulk: BulkInput) -> None:
        """Stand ready before the first message comes."""
        self._bulk = bulk
        self._cursor = bulk.cursor
        self._stirred = False

    @workflow.run
    async def run(self, bulk: BulkInput) -> BulkStanding:
        """Give everybody their turn."""
        del bulk  # taken by __init__
        while True:
            began, before = workflow.now(), self._cursor
            standing = await self._turn()
            workflow.set_current_details(_details(standing))
            if standing.over:
                workflow.upsert_search_attributes([STATE.value_set(ended("end"))])
                return standing
            self._cursor = standing.cursor
            # One that was terminated and begun again finds people who had their turn long ago: nobody rests for them.
            had_turn = min(self._cursor - before, in_a_turn(self._bulk.per_minute))
            due = began + _MINUTE * (had_turn / self._bulk.per_minute)
            await self._rest(due - workflow.now())
            if workflow.info().get_current_history_length() > self._bulk.history_limit:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(replace(self._bulk, cursor=self._cursor))

    @workflow.signal(name="stir", description="The store has changed: look at it now")
    def stir(self) -> None:
        """Look at the store before the time has come."""
        self._stirred = True

    async def _turn(self) -> BulkStanding:
        self._stirred = False
        up_to = self._cursor + in_a_turn(self._bulk.per_minute)
        summary = f"Enroll people {self._cursor + 1} to {up_to} in {self._bulk.sequence}"
        return await workflow.execute_activity_method(
            BulkActivities.enroll_people,
            People(bulk=self._bulk.bulk, up_to=up_to),
            **policies.called(policies.BULK_TURN, activity_id=f"from:{self._cursor + 1}", summary=summary),
        )

    async def _rest(self, remaining: timedelta) -> None:
        if remaining > timedelta(0):
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(
                    lambda: self._stirred, timeout=remaining, timeout_summary="Wait, to keep the pace"
                )


def in_a_turn(per_minute: int) -> int:
    """How many people have their turn together."""
    return max(1, min(_MOST_IN_A_TURN, int(per_minute * (_BETWEEN_TURNS / _MINUTE))))


def _details(standing: BulkStanding) -> str:
    rest = standing.total - standing.cursor
    numbers = {"Entered": standing.entered, "Refused": standing.refused, "Still to come": rest}
    return "\n".join(f"- **{name}:** {number}" for name, number in numbers.items())

"""The workflow `AtsPoll`: reads what changed at an ATS, turn by turn, until nothing is left."""

from temporalio import workflow

# Passed through for the reason given in workflows/sequence.py.
with workflow.unsafe.imports_passed_through():
    from dataclasses import replace

    from activities.ats import AtsActivities, Poll
    from rapport.ports import AtsStanding
    from workflows import policies
    from workflows.ats_messages import PollInput


@workflow.defn(name="AtsPoll")
class AtsPoll:
    """Keeps one poll at work; how far the ATS was read is the store's to know."""

    @workflow.run
    async def run(self, poll: PollInput) -> PollInput:
        """Read until the ATS has no more; the numbers of it."""
        while True:
            standing = await self._turn(poll)
            poll = replace(
                poll,
                turns=poll.turns + 1,
                people=poll.people + standing.people,
                jobs=poll.jobs + standing.jobs,
            )
            workflow.set_current_details(f"- **People read:** {poll.people}\n- **Jobs read:** {poll.jobs}")
            if not standing.more:
                return poll
            if workflow.info().get_current_history_length() > poll.history_limit:
                workflow.continue_as_new(poll)

    async def _turn(self, poll: PollInput) -> AtsStanding:
        return await workflow.execute_activity_method(
            AtsActivities.poll_ats,
            Poll(connection=poll.connection),
            **policies.called(
                policies.POLL,
                activity_id=f"turn:{poll.turns + 1}",
                summary=f"Read what changed at the ATS {poll.connection}",
            ),
        )

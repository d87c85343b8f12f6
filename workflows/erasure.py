"""The workflow `Erasure`: what an erasure leaves to do, until the last walk has ended and the files are clear."""

from datetime import timedelta

from temporalio import workflow

# Passed through for the reason given in workflows/sequence.py.
with workflow.unsafe.imports_passed_through():
    from dataclasses import replace

    from activities.privacy import PrivacyActivities
    from workflows import policies
    from workflows.privacy_messages import ErasureInput

# Walks hear of it within a second; one that Temporal cannot reach is looked at less and less often.
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(hours=1)
_DOUBLINGS = 12


@workflow.defn(name="Erasure")
class Erasure:
    """The rows were emptied in the transaction that began it; here is what takes longer."""

    @workflow.run
    async def run(self, erasure: ErasureInput) -> None:
        """Look until nothing is left to do."""
        while walks := await self._settle(erasure):
            workflow.set_current_details(f"- **Walks that have still to end:** {walks}")
            await workflow.sleep(
                min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(erasure.looks, _DOUBLINGS)),
                summary="Wait for the walks to end",
            )
            erasure = replace(erasure, looks=erasure.looks + 1)
            if workflow.info().get_current_history_length() > erasure.history_limit:
                workflow.continue_as_new(erasure)
        workflow.set_current_details("- **Done**")

    async def _settle(self, erasure: ErasureInput) -> int:
        return await workflow.execute_activity_method(
            PrivacyActivities.settle_erasure,
            erasure.request,
            **policies.called(
                policies.PRIVACY,
                activity_id=f"settle:{erasure.looks + 1}",
                summary="Wait for walks, clear the files",
            ),
        )

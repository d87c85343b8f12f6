"""The workflow `RetentionSweep`: judges everybody by the retention policy, page by page."""

from temporalio import workflow

# Passed through for the reason given in workflows/sequence.py.
with workflow.unsafe.imports_passed_through():
    from dataclasses import replace

    from activities.privacy import Page, PrivacyActivities
    from rapport.ports import SweepStanding
    from workflows import policies
    from workflows.privacy_messages import SweepInput


@workflow.defn(name="RetentionSweep")
class RetentionSweep:
    """Keeps the place; who is kept and who is erased is the store's to say, and each has one turn."""

    @workflow.run
    async def run(self, sweep: SweepInput) -> SweepInput:
        """Look at everybody; the numbers of it."""
        while True:
            page = await self._page(sweep)
            sweep = replace(
                sweep,
                behind=page.behind,
                looked=sweep.looked + page.looked,
                erased=sweep.erased + page.erased,
                announced=sweep.announced + page.announced,
                asked=sweep.asked + page.asked,
            )
            workflow.set_current_details(_details(sweep))
            if page.over:
                return sweep
            if workflow.info().get_current_history_length() > sweep.history_limit:
                workflow.continue_as_new(sweep)

    async def _page(self, sweep: SweepInput) -> SweepStanding:
        return await workflow.execute_activity_method(
            PrivacyActivities.sweep_page,
            # The same however often it goes on in a new history.
            Page(behind=sweep.behind, sweep=workflow.info().first_execution_run_id),
            **policies.called(
                policies.PRIVACY,
                activity_id=f"behind:{sweep.looked}",
                summary=f"Judge people from {sweep.looked + 1} on",
            ),
        )


def _details(sweep: SweepInput) -> str:
    numbers = {
        "Looked at": sweep.looked,
        "Erased": sweep.erased,
        "Erasure announced": sweep.announced,
        "Consent about to run out": sweep.asked,
    }
    return "\n".join(f"- **{name}:** {number}" for name, number in numbers.items())

"""The preference page, as people see it: by mouse, without scripts, on a phone and in the dark."""

import pytest

from rapport.store.database import Store
from tests.api.doors import SentMail, Visitor, a_mail
from tests.api.test_preferences import ledger
from tests.browser.chromium import Page, Scheme
from tests.browser.conftest import Town
from tests.browser.legible import too_faint, too_wide, without_label
from tests.unit.store.worlds import StandingClock


@pytest.mark.parametrize(
    ("locale", "scheme", "width", "words"),
    [
        ("en-GB", "light", 1280, ("Events", "Save", "Stop all mails")),
        ("de-DE", "dark", 360, ("Einladungen", "Speichern", "Alle Mails beenden")),
    ],
)
async def test_choices_are_made_without_scripts(
    page: Page,
    town: Town,
    visitor: Visitor,
    store: Store,
    clock: StandingClock,
    *,
    locale: str,
    scheme: Scheme,
    width: int,
    words: tuple[str, str, str],
) -> None:
    """She takes one thing off the list, and then wants nothing at all; both are in the ledger in her language."""
    await visitor.person("c_eva", locale=locale)
    mail = await a_mail(store, clock, "c_eva")
    await page.look(width=width, scheme=scheme)
    await page.ask("Emulation.setScriptExecutionDisabled", value=True)
    await page.open(f"{town.api}/p/{mail.token('preferences')}")
    events, save, stop = words
    await page.click(events, leads_away=False)
    await page.click(save)
    saved = (await ledger(store, "c_eva"))[2:]
    await page.click(stop)
    stopped = (await ledger(store, "c_eva"))[2 + len(saved) :]

    assert [("events", "withdrawn", locale[:2])] == [(row.purpose, row.state, row.language) for row in saved]
    assert [("nurture", "withdrawn", locale[:2])] == [(row.purpose, row.state, row.language) for row in stopped]
    assert await page.run("document.querySelector('[role=status]').innerText")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_read(page: Page, town: Town, mail: SentMail, scheme: Scheme) -> None:
    """On the smallest phone nothing is cut off, all words stand out from their ground, and each field has a name."""
    pages = {
        "preferences": f"{town.api}/p/{mail.token('preferences')}",
        "unsubscribe": f"{town.api}/u/{mail.token('unsubscribe')}",
        "no such link": f"{town.api}/c/nothing",
        "inbox": town.inbox,
        "a mail in the inbox": f"{town.inbox}/mails/1",
        "the mail itself": f"{town.inbox}/mails/1/body",
    }
    found = {}
    for width in (360, 1280):
        await page.look(width=width, scheme=scheme)
        for name, url in pages.items():
            await page.open(url)
            found[name, width] = [*await too_wide(page), *await too_faint(page), *await without_label(page)]

    assert {} == {place: problems for place, problems in found.items() if problems}

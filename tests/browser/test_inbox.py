"""The inbox of `rapport dev`, with the mouse."""

from collections import Counter

from sqlalchemy import select

from rapport.store.database import Store
from rapport.store.tables.intake import DeliveryRow, HappeningRow
from tests.api.doors import SentMail
from tests.browser.chromium import Page
from tests.browser.conftest import Town

# In an order in which each still means something: who has left cannot leave again.
_BUTTONS: tuple[tuple[str, str, list[str]], ...] = (
    ("Load images", "Loaded 1 of 1 pictures.", ["opened"]),
    ("Click “how our teams work”", "Clicked: 302 https://jobs.example/backend", ["clicked"]),
    ("Click “Unsubscribe”", "Clicked: 200", []),  # a page that asks
    ("Click “Preferences”", "Clicked: 200", []),
    ("Out of office for a week", "Answered: out of office, back on 2026-03-09.", ["out_of_office"]),
    ("Send the reply", "Replied.", ["replied"]),
    ("Unsubscribe by one click", "Unsubscribed: 200.", ["unsubscribed"]),
    ("Bounce: no such mailbox", "Bounced: no such mailbox (5.1.1).", ["bounced"]),
    ("Complain: mark as spam", "Complained: marked as spam.", ["complained"]),
)


async def test_each_button_does_what_it_says(page: Page, town: Town, store: Store, mail: SentMail) -> None:
    """Every button says what was done; the store knows it, and her walk is told."""
    await page.look(width=1280, scheme="light")
    await page.open(town.inbox)
    await page.click("Welcome to Acme")
    found, known = [], Counter[str]()
    for words, done, _ in _BUTTONS:
        if words == "Send the reply":
            await page.click("text", leads_away=False)
            await page.write("Yes, let us talk.")
        await page.click(words)
        status = str(await page.run("document.querySelector('[role=status]').innerText"))
        before, known = known, await _kinds(store)
        found.append((words, status[: len(done)], list((known - before).elements())))

    assert list(_BUTTONS) == found
    # An open counts in reports; no step of hers asks for it.
    assert set(known) - {"opened"} == set(await _told(store, mail.enrollment))
    assert {button for button, _, _ in _BUTTONS} == set(await page.run(_WORDS))


async def test_a_mail_cannot_run_or_load_anything(page: Page, town: Town) -> None:
    """What the mail links to is not followed from within, and its pixel is not loaded by looking at it."""
    await page.open(f"{town.inbox}/mails/1")
    frame = await page.run("document.querySelector('iframe').getAttribute('sandbox')")
    loaded = await page.run("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")

    assert "" == frame
    assert ["/mails/1/body"] == loaded


_WORDS = "[...document.querySelectorAll('button')].map(button => button.innerText)"


async def _kinds(store: Store) -> Counter[str]:
    async with store.read() as tx:
        return Counter((await tx.scalars(select(HappeningRow.kind))).all())


async def _told(store: Store, enrollment: str) -> list[str]:
    """What her walk is told, or will be."""
    query = select(HappeningRow.kind).join(DeliveryRow, DeliveryRow.happening == HappeningRow.id)
    async with store.read() as tx:
        return list(
            (await tx.scalars(query.where(DeliveryRow.enrollment == enrollment).order_by(DeliveryRow.id))).all()
        )

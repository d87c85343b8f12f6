"""The demo ATS's page, as whoever tries `rapport dev` uses it: by keyboard, on a phone and in the dark."""

from typing import Any

import pytest

from rapport.ats.demo.courier import Hook
from rapport.ats.demo.server import DemoAts
from rapport.ats.demo.serving import served
from tests.browser.chromium import Page, Scheme
from tests.browser.legible import too_faint, too_wide, without_label

_MOST_TABS = 20


def _ats(*, hooks: bool = False) -> DemoAts:
    ats = DemoAts(hooks=[Hook(url="http://127.0.0.1:1/in")] if hooks else [])
    for first, last in (("Ana", "Lima"), ("Bärbel", "von Langenscheidt-Donaudampfschifffahrt")):
        address = f"{first.lower()}.with.a.long.address.that.does.not.end@people-of-a-long-domain.test"
        ats.apply(ats.new_person(first_name=first, last_name=last, emails=[address]), "Backend Engineer")
    return ats


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_can_be_read(page: Page, scheme: Scheme) -> None:
    """On the smallest phone nothing is cut off, words stand out, and each field and button says what it is for."""
    ats, found = _ats(hooks=True), {}
    await ats.deliver()
    async with served(ats.app()) as address:
        for width in (360, 1280):
            await page.look(width=width, scheme=scheme)
            await page.open(address)
            found[width] = [*await too_wide(page), *await too_faint(page), *await without_label(page)]
        said = await page.text()

    assert {360: [], 1280: []} == found
    assert "Webhooks that were not taken: 4" in said


async def test_a_recruiter_needs_no_mouse(page: Page) -> None:
    """She rejects, takes it back, merges and deletes with Tab and Enter, and stays at the person she was at."""
    ats = _ats()
    async with served(ats.app()) as address:
        await page.open(address)
        status = []
        for deed in ("Reject: Ana", "Take it back: Ana", "Hire: Ana", "Take it back: Ana"):
            await _press(page, deed)
            status.append((ats.find_application("p-1-1")[1]["status"], await page.run("location.hash")))
        await _press(page, "More about Ana", leads_away=False)
        await _press(page, "Merge Ana Lima")
        merged = [len(person.applications) for _, person in ats.present()]
        await _press(page, "More about Bärbel", leads_away=False)
        await _press(page, "Delete Bärbel")

    assert [(word, "#p-1") for word in ("rejected", "active", "hired", "active")] == status
    assert ([2], []) == (merged, ats.present())


async def _press(page: Page, label: str, *, leads_away: bool = True) -> None:
    """Go to it with Tab, and press Enter."""
    for _ in range(_MOST_TABS):
        await _key(page, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        if str(await page.run("document.activeElement.ariaLabel")).startswith(label):
            break
    else:
        pytest.fail(f"Tab does not lead to {label!r}")
    page.loaded.clear()
    await _key(page, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    if leads_away:
        await page.loaded.wait()


async def _key(page: Page, **key: Any) -> None:
    for kind in ("keyDown", "keyUp"):
        await page.ask("Input.dispatchKeyEvent", type=kind, **key)

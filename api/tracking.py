"""Links and pixels of our mails: what candidates do is stored, and they get where the mail said, nowhere else."""

import base64

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import pages
from api.door import Behind, Door
from api.set_aside import STORE_IS_AWAY
from api.visits import note, visit_of
from rapport.errors import RapportError
from rapport.store import sends
from rapport.usecases.shelf import live_project

router = APIRouter(tags=["mail"])
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_PIXEL_HEADERS = {"Cache-Control": "no-store, private, max-age=0", "X-Robots-Tag": "noindex"}
_CLICK_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@router.head("/c/{token:path}", include_in_schema=False)
@router.get(
    "/c/{token:path}",
    operation_id="follow_link",
    summary="Follow a link of a mail",
    status_code=302,
    response_class=RedirectResponse,
    responses={
        302: {"description": "To the destination that was stored with the send."},
        404: {"description": "A page."},
        503: {"description": "A page that tries again by itself; the click is kept."},
    },
)
async def click(token: str, request: Request, behind: Behind) -> Response:
    """Store the click and go to the stored destination; a link that we did not make goes nowhere."""
    read = behind.house.signer.read(token)
    if read is None or read.kind != "click":
        return pages.link_is_gone(organization=await organization_name(behind))
    visit = visit_of(request, behind, token)
    try:
        async with behind.store.read() as tx:
            link = await sends.link(tx, read.send, read.number)
    except STORE_IS_AWAY:
        await behind.set_aside.put(visit)
        return pages.one_moment()
    if link is None:
        return pages.link_is_gone(organization=await organization_name(behind))
    await note(behind, visit)
    return RedirectResponse(link.url, 302, headers=_CLICK_HEADERS)


@router.head("/o/{token:path}", include_in_schema=False)
@router.get(
    "/o/{token:path}",
    operation_id="load_pixel",
    summary="Load the pixel of a mail",
    response_class=Response,
    responses={200: {"content": {"image/gif": {}}, "description": "Always the same 43 bytes."}},
)
async def opened(token: str, request: Request, behind: Behind) -> Response:
    """Answer the same to everybody; the open is stored only with the person's consent to tracking."""
    text = token.removesuffix(".gif")
    read = behind.house.signer.read(text)
    if read is not None and read.kind == "open":
        await note(behind, visit_of(request, behind, text))
    return Response(PIXEL, media_type="image/gif", headers=_PIXEL_HEADERS)


async def organization_name(behind: Door) -> str | None:
    """Who sends; None before anything was published, and while the store is away."""
    try:
        async with behind.store.read() as tx:
            return (await live_project(tx)).organization.name
    except RapportError:
        return None

"""What a candidate's browser sends: the form, and what proves later who pressed the button."""

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from rapport.crm.visit_verdict import network_of

_MOST_FIELDS = 200  # two for each purpose of a project, with room
_LONGEST_AGENT = 200


async def form_of(request: Request) -> FormData:
    """The fields of a form; none when the body is no form."""
    try:
        return await request.form(max_files=1, max_fields=_MOST_FIELDS)
    except HTTPException:
        return FormData()


def proof_of(request: Request, *, door: str) -> dict[str, str]:
    """By which door it came, from which network, and with which program; as the ledger of consent keeps it."""
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    return {key: value for key, value in {"door": door, "network": _network(request), "agent": agent}.items() if value}


def _network(request: Request) -> str:
    """Where they came from; a proxy of ours, at an address of our own network, says it."""
    peer = network_of(request.client.host if request.client else None)
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return peer or network_of(said)

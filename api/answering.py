"""Answering a POST or PATCH that acts once: the stored answer, as a problem where it is one."""

from fastapi.responses import JSONResponse

from api.door import Door
from api.idempotency import Act, Call, once
from api.problems import MEDIA_TYPE

_FIRST_ERROR = 400


async def answer_once(behind: Door, call: Call, act: Act) -> JSONResponse:
    """Do it, or find what was answered before; a refusal is answered as a problem."""
    answer = await once(behind, call, act)
    kind = MEDIA_TYPE if answer.status >= _FIRST_ERROR else None
    return JSONResponse(dict(answer.body), answer.status, media_type=kind)

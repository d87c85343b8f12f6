"""Tasks: what sequences and conversations ask colleagues to do."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answering import answer_once
from api.door import Behind, Door
from api.idempotency import Answer, Call, Key
from api.keys import Caller
from api.paging import After, Limit, Page, cut
from api.problems import documented
from api.shapes import Request, Word
from rapport.store.database import Tx
from rapport.store.tables.tasks import TaskRow
from rapport.usecases import todo
from rapport.usecases.todo import Wanted

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

TaskName = Annotated[Word, Path(description="The id of a task.", examples=["t_4n2k7q9w3e5r8t6y1u0i2o4p"])]


class Task(BaseModel):
    """Something that a colleague is asked to do."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["t_4n2k7q9w3e5r8t6y1u0i2o4p"])
    assignee: str = Field(description="A key of `people`.", examples=["anna-koch"])
    title: str
    due_at: datetime | None
    state: Literal["open", "done"]
    at: datetime = Field(description="Walk time at which it was asked for.")
    candidate: str | None
    enrollment: str | None = Field(description="The walk that asked, if one did.")
    step: str | None
    done_at: datetime | None
    done_by: str | None


class TaskPage(Page[Task]):
    """Some tasks, those first that are due first."""


class TaskDone(Request):
    """Who did it."""

    by: Word | None = Field(default=None, description="Who did it; else the name of your API key.")


class TaskHandedOn(Request):
    """Who is to do it now."""

    assignee: Word = Field(description="A key of `people`.", examples=["anna-koch"])


@router.get("", operation_id="list_tasks", summary="List tasks", responses=documented(400, 401, 422))
async def index(
    behind: Behind,
    _: Caller,
    assignee: Annotated[Word | None, Query(description="Only of this colleague.")] = None,
    candidate: Annotated[Word | None, Query(description="Only about this candidate.")] = None,
    state: Annotated[Literal["open", "done"] | None, Query(description="Only open or only done ones.")] = None,
    overdue: Annotated[bool | None, Query(description="Only open ones whose day is over.")] = None,
    after: After = "",
    limit: Limit = 50,
) -> TaskPage:
    """List tasks page by page; those without a day come last."""
    wanted = Wanted(
        assignee=assignee, candidate=candidate, state=state, overdue_at=behind.clock.now() if overdue else None
    )
    async with behind.store.read() as tx:
        rows = await todo.listed(tx, wanted, after=after, limit=limit + 1)
    page, following = cut(rows, limit, todo.mark)
    return TaskPage(items=[Task.model_validate(row) for row in page], next=following)


@router.get("/{task}", operation_id="get_task", summary="Look at a task", responses=documented(401, 404, 422))
async def look(task: TaskName, behind: Behind, _: Caller) -> Task:
    """Show one task."""
    async with behind.store.read() as tx:
        return Task.model_validate(await todo.find(tx, task))


@router.post(
    "/{task}/done",
    operation_id="finish_task",
    summary="Say that a task is done",
    response_model=Task,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def done(task: TaskName, asked: TaskDone, key: Key, behind: Behind, caller: Caller) -> JSONResponse:
    """Mark a task as done; who did it first stands."""

    async def act(tx: Tx) -> TaskRow:
        return await todo.done(tx, task, at=behind.clock.now(), by=asked.by or f"api: {caller}")

    return await _once(behind, key, "finish_task", {"task": task, **asked.model_dump()}, act)


@router.post(
    "/{task}/reopen",
    operation_id="reopen_task",
    summary="Open a task again",
    response_model=Task,
    responses=documented(400, 401, 404, 409, 422, 503),
)
async def reopen(task: TaskName, key: Key, behind: Behind, _: Caller) -> JSONResponse:
    """Open a task that was done."""
    return await _once(behind, key, "reopen_task", {"task": task}, lambda tx: todo.reopen(tx, task))


@router.post(
    "/{task}/reassign",
    operation_id="reassign_task",
    summary="Hand a task to somebody else",
    response_model=Task,
    responses=documented(400, 401, 404, 409, 413, 422, 503),
)
async def reassign(task: TaskName, asked: TaskHandedOn, key: Key, behind: Behind, _: Caller) -> JSONResponse:
    """Hand a task to another colleague."""
    told = {"task": task, **asked.model_dump()}
    return await _once(behind, key, "reassign_task", told, lambda tx: todo.reassign(tx, task, asked.assignee))


async def _once(
    behind: Door, key: str, operation: str, told: dict[str, Any], change: Callable[[Tx], Awaitable[TaskRow]]
) -> JSONResponse:
    async def act(tx: Tx) -> Answer:
        return Answer(200, Task.model_validate(await change(tx)).model_dump(mode="json"))

    return await answer_once(behind, Call(key=key, operation=operation, asked=told), act)

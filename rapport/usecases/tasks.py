"""To-dos for colleagues: what a `task` step asks for, and walks that stand still."""

import re
from datetime import datetime

from rapport.clock import Clock
from rapport.dsl import model
from rapport.engine.calendar import add
from rapport.engine.places import home_of_person
from rapport.errors import BadInput
from rapport.ids import happening_id
from rapport.mail.merge import DataMissing
from rapport.store.database import Tx
from rapport.usecases import todo
from rapport.usecases.mail_context import context_of, fill_in
from rapport.usecases.senders import recruiter_of
from rapport.usecases.snapshot import situation
from rapport.usecases.standing import Standing, standing

_BLANK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_OWNER_RECRUITER = "owner-recruiter"


async def add_task(tx: Tx, clock: Clock, here: Standing, step: str, task: model.Task) -> None:
    """Give the task to whom it names; a person who is not there (any more) hands it to the sequence's owner."""
    home = home_of_person(here.situation, here.project)
    title = await _title(tx, here, step, task)
    due = add(here.at, task.due, home.zone, home.country)
    await todo.ask(tx, _asked(here, step, assignee=_assignee(here, task), title=title, due_at=due), now=clock.now())


async def ask_owner(tx: Tx, clock: Clock, here: Standing, step: str, reason: str) -> None:
    """Ask the sequence's owner to look at a walk that stands still; a task for this step that was done opens again."""
    title = f"{here.row.id} stands still at {step}: {reason}. Retry the step or skip it."
    await todo.ask_again(tx, _asked(here, step, assignee=here.owner, title=title), now=clock.now())


async def ask_to_read(tx: Tx, clock: Clock, enrollment: str, happening: str, *, at: datetime) -> None:
    """Ask the person's recruiter to read a reply that asks for no more mails, among other things."""
    here = await standing(tx, enrollment, at)
    title = f"A reply to {enrollment} asks for fewer mails or none. Read it (`rapport replies`), then resume or cancel."
    assignee = recruiter_of(here, "owner") or here.owner
    asked = _asked(here, f"reply:{happening}", assignee=assignee, title=title)
    await todo.ask(tx, asked, now=clock.now())


def _asked(here: Standing, step: str, *, assignee: str, title: str, due_at: datetime | None = None) -> todo.Asked:
    return todo.Asked(
        key=todo.step_key(here.row.id, step),
        assignee=assignee,
        title=title,
        at=here.at,
        due_at=due_at,
        candidate=here.row.candidate,
        enrollment=here.row.id,
        step=step,
    )


def _assignee(here: Standing, task: model.Task) -> str:
    if task.assignee == _OWNER_RECRUITER:
        return recruiter_of(here, "owner") or here.owner
    return task.assignee if task.assignee in here.project.people else here.owner


async def _title(tx: Tx, here: Standing, step: str, task: model.Task) -> str:
    """The title with what is known now; a task without a name is better than none."""
    known, plan, project = await situation(tx, here.row.id, here.at)
    context = context_of(known, plan, project, sender=("", ""))
    nonce = happening_id(f"title\n{here.row.id}\n{step}").removeprefix("h_")
    try:
        return fill_in(task.title, context, nonce=nonce, file=f"{here.row.sequence}.yaml")
    except (BadInput, DataMissing):
        return _BLANK.sub("…", task.title)

"""Which mail a preview is about, and as which step of which sequence it goes out."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.dsl.model import Send
from rapport.dsl.plan import PLAN_FORMAT, Plan
from rapport.dsl.project import Project
from rapport.dsl.workspace import Workspace
from rapport.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A mail and where it is sent; `owner` is a key of `people`, `title` None for a mail that no sequence sends."""

    mail: str
    send: Send
    step: str
    plan: Plan
    owner: str
    title: str | None

    @property
    def before(self) -> Send | None:
        """The mail into whose thread this one goes: the one before it in the file; None when it opens its own."""
        if not self.send.reply_to_previous:
            return None
        place = self.plan.node(self.step).index
        earlier = [node.action for node in self.plan.nodes[:place] if isinstance(node.action, Send)]
        return earlier[-1] if earlier else None


def occasions(workspace: Workspace, project: Project, name: str, step: str | None = None) -> list[Occasion]:
    """The mails of a sequence, or of one step of it, in the order of the file; else the mail of this name.

    A sequence goes before a mail of the same name; `welcome.md` is always the mail. NotFound when there is neither.
    """
    mail = name.removeprefix("mails/").removesuffix(".md")
    if mail == name and name in workspace.sequences:
        return _of_steps(list(_of_sequence(workspace, name)), name, step)
    if mail not in workspace.texts.names:
        known = ", ".join(sorted({*workspace.sequences, *workspace.texts.names})) or "none"
        raise NotFound(kind="sequence or mail", name=name, hint=f"There are: {known}.")
    sent = (occasion for sequence in workspace.sequences for occasion in _of_sequence(workspace, sequence))
    found = next((occasion for occasion in sent if occasion.mail == mail and step in (None, occasion.step)), None)
    if found is None and step is not None:
        raise NotFound(kind="send step", name=step, hint=f"No step of this name sends {mail}.")
    return [found or _alone(mail, project)]


def _of_steps(found: list[Occasion], name: str, step: str | None) -> list[Occasion]:
    chosen = [occasion for occasion in found if step in (None, occasion.step)]
    if not chosen:
        steps = ", ".join(occasion.step for occasion in found) or "none"
        raise NotFound(kind="send step", name=step or "send", hint=f"Send steps of {name}: {steps}.")
    return chosen


def _of_sequence(workspace: Workspace, name: str) -> Iterator[Occasion]:
    checked = workspace.sequences[name]
    for node in checked.plan.nodes:
        if isinstance(node.action, Send):
            yield Occasion(
                mail=node.action.mail,
                send=node.action,
                step=node.id,
                plan=checked.plan,
                owner=checked.tree["owner"],
                title=checked.tree["title"],
            )


def _alone(mail: str, project: Project) -> Occasion:
    """A mail that no sequence sends yet goes out as the only step of one, from the first sender."""
    sender, purpose, owner = (next(iter(named), "") for named in (project.senders, project.purposes, project.people))
    node = {"id": mail, "send": mail, "from": sender}
    plan = Plan.read({"plan": PLAN_FORMAT, "sequence": mail, "purpose": purpose, "nodes": [node]})
    send = plan.nodes[0].action
    assert isinstance(send, Send)  # noqa: S101  # written two lines above
    return Occasion(mail=mail, send=send, step=mail, plan=plan, owner=owner, title=None)

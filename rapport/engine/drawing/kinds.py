"""The five kinds of boxes, so that mails, waits and decisions are told apart at a glance."""

from typing import Final, Literal, TypeAlias

from rapport.dsl import model
from rapport.dsl.plan import Node

Kind: TypeAlias = Literal["send", "wait", "decide", "act", "end"]

KINDS: Final[tuple[Kind, ...]] = ("send", "wait", "decide", "act", "end")


def kind_of(node: Node) -> Kind:
    """Which kind of box a step is."""
    match node.action:
        case model.Send():
            return "send"
        case model.Wait() | model.WaitUntil() | model.WaitFor():
            return "wait"
        case model.If() | model.Split():
            return "decide"
        case model.Stop(condition=condition):
            return "end" if condition is None else "decide"
        case _:
            return "act"

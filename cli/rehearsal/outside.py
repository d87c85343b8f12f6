"""What the world outside answers to one case: what its `mocks` say, and else yes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from rapport.dsl.plan import Plan
from rapport.errors import TemporaryFailure
from rapport.ids import send_id
from rapport.mail.tokens import Signer
from rapport.ports import Delivery

Known = Callable[[], Awaitable[Mapping[str, Any]]]


class Mocks:
    """The answers by step id; `asking` is the step that is being done, which an ATS is not told."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        """Keep what the case says."""
        self._answers = answers
        self.asking = ""

    def fails(self, step: str) -> bool:
        """Whether the other side is not to be reached at this step."""
        answer = self._answers.get(step)
        return isinstance(answer, Mapping) and answer.get("fails") is True

    def answer(self, step: str) -> Mapping[str, Any] | None:
        """What is answered at this step; None where the case does not say. TemporaryFailure when it fails."""
        if self.fails(step):
            raise TemporaryFailure("mock", hint="The case says that this step fails.")
        return self._answers.get(step)


class CaseAts:
    """An ATS that knows what the store knows."""

    def __init__(self, mocks: Mocks, known: Mapping[str, Known]) -> None:
        """Read from `known` what the case has no mock for."""
        self._mocks, self._known = mocks, known

    async def read(self, what: Literal["application", "candidate"], *, candidate: str) -> Mapping[str, Any]:
        """What the case says, else what is known."""
        del candidate
        answer = self._mocks.answer(self._mocks.asking)
        return await self._known[what]() if answer is None else answer

    async def write(self, how: str, what: str, *, candidate: str, key: str, text: str = "") -> None:
        """Take it."""
        del how, what, candidate, key, text
        self._mocks.answer(self._mocks.asking)


class CaseWebhooks:
    """Targets that take every call."""

    def __init__(self, mocks: Mocks) -> None:
        """Fail where the case says so."""
        self._mocks = mocks

    async def call(self, target: str, data: Mapping[str, Any], *, key: str) -> None:
        """Take it."""
        del target, data, key
        self._mocks.answer(self._mocks.asking)


class CaseMailer:
    """A mail server that takes every mail, and keeps none."""

    def __init__(self, mocks: Mocks, signer: Signer, enrollment: str, plan: Plan) -> None:
        """Know the steps by the numbers of their sends."""
        self._mocks, self._signer = mocks, signer
        self._steps = {send_id(enrollment, node.id): node.id for node in plan.nodes}

    async def deliver(self, raw: bytes, *, sender: str, recipient: str) -> Delivery:
        """Take it; the address that bounces come back to says which step's mail it is."""
        del raw, recipient
        token = self._signer.read(sender.partition("@")[0].partition("+")[2])
        step = self._steps.get(token.send, "") if token else ""
        if self._mocks.fails(step):
            return Delivery(status="retry", code=451, reason="mock")
        return Delivery(status="accepted", code=250)

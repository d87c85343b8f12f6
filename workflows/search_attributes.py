"""What lists in Temporal UI are filtered by; every value is an id or a word of the company's own."""

import re
from collections.abc import Mapping

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from rapport.errors import ConfigurationError
from workflows.messages import WalkInput

SEQUENCE = SearchAttributeKey.for_keyword("RapportSequence")
VERSION = SearchAttributeKey.for_keyword("RapportVersion")
STEP = SearchAttributeKey.for_keyword("RapportStep")
STATE = SearchAttributeKey.for_keyword("RapportState")
OWNER = SearchAttributeKey.for_keyword("RapportOwner")
CANDIDATE = SearchAttributeKey.for_keyword("RapportCandidate")
KEYS = (SEQUENCE, VERSION, STEP, STATE, OWNER, CANDIDATE)

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
# 48 bits tell the versions of a sequence apart; a whole hash makes the column unreadable.
_VERSION_LENGTH = 12
# A keyword over 2,048 bytes fails the workflow for good; a stop's reason is free text.
_LONGEST_STATE = 80


class SearchAttributesMissing(ConfigurationError):
    """The Temporal server does not know our search attributes: walks would stick at their first step."""

    def __init__(self, *, names: tuple[str, ...], namespace: str) -> None:
        self.names, self.namespace = names, namespace
        options = " ".join(f"--name {name} --type Keyword" for name in names)
        super().__init__(
            f"Temporal's namespace {namespace!r} has no search attributes {', '.join(names)}.",
            hint=f"Run: temporal operator search-attribute create --namespace {namespace} {options}",
        )


def registration() -> Mapping[str, str]:
    """Every attribute with the type that a server registers it as."""
    return {key.name: "Keyword" for key in KEYS}


def at_start(walk: WalkInput) -> TypedSearchAttributes:
    """What is known when a walk starts."""
    values = {
        SEQUENCE: walk.sequence,
        VERSION: walk.version[:_VERSION_LENGTH],
        OWNER: walk.owner,
        CANDIDATE: walk.enrollment.split("/")[1],
        STATE: "started",
    }
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in values.items()])


def ended(end: str) -> str:
    """The final state: `ended:replied`, `ended:goal:applied`, `ended:back-in-a-process`."""
    words = re.sub(r"[^a-z0-9:]+", "-", end.lower().replace(": ", ":")).strip("-")
    return f"ended:{words}"[:_LONGEST_STATE]


async def missing_search_attributes(client: Client) -> tuple[str, ...]:
    """The names that the server does not know as keywords; empty when all is well."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    return tuple(key.name for key in KEYS if known.get(key.name) != _KEYWORD)


async def require_search_attributes(client: Client) -> None:
    """Refuse to go on without them: an unknown one would stick every walk without an error anywhere."""
    names = await missing_search_attributes(client)
    if names:
        raise SearchAttributesMissing(names=names, namespace=client.namespace)

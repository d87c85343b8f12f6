"""How values become payloads: pydantic's JSON, with the work of understanding a type done once per process."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, pydantic_data_converter
from temporalio.converter import CompositePayloadConverter, DefaultPayloadConverter, JSONPlainPayloadConverter


@lru_cache(maxsize=256)  # a dozen types pass; the bound is for whatever a client may ask for
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


class _Json(PydanticJSONPlainPayloadConverter):
    """Temporal makes a converter for every walk; adapters of its own would cost each cold wake 2 ms a type."""

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Read a payload as its type."""
        return _adapter(Any if type_hint is None else type_hint).validate_json(payload.data)


class WalkPayloadConverter(CompositePayloadConverter):
    """The default converter with our JSON in the place of the plain one."""

    def __init__(self) -> None:
        """Keep the default order of encodings."""
        json = _Json()
        defaults = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(json if isinstance(one, JSONPlainPayloadConverter) else one for one in defaults))


walk_data_converter = replace(pydantic_data_converter, payload_converter_class=WalkPayloadConverter)

"""From schema errors to problems in plain words; one mistake is one problem."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from rapport.dsl.key_phrases import KeyPhrases
from rapport.dsl.loader import Loaded
from rapport.dsl.mistake import Mistake
from rapport.dsl.phrase_places import Places
from rapport.dsl.problem import Problem, in_order
from rapport.dsl.value_phrases import ValuePhrases

# One more than a check shows of one file, so that it knows of the rest.
_MOST = 101
_SIZES = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems")


class Phrases:
    """Turns the mistakes of one file into problems."""

    def __init__(self, loaded: Loaded, mistakes: Sequence[Mistake]) -> None:
        """Choose who speaks of which mistake, by the keyword of the schema."""
        self._mistakes = mistakes
        places = Places(loaded)
        keys, values = KeyPhrases(places, mistakes), ValuePhrases(places)
        self._phrases: Mapping[str, Callable[[Mistake], Iterator[Problem]]] = {
            "additionalProperties": keys.unknown_keys,
            "required": keys.missing_key,
            "anyOf": keys.none_of,
            "not": keys.both_of,
            **dict.fromkeys(("minProperties", "maxProperties"), keys.wrong_count),
            "type": values.wrong_type,
            "enum": values.wrong_word,
            "const": values.wrong_constant,
            "pattern": values.wrong_shape,
            **dict.fromkeys(_SIZES, values.wrong_size),
        }

    def problems(self) -> tuple[Problem, ...]:
        """Every mistake, said once."""
        known = (mistake for mistake in self._mistakes if mistake.keyword in self._phrases)
        phrased = (problem for mistake in known for problem in self._phrases[mistake.keyword](mistake))
        return in_order(islice(phrased, _MOST))

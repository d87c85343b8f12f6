"""Which words name the same skill: the word itself, a declared synonym, or a slip of the pen."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz.distance import OSA

# What people put between words: `node.js`, `node-js` and `Node JS` are one. `+` and `#` tell C from C++ and C#.
_BETWEEN = re.compile(r"[\s._/\\-]+")
_NO_LETTERS = re.compile(r"[^\W\d_]+")
# Below, one letter makes another skill: java and kava, nextjs and nestjs.
_SHORTEST = 7
# From here on, two slips are still more likely than another word.
_LONG = 11
# Distinct words that are kept: a company's people have some thousand skills, and a hostile list has no end.
_MOST_KEPT = 100_000


class Likeness(IntEnum):
    """How sure it is that two words name one skill, in percent of its points."""

    SPELLING = 90
    SYNONYM = 100
    SAME = 101


@dataclass(frozen=True, slots=True)
class Found:
    """A wanted skill that somebody has: how sure that is, and in which words they have it."""

    likeness: Likeness
    written: str


def form(word: str) -> str:
    """A word without what people write differently: capitals, spaces, hyphens, dots."""
    plain = unicodedata.normalize("NFKC", word).casefold().strip()
    return _BETWEEN.sub("", plain) or plain


class Skills:
    """Finds wanted skills among the words of many people; the same words are looked at once."""

    def __init__(self, wanted: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> None:
        """`synonyms` name, for a word, others that mean the same; that holds in both directions."""
        self._names = _one_name(synonyms)
        self._wanted = [(form(word), self._name(form(word))) for word in wanted]
        # Who knows another skill has not misspelled this one.
        self._known = {*self._names, *(word for word, _ in self._wanted)}
        self._called = self._by_name()
        self._spelled = self._by_letter()
        self._seen: dict[str, Mapping[int, Likeness]] = {}

    def _by_name(self) -> Mapping[str, Sequence[int]]:
        """The places of the wanted skills that have a name."""
        called = defaultdict[str, list[int]](list)
        for place, (_, name) in enumerate(self._wanted):
            called[name].append(place)
        return called

    def _by_letter(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """What the wanted skills are called, by the first letter, which nobody misspells."""
        spelled = defaultdict[str, list[tuple[int, str]]](list)
        for place, (wanted, name) in enumerate(self._wanted):
            for word in {wanted, *(word for word, its_name in self._names.items() if its_name == name)}:
                spelled[word[:1]].append((place, word))
        return spelled

    def among(self, words: Iterable[str]) -> Mapping[int, Found]:
        """The wanted skills that these words name, by their place in `wanted`; the surest word of each."""
        found: dict[int, Found] = {}
        for word in words:
            for place, likeness in self._look(word).items():
                best = found.get(place)
                # At a tie the word that comes first in the alphabet, whatever the order of the list.
                if best is None or (likeness, best.written) > (best.likeness, word):
                    found[place] = Found(likeness, word)
        return found

    def _look(self, word: str) -> Mapping[int, Likeness]:
        known = self._seen.get(word)
        if known is None:
            if len(self._seen) >= _MOST_KEPT:
                self._seen.clear()
            known = self._seen[word] = self._compare(form(word))
        return known

    def _compare(self, word: str) -> Mapping[int, Likeness]:
        if word in self._known:
            places = self._called.get(self._name(word), ())
            return {place: Likeness.SAME if word == self._wanted[place][0] else Likeness.SYNONYM for place in places}
        alike = self._spelled.get(word[:1], ())
        return {place: Likeness.SPELLING for place, meant in alike if misspelled(word, meant)}

    def _name(self, word: str) -> str:
        return self._names.get(word, word)


def misspelled(word: str, meant: str) -> bool:
    """Whether one is the other with a letter wrong, missing, too many or out of place; two in long words.

    The first letter is right, and digits and signs are the same: `python2` is not `python3`, nor `c#` `c++`.
    """
    shorter = min(len(word), len(meant))
    if shorter < _SHORTEST or word[:1] != meant[:1] or _NO_LETTERS.sub("", word) != _NO_LETTERS.sub("", meant):
        return False
    most = 2 if shorter >= _LONG else 1
    return OSA.distance(word, meant, score_cutoff=most) <= most


def _one_name(synonyms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """One name for all words that mean the same, also by way of a third one: the first in the alphabet."""
    groups: dict[str, set[str]] = {}
    for word, others in synonyms.items():
        together = {form(word), *map(form, others)}
        for each in list(together):
            together |= groups.get(each, set())
        for each in together:
            groups[each] = together
    return {word: min(group) for word, group in groups.items()}

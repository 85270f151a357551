"""An answer to a numbered list: which option a person means."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from services.rules.pinyin import Style, lazy_pinyin, pinyin
from services.rules.text import fold, likeness


class Option(Protocol):
    """One item of a list, such as `services.schemes.models.Option`."""

    @property
    def value(self) -> str:
        """What is kept."""
        ...

    @property
    def label(self) -> str:
        """What is shown."""
        ...

    @property
    def aliases(self) -> Sequence[str]:
        """Other words for it."""
        ...


@dataclass(frozen=True)
class Matched:
    """Exactly one option is meant; `index` counts from 0."""

    index: int


@dataclass(frozen=True)
class Ambiguous:
    """Several are meant equally well; indices in the order of the list."""

    candidates: tuple[int, ...]


@dataclass(frozen=True)
class NotMatched:
    """None is meant; `suggestions` are the nearest, best first, possibly none (three at most)."""

    suggestions: tuple[int, ...]


Answer = Matched | Ambiguous | NotMatched

_HAN_NUMBERS = {character: value for value, character in enumerate("一二三四五六七八九十", start=1)} | {
    "两": 2
}
_NUMBER = re.compile(
    r"(?:选择|选|第|no\.?|#)*[(\[【]?(\d{1,3}|[一二两三四五六七八九十]{1,3})[)\]】]?(?:个|项|号|条|种)?[.、。,,:!]*"
)
_NUMBER_AND_LABEL = re.compile(r"[(\[【]?(\d{1,3})[)\]】]?[.、,:\-]?(\D.*)")
_ENOUGH_ALIKE = 0.4
_SUGGESTIONS = 3


def match(text: str, options: Sequence[Option]) -> Answer:
    """Find the option that `text` means.

    In this order: its number (`2`, `２`, `②`, `第2个`, `二`) or its label, value or alias as a whole; number and label
    together (`2、大专`); pinyin initials (`dx` for 大学) or the whole pinyin; an unambiguous beginning of either.
    """
    sure = _sure(text, options, lambda option: (option.label, option.value, *option.aliases))
    return sure if sure is not None else _shortened(text, options)


def match_exact(text: str, options: Sequence[Option]) -> Answer:
    """As `match`, for lists that allow no abbreviations (D8): only the number or the item's full label or value.

    An abbreviation, alias or pinyin is `NotMatched`, with the items it stands for as suggestions.
    """
    sure = _sure(text, options, lambda option: (option.label, option.value))
    if sure is not None:
        return sure
    match match(text, options):
        case Matched(index):
            return NotMatched((index,))
        case Ambiguous(candidates):
            return NotMatched(candidates[:_SUGGESTIONS])
        case NotMatched() as nothing:
            return nothing


def _sure(
    text: str, options: Sequence[Option], spellings: Callable[[Option], tuple[str, ...]]
) -> Answer | None:
    """By number or by a whole spelling; None when it is neither."""
    typed = fold(text)
    if not typed:
        return NotMatched(())
    indices = {
        i for i, option in enumerate(options) if typed in {fold(spelling) for spelling in spellings(option)}
    }
    numbered = _NUMBER.fullmatch(typed)
    if numbered is not None:
        index = _number(numbered[1]) - 1
        if 0 <= index < len(options):
            indices.add(index)
        if not indices:
            return NotMatched(())
    if indices:
        return _one_of(indices)
    both = _NUMBER_AND_LABEL.fullmatch(typed)
    if both is not None and 1 <= int(both[1]) <= len(options):
        index = int(both[1]) - 1
        named = {
            i
            for i, option in enumerate(options)
            if both[2] in {fold(spelling) for spelling in spellings(option)}
        }
        if named:
            return _one_of(named | {index})
    return None


def _shortened(text: str, options: Sequence[Option]) -> Answer:
    typed = fold(text)
    if typed.isascii() and typed.isalpha():
        for test in (_has_initials, _has_pinyin, _begins_initials):
            if indices := {i for i, option in enumerate(options) if test(option.label, typed)}:
                return _one_of(indices)
    beginnings = {
        i
        for i, option in enumerate(options)
        if any(fold(spelling).startswith(typed) for spelling in (option.label, *option.aliases))
    }
    if beginnings:
        return _one_of(beginnings)
    return NotMatched(_nearest(typed, options))


def _one_of(indices: set[int]) -> Matched | Ambiguous:
    return Matched(next(iter(indices))) if len(indices) == 1 else Ambiguous(tuple(sorted(indices)))


def _number(typed: str) -> int:
    if typed.isdigit():
        return int(typed)
    tens, ten, units = typed.partition("十")
    if not ten:
        return _HAN_NUMBERS[typed] if len(typed) == 1 else 0
    return (_HAN_NUMBERS.get(tens, 0) if tens else 1) * 10 + (_HAN_NUMBERS.get(units, 0) if units else 0)


def _nearest(typed: str, options: Sequence[Option]) -> tuple[int, ...]:
    scored = []
    for index, option in enumerate(options):
        spellings = [fold(spelling) for spelling in (option.label, *option.aliases)]
        shortened = len(typed) > 1 and any(
            _in_order(typed, spelling) or spelling in typed for spelling in spellings
        )
        score = 1.0 if shortened else max(likeness(typed, spelling) for spelling in spellings)
        if score >= _ENOUGH_ALIKE:
            scored.append((-score, index))
    return tuple(index for _, index in sorted(scored)[:_SUGGESTIONS])


def _in_order(typed: str, spelling: str) -> bool:
    """Whether all characters of `typed` occur in `spelling` in this order (大本 in 大学本科)."""
    rest = iter(spelling)
    return all(character in rest for character in typed)


def _has_initials(label: str, typed: str) -> bool:
    initials = _initials(label)
    return len(initials) == len(typed) and _begins_initials(label, typed)


def _begins_initials(label: str, typed: str) -> bool:
    initials = _initials(label)
    return len(typed) <= len(initials) and all(
        c in possible for c, possible in zip(typed, initials, strict=False)
    )


def _has_pinyin(label: str, typed: str) -> bool:
    return _whole_pinyin(label) == typed


@lru_cache(maxsize=2048)
def _initials(label: str) -> tuple[frozenset[str], ...]:
    """For each character of the label the first letters it may be read with (大 is d in 大学 and d in 大夫)."""
    letters = "".join(character for character in fold(label) if character.isalnum())
    return tuple(
        frozenset(reading[:1].lower() for reading in readings)
        for character in letters
        for readings in pinyin(character, style=Style.NORMAL, heteronym=True)
    )


@lru_cache(maxsize=2048)
def _whole_pinyin(label: str) -> str:
    return "".join(lazy_pinyin(fold(label))).lower()

"""One file, several schemes: a document with `[[parameters]]` stands for one scheme a combination of their values.

    [[parameters]]
    key = "level"
    values = [{ key = "four", label = "四级/中级工" }, { key = "three", label = "三级/高级工" }]

Everywhere else `{level.label}` is replaced by that word of the value that is meant; `id` has to differ between them.
"""

import re
from itertools import product
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter

from services.schemes.parts import Key, Part, Text

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\}")


class Value(Part):
    """One value: its key, and the words that the file may use."""

    model_config = ConfigDict(extra="allow", frozen=True)

    key: Key

    def word(self, name: str) -> str | None:
        """The word of this name."""
        found = self.key if name == "key" else (self.model_extra or {}).get(name)
        return None if found is None else str(found)


class Parameter(Part):
    """What varies, and its values."""

    key: Key
    label: Text
    #: One scheme of each; with several parameters one of every combination.
    values: tuple[Value, ...] = Field(min_length=1)


class Written(Part):
    """Where parameters stand in a file."""

    parameters: tuple[Parameter, ...] = ()


PARAMETERS = TypeAdapter(tuple[Parameter, ...])


class UnknownPlaceholderError(Exception):
    """`.place` in the document uses a word that no parameter has."""

    def __init__(self, place: str, placeholder: str) -> None:
        self.place = place
        self.placeholder = placeholder
        super().__init__(f"{place}: {placeholder}")


def expand(document: dict[str, Any], parameters: tuple[Parameter, ...]) -> list[dict[str, Any]]:
    """The document for every combination, in the order of the file; itself when there are none.

    Raises:
        UnknownPlaceholderError: it names a parameter or a word that is not there.
    """
    if not parameters:
        return [document]
    keys = [parameter.key for parameter in parameters]
    combinations = product(*(parameter.values for parameter in parameters))
    return [_filled(document, dict(zip(keys, values, strict=True)), "") for values in combinations]


def _filled(part: Any, meant: dict[str, Value], place: str) -> Any:
    if isinstance(part, dict):
        return {key: _filled(item, meant, f"{place}.{key}".lstrip(".")) for key, item in part.items()}
    if isinstance(part, list):
        return [_filled(item, meant, f"{place}[{index}]") for index, item in enumerate(part, start=1)]
    if not isinstance(part, str):
        return part

    def word(found: re.Match[str]) -> str:
        value = meant.get(found[1])
        named = value.word(found[2]) if value is not None else None
        if named is None:
            raise UnknownPlaceholderError(place, found[0])
        return named

    return _PLACEHOLDER.sub(word, part)

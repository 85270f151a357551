"""How an answer of several values is kept: as the text of a JSON list, where other answers are plain text."""

import json
from collections.abc import Iterable


def several(values: Iterable[str]) -> str:
    """The text to keep."""
    return json.dumps(list(values), ensure_ascii=False)


def values_of(kept: str) -> tuple[str, ...]:
    """The values again; a plain text is one value, an empty one none."""
    if kept.startswith("["):
        try:
            parsed = json.loads(kept)
        except ValueError:
            return (kept,)
        if isinstance(parsed, list) and all(isinstance(item, str) for item in parsed):
            return tuple(parsed)
    return (kept,) if kept else ()

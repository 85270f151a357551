"""The hash that keeps a published scheme version unchanged (B12)."""

import hashlib
import json
from typing import Any

from services.schemes.parts import LATER, Part


def sha256(scheme: Part) -> str:
    """SHA-256, in hexadecimal, of everything that the scheme says.

    A key marked `LATER` counts only with another value than its default: what the model learns does not change the hash
    of a file that does not use it.
    """
    canonical = json.dumps(_said(scheme), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _said(part: Part) -> dict[str, Any]:
    written = part.model_dump(mode="json")
    said = {}
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if LATER in field.metadata and value == field.get_default(call_default_factory=True):
            continue
        said[name] = _value(value, written[name])
    return said


def _value(value: Any, written: Any) -> Any:
    """`written` is how pydantic writes this value; parts inside are walked on."""
    if isinstance(value, Part):
        return _said(value)
    if isinstance(value, tuple):
        return [_value(item, line) for item, line in zip(value, written, strict=True)]
    if isinstance(value, dict):
        return {key: _value(item, written[key]) for key, item in value.items()}
    return written

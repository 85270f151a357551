"""A file to begin a new scheme with: small, commented, and right as it is."""

import re

from services.schemes.loader import BUILT_IN

#: The file that a new one is a copy of.
_MODEL = BUILT_IN / "_new.toml"


def begun(scheme_id: str) -> str:
    """The text of a new file for the scheme of this id, named after it until somebody gives it its names.

    >>> 'number_prefix = "FIRSTAIDER"' in begun("first-aider")
    True
    """
    text = _MODEL.read_text(encoding="utf-8")
    prefix = re.sub(r"[^A-Z0-9]", "", scheme_id.upper())[:12]
    for old, new in (
        ('id = "new-scheme"', f'id = "{scheme_id}"'),
        ('"新方案培训评定"', f'"{scheme_id} 培训评定"'),
        ('short_title = "新方案"', f'short_title = "{scheme_id}"'),
        ('number_prefix = "NEW"', f'number_prefix = "{prefix}"'),
    ):
        text = text.replace(old, new)
    return text

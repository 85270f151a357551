"""The words of a reply that came too late, encrypted while they wait in the outbox: they may hold a name or a link.

They are over by themselves, mostly within a second, so no rotation of keys goes through them.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final

from services.unit_of_work import Work

_FACT: Final = "text_sealed"
_CONTEXT: Final = b"outbox.text"


def sealed_text(work: Work, text: str) -> dict[str, str]:
    """`text` as facts of a notice."""
    cipher = work.tools.keyring.encrypt_text(text, context=_CONTEXT)
    return {_FACT: base64.b64encode(cipher).decode()}


def with_text(work: Work, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with `text` in the clear, where they hold a sealed one; for the moment of sending only.

    Raises:
        storage.crypto.DecryptionError: damaged, or its key is gone.
    """
    complete = dict(facts)
    if (cipher := complete.pop(_FACT, None)) is not None:
        complete["text"] = work.tools.keyring.decrypt_text(base64.b64decode(cipher), context=_CONTEXT)
    return complete

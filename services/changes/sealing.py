"""Old and new value of a change: encrypted whatever the field is, each bound to its request and its side."""

from uuid import UUID

from services.unit_of_work import Work
from storage.tables import ChangeRequest


def seal(work: Work, request_id: UUID, side: str, value: str) -> bytes:
    """`side` is `old` or `new`."""
    return work.tools.keyring.encrypt_text(value, context=_context(request_id, side))


def old_of(work: Work, request: ChangeRequest) -> str:
    """The value before, in the clear: for rules and for masking."""
    return work.tools.keyring.decrypt_text(request.old_cipher, context=_context(request.id, "old"))


def new_of(work: Work, request: ChangeRequest) -> str:
    """The value that is asked for, in the clear."""
    return work.tools.keyring.decrypt_text(request.new_cipher, context=_context(request.id, "new"))


def _context(request_id: UUID, side: str) -> bytes:
    return f"change_requests.{side}.{request_id.hex}".encode()

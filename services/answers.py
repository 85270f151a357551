"""Answers as they are kept: values of sensitive kinds encrypted, each bound to its enrolment and field."""

import base64
from uuid import UUID

from services.schemes.models import FormField
from services.unit_of_work import Work
from storage.tables import Enrolment

_FINGERPRINT = b"enrolments.answers.fingerprint"


def seal(work: Work, field: FormField, enrolment_id: UUID, value: str) -> str:
    """What to put into `Enrolment.answers` for this value."""
    if not field.sensitive:
        return value
    blob = work.tools.keyring.encrypt_text(value, context=_context(enrolment_id, field.key))
    return base64.b64encode(blob).decode()


def unseal(work: Work, field: FormField, enrolment_id: UUID, stored: str) -> str:
    """The value again. Raises storage.crypto.DecryptionError."""
    if not field.sensitive:
        return stored
    return work.tools.keyring.decrypt_text(
        base64.b64decode(stored), context=_context(enrolment_id, field.key)
    )


def plain_answers(work: Work, enrolment: Enrolment) -> dict[str, str]:
    """All answers in the clear, by field key: for rules, never for a page or a log."""
    scheme = work.scheme(enrolment.scheme_ref)
    return {
        key: unseal(work, scheme.field(key), enrolment.id, stored)
        for key, stored in enrolment.answers.items()
        if scheme.has_field(key)
    }


def fingerprint(work: Work, answer: str | None) -> str:
    """Tells whether an answer is still what somebody saw; gives nothing away. Empty for a question without an answer."""
    if answer is None:
        return ""
    return _short(work.tools.keyring.digest(answer, context=_FINGERPRINT))


def is_still(work: Work, answer: str | None, seen: str) -> bool:
    """Whether `seen` is the fingerprint of this answer."""
    if answer is None or not seen:
        return answer is None and not seen
    return seen in {_short(digest) for digest in work.tools.keyring.digests(answer, context=_FINGERPRINT)}


def _short(digest: bytes) -> str:
    return digest[:8].hex()


def _context(enrolment_id: UUID, key: str) -> bytes:
    return f"enrolments.answers.{key}.{enrolment_id}".encode()

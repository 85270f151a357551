"""Persons 人: their identity numbers are kept encrypted, and found by a keyed digest."""

from typing import Final

from services.rules import identity, masking
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.tables import Person

#: What ciphers and digests of `persons` are bound to.
IDENTITY_CONTEXT: Final = b"persons.identity_number"


def identity_number(work: Work, person: Person) -> str:
    """In the clear: for rules, digests and masking only. Raises storage.crypto.DecryptionError."""
    return work.tools.keyring.decrypt_text(person.identity_cipher, context=IDENTITY_CONTEXT)


def masked_number(work: Work, person: Person) -> str:
    """As it may be shown."""
    return masking.identity_number(identity_number(work, person))


def digests(work: Work, number: str) -> tuple[bytes, ...]:
    """What the bearer of a valid number may be found by, one for every secret key."""
    return work.tools.keyring.digests(number, context=IDENTITY_CONTEXT)


def bearer(work: Work, number: str, name: str) -> Person:
    """A row for the bearer of this number, not added: somebody may know it already.

    Raises services.rules.errors.InvalidValueError.
    """
    keyring = work.tools.keyring
    parsed = identity.parse(number, today=local_day(work.now))
    return Person(
        identity_cipher=keyring.encrypt_text(parsed.number, context=IDENTITY_CONTEXT),
        identity_digest=keyring.digest(parsed.number, context=IDENTITY_CONTEXT),
        name=name,
        birth_on=parsed.birth_on,
        sex=parsed.sex,
        created_at=work.now,
    )

"""What of a certificate is kept secret: its token, and who holds it. Each cipher opens only in its own row."""

import json
from uuid import UUID

from services.certificates.models import Holder
from services.unit_of_work import Work
from storage.tables import Certificate

TOKEN_CONTEXT = b"certificates.token"
#: The 查验码 that is printed on the paper: so many characters of the token (30 bits).
CODE_LENGTH = 6


def seal_token(work: Work, certificate_id: UUID, token: str) -> tuple[bytes, bytes]:
    """Digest for look-up, and cipher for the holder's link."""
    keyring = work.tools.keyring
    return (
        keyring.digest(token, context=TOKEN_CONTEXT),
        keyring.encrypt_text(token, context=_token_context(certificate_id)),
    )


def token_of(work: Work, certificate: Certificate) -> str:
    """The token in the clear: for the holder's link and the QR only."""
    return token_in(work, certificate.id, certificate.token_cipher)


def token_in(work: Work, certificate_id: UUID, cipher: bytes) -> str:
    """The token in a cipher of this certificate, of the paper that is good or of an earlier copy."""
    return work.tools.keyring.decrypt_text(cipher, context=_token_context(certificate_id))


def code_of(work: Work, certificate: Certificate) -> str:
    """The 查验码 that stands beside the number on the paper."""
    return token_of(work, certificate)[:CODE_LENGTH]


def seal_holder(work: Work, certificate_id: UUID, holder: Holder) -> bytes:
    """The holder as cipher text."""
    plain = {
        "name": holder.name,
        "identity_number": holder.identity_number,
        "portrait": holder.portrait,
    }
    return work.tools.keyring.encrypt_text(
        json.dumps(plain, ensure_ascii=False), context=_holder_context(certificate_id)
    )


def holder_of(work: Work, certificate: Certificate) -> Holder:
    """The holder in the clear: for the paper and for masking, never for a log."""
    return holder_in(work, certificate.id, certificate.holder_cipher)


def holder_in(work: Work, certificate_id: UUID, cipher: bytes) -> Holder:
    """The holder in a cipher of this certificate."""
    plain = json.loads(work.tools.keyring.decrypt_text(cipher, context=_holder_context(certificate_id)))
    return Holder(name=plain["name"], identity_number=plain["identity_number"], portrait=plain["portrait"])


def _token_context(certificate_id: UUID) -> bytes:
    return TOKEN_CONTEXT + b"." + certificate_id.hex.encode()


def _holder_context(certificate_id: UUID) -> bytes:
    return b"certificates.holder." + certificate_id.hex.encode()

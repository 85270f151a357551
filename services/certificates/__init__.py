"""Certificates 证书 and proofs of hours 学时证明: issued, printed, handed over, suspended, revoked (A6, B8).

`service` has the verbs, `models` what they return, `sealing` what is encrypted, `papers` the printed sheets and the
holder's links, `unmade` the papers that could not be made. What strangers see of a certificate is in
`services.certificates.verification`.
"""

from services.certificates.models import CertificatePage, CertificateView, PaperState, Unissued, UnmadePaper
from services.certificates.papers import LinkExpiredError, late_facts
from services.certificates.service import CertificateService
from services.certificates.unmade import UnmadePaperService

__all__ = [
    "CertificatePage",
    "CertificateService",
    "CertificateView",
    "LinkExpiredError",
    "PaperState",
    "Unissued",
    "UnmadePaper",
    "UnmadePaperService",
    "late_facts",
]

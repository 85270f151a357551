"""From one state to another: valid ⇄ suspended, and both to revoked, which is final (B8)."""

from uuid import UUID

from services import audit, reasons
from services.access import ensure_officer
from services.certificates.issuing import defer_delivery
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.certificates import CertificateRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.states import CertificateState
from storage.tables import Certificate

LONGEST_REASON = 200
#: From which states a state is reached.
_FROM = {
    CertificateState.SUSPENDED: frozenset({CertificateState.VALID}),
    CertificateState.VALID: frozenset({CertificateState.SUSPENDED}),
    CertificateState.REVOKED: frozenset({CertificateState.VALID, CertificateState.SUSPENDED}),
}
_ACTION = {
    CertificateState.SUSPENDED: "certificate.suspended",
    CertificateState.VALID: "certificate.restored",
    CertificateState.REVOKED: "certificate.revoked",
}
_IN_WORDS = {
    CertificateState.SUSPENDED: "暂停使用",
    CertificateState.VALID: "恢复有效",
    CertificateState.REVOKED: "已撤销",
}


async def change(
    work: Work, actor: Actor, certificate_id: UUID, state: CertificateState, reason: str
) -> Certificate:
    """Move one certificate to `state`, log it and tell its holder.

    Raises:
        ServiceError: `certificate.no_reason`; `certificate.reason_too_long` with its `limit`.
        NotFoundError, ForbiddenError: not of the actor's organisation, or a reader.
        ConflictError: `certificate.wrong_state` with the `state` it is in.
    """
    reason = reasons.checked(
        reason,
        most=LONGEST_REASON,
        missing="certificate.no_reason",
        too_long="certificate.reason_too_long",
    )
    certificate = await CertificateRepository(work.session).find(certificate_id, for_update=True)
    if certificate is None:
        raise NotFoundError("certificate.not_found")
    ensure_officer(actor, certificate.organisation_id)
    apply(work, actor, certificate, state, reason)
    await _tell(work, certificate, state, reason)
    return certificate


def apply(work: Work, actor: Actor, certificate: Certificate, state: CertificateState, reason: str) -> None:
    """Move a locked certificate to `state` and log it, for a caller who has checked who may. Raises ConflictError."""
    before = CertificateState(certificate.state)
    if before not in _FROM[state]:
        raise ConflictError("certificate.wrong_state", state=before.value, number=certificate.number)
    certificate.state, certificate.state_reason = state, reason
    certificate.state_changed_at = work.now
    audit.record(
        work,
        actor,
        _ACTION[state],
        "certificate",
        certificate.id,
        before={"state": before.value},
        after={"state": state.value, "number": certificate.number},
        reason=reason,
        organisation_id=certificate.organisation_id,
        scheme_ref=f"{certificate.scheme_id}@{certificate.scheme_version}",
    )


async def _tell(work: Work, certificate: Certificate, state: CertificateState, reason: str) -> None:
    notices = NoticeService(work)
    if state is CertificateState.REVOKED:
        await notices.withdraw(f"certificate:{certificate.id}")
    if state is CertificateState.VALID:
        await defer_delivery(work, certificate)  # in case it was suspended before it was handed over
    enrolment = await EnrolmentRepository(work.session).get(certificate.enrolment_id)
    await notices.send(
        enrolment.follower_id,
        "certificate_changed",
        cause=f"{certificate.id}:{work.now.isoformat()}",
        facts={
            "certificate_id": str(certificate.id),
            "scheme": certificate.facts["specialty"],
            "title": certificate.title,
            "number": certificate.number,
            "state": _IN_WORDS[state],
            "reason": reason,
            "hint": f"证书{_IN_WORDS[state]}",
            "time": local_datetime(work.now),
        },
        enrolment_id=enrolment.id,
    )

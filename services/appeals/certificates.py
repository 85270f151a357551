"""Certificates after a result was changed by an appeal: issued, or named for a person's decision (B7, B8)."""

from uuid import UUID

from services import audit, reasons
from services.access import ensure_officer, visible_organisation
from services.appeals.models import Named, NamedLine
from services.certificates import CertificateService
from services.certificates.issuing import CARD
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.unit_of_work import Work
from storage.appeal_states import NamedCertificate
from storage.repositories.appeals import AppealRepository, AppealRow
from storage.states import CertificateState
from storage.tables import Appeal, Certificate, Organisation, Result

LONGEST_REASON = 200


async def issue(work: Work, actor: Actor, row: AppealRow) -> str:
    """Issue to whom the new result lets pass; empty when issued or nothing is issued here, else what is in the way.

    Who issues may be another organisation, or a card is made: then it stands in their list as for everybody who passed.
    """
    kind = work.scheme(row.enrolment.scheme_ref).certificate("result_passed")
    if kind is None or kind.issued_by or actor.organisation_id not in (None, row.enrolment.organisation_id):
        return ""
    try:
        await CertificateService(work).issue(actor, row.enrolment.id)
    except ServiceError as error:
        # Nothing was written; it stands among those who wait for a certificate, with this problem.
        return error.code
    return ""


async def name_standing(work: Work, row: AppealRow) -> Certificate | None:
    """A paper that stands though its result does not pass any more is named; a person decides about it."""
    scheme = work.scheme(row.enrolment.scheme_ref)
    kinds = {kind.key for kind in scheme.certificates if kind.trigger == "result_passed"} | {CARD}
    standing = await AppealRepository(work.session).standing_certificates(row.enrolment.id, kinds)
    if not standing:
        return None
    row.appeal.certificate_id, row.appeal.certificate_state = standing[0].id, NamedCertificate.OPEN
    return standing[0]


async def waiting(work: Work, actor: Actor) -> tuple[NamedLine, ...]:
    """Certificates that the actor's organisation issued, and whose result does not pass any more."""
    lines = []
    for appeal, certificate in await AppealRepository(work.session).named(visible_organisation(actor)):
        if certificate.state not in (CertificateState.VALID, CertificateState.SUSPENDED):
            continue
        new = await work.session.get(Result, appeal.new_result_id) if appeal.new_result_id else None
        lines.append(
            NamedLine(
                appeal_id=appeal.id,
                appeal_number=appeal.number,
                certificate_id=certificate.id,
                number=certificate.number,
                title=certificate.title,
                grade=new.grade if new is not None else "",
            )
        )
    return tuple(lines)


async def named_of(work: Work, actor: Actor, appeal: Appeal) -> Named | None:
    """The certificate that an appeal names, if it does."""
    if appeal.certificate_id is None:
        return None
    certificate = await work.session.get_one(Certificate, appeal.certificate_id)
    state = NamedCertificate(appeal.certificate_state)
    if state is NamedCertificate.OPEN and certificate.state == CertificateState.REVOKED:
        state = NamedCertificate.REVOKED  # revoked on its own page
    elsewhere = actor.organisation_id not in (None, certificate.organisation_id)
    issuer = await work.session.get_one(Organisation, certificate.organisation_id) if elsewhere else None
    return Named(
        certificate_id=certificate.id,
        number=certificate.number,
        state=state,
        reason=appeal.certificate_reason or certificate.state_reason or "",
        decided_by=appeal.certificate_decided_by_name,
        decided_at=appeal.certificate_decided_at,
        issuer=issuer.name if issuer is not None else "",
    )


class NamedCertificateService:
    """Deciding about certificates that appeals named."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.appeals = AppealRepository(work.session)

    async def revoke(self, actor: Actor, certificate_id: UUID, reason: str) -> None:
        """Revoke it; its holder is told and it is announced (B8).

        Raises:
            NotFoundError: `certificate.not_named`, or another organisation's. As `CertificateService.revoke`.
        """
        appeal = await self._named(actor, certificate_id)
        view = await CertificateService(self.work).revoke(actor, certificate_id, reason)
        self._settle(actor, appeal, NamedCertificate.REVOKED, reason, view.number)

    async def keep(self, actor: Actor, certificate_id: UUID, reason: str) -> None:
        """Let it stand, with a reason that is on record.

        Raises:
            NotFoundError: `certificate.not_named`, or another organisation's.
            ServiceError: `certificate.no_reason`, `certificate.reason_too_long` (`limit`).
        """
        appeal = await self._named(actor, certificate_id)
        certificate = await self.work.session.get_one(Certificate, certificate_id)
        self._settle(actor, appeal, NamedCertificate.KEPT, reason, certificate.number)

    async def _named(self, actor: Actor, certificate_id: UUID) -> Appeal:
        certificate = await self.work.session.get(Certificate, certificate_id)
        if certificate is None:
            raise NotFoundError("certificate.not_found")
        ensure_officer(actor, certificate.organisation_id)
        appeal = await self.appeals.find_named(certificate_id)
        if appeal is None:
            raise NotFoundError("certificate.not_named")
        return appeal

    def _settle(
        self, actor: Actor, appeal: Appeal, state: NamedCertificate, reason: str, number: str
    ) -> None:
        appeal.certificate_reason = reasons.checked(
            reason,
            most=LONGEST_REASON,
            missing="certificate.no_reason",
            too_long="certificate.reason_too_long",
        )
        appeal.certificate_state = state
        appeal.certificate_decided_by_name, appeal.certificate_decided_at = actor.name, self.work.now
        audit.record(
            self.work,
            actor,
            f"appeal.certificate_{state.value}",
            "appeal",
            appeal.id,
            after={"number": number, "appeal": appeal.number},
            reason=appeal.certificate_reason,
            organisation_id=appeal.organisation_id,
        )

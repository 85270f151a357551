"""Replacing a certificate whose holder's data were changed since (E8): a new number, the old one marked and pointed on."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.certificates import sealing
from services.certificates.issuing import CARD, holder_for, write
from services.certificates.models import Holder
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.unit_of_work import Work
from storage.repositories.certificates import CertificateRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.results import ResultRepository
from storage.states import CertificateState
from storage.tables import Certificate, Enrolment

LONGEST_REASON = 200


async def outdated_of(work: Work, enrolment: Enrolment) -> tuple[Certificate, ...]:
    """The valid certificates of an enrolment that show another name, number or grade than it has now; a card is none."""
    valid = [
        row
        for row in await CertificateRepository(work.session).list_of_enrolment(enrolment.id)
        if row.state == CertificateState.VALID and row.kind_key != CARD
    ]
    if not valid:
        return ()
    holder = await holder_for(work, enrolment, work.scheme(enrolment.scheme_ref))
    grades = await _grades(work, valid)
    return tuple(row for row in valid if differs(work, row, holder) or _graded_otherwise(row, grades))


async def outdated_of_follower(work: Work, follower_id: UUID) -> Sequence[Certificate]:
    """The same over all of a follower's enrolments."""
    enrolments, found = EnrolmentRepository(work.session), list[Certificate]()
    rows = await CertificateRepository(work.session).list_of_follower(follower_id)
    grades = await _grades(work, rows)
    for row in rows:
        if row.state == CertificateState.VALID and row.kind_key != CARD:
            enrolment = await enrolments.get(row.enrolment_id)
            holder = await holder_for(work, enrolment, work.scheme(enrolment.scheme_ref))
            if differs(work, row, holder) or _graded_otherwise(row, grades):
                found.append(row)
    return found


def differs(work: Work, certificate: Certificate, holder: Holder) -> bool:
    """Whether the paper names somebody as they are not named any more; a newer portrait alone is no reason."""
    printed = sealing.holder_of(work, certificate)
    return (printed.name, printed.identity_number) != (holder.name, holder.identity_number)


async def _grades(work: Work, certificates: Sequence[Certificate]) -> Mapping[UUID, str]:
    """By enrolment, what the published results say now, of those who pass."""
    ids = {row.enrolment_id for row in certificates if "grade" in row.facts}
    rows = await ResultRepository(work.session).list_published(ids) if ids else ()
    return {row.enrolment_id: row.grade for row in rows if row.passed}


def _graded_otherwise(certificate: Certificate, grades: Mapping[UUID, str]) -> bool:
    """Whether the result was changed since, by an appeal or a new answer key, and still passes."""
    known = certificate.facts.get("grade")
    return known is not None and grades.get(certificate.enrolment_id, known) != known


async def replace_by_staff(work: Work, actor: Actor, certificate_id: UUID, reason: str) -> Certificate:
    """A new certificate in place of a valid one.

    Raises:
        NotFoundError, ForbiddenError: not the actor's organisation's, or a reader.
        ServiceError: `certificate.no_reason`, `certificate.reason_too_long`; as `issuing.write`.
        ConflictError: `certificate.is_card` (`services.cards.copies`), `certificate.wrong_state`,
            `certificate.nothing_changed`; as `issuing.write`.
    """
    certificate = await CertificateRepository(work.session).find(certificate_id, for_update=True)
    if certificate is None:
        raise NotFoundError("certificate.not_found")
    ensure_officer(actor, certificate.organisation_id)
    return await _replace(work, actor, certificate, reason)


async def replace_own(work: Work, actor: Actor, certificate_id: UUID, follower_id: UUID) -> Certificate:
    """The holder's own wish, after a change that was approved: nothing is left to decide. Raises as above."""
    certificate = await CertificateRepository(work.session).find(certificate_id, for_update=True)
    if certificate is None:
        raise NotFoundError("certificate.not_found")
    enrolment = await EnrolmentRepository(work.session).get(certificate.enrolment_id)
    if enrolment.follower_id != follower_id:
        raise NotFoundError("certificate.not_found")
    return await _replace(work, actor, certificate, "资料变更后本人申请换发")


async def _replace(work: Work, actor: Actor, old: Certificate, given: str) -> Certificate:
    reason = given.strip()
    if not reason:
        raise ServiceError("certificate.no_reason")
    if len(reason) > LONGEST_REASON:
        raise ServiceError("certificate.reason_too_long", limit=LONGEST_REASON)
    if old.kind_key == CARD:
        raise ConflictError("certificate.is_card")
    if old.state != CertificateState.VALID:
        raise ConflictError("certificate.wrong_state", state=old.state, number=old.number)
    enrolment = await EnrolmentRepository(work.session).get(old.enrolment_id, for_update=True)
    scheme = work.scheme(enrolment.scheme_ref)
    grades = await _grades(work, [old])
    anew = _graded_otherwise(old, grades)
    if not anew and not differs(work, old, await holder_for(work, enrolment, scheme)):
        raise ConflictError("certificate.nothing_changed", number=old.number)
    kind = next(item for item in scheme.certificates if item.key == old.kind_key)
    old.state, old.state_reason, old.state_changed_at = CertificateState.REPLACED, reason, work.now
    # One of a kind stands at a time: the old one leaves its place first.
    await work.session.flush()
    facts = {**old.facts, **({"grade": grades[enrolment.id]} if anew else {})}
    new = await write(work, actor, enrolment, scheme, kind, facts, issuer_id=old.organisation_id)
    # What was earned is not earned anew: it lasts as long as before.
    new.expires_on, old.replaced_by_id = old.expires_on, new.id
    await NoticeService(work).withdraw(f"certificate:{old.id}")
    audit.record(
        work,
        actor,
        "certificate.replaced",
        "certificate",
        old.id,
        before={"state": CertificateState.VALID},
        after={"state": old.state, "number": old.number, "replaced_by": new.number},
        reason=reason,
        organisation_id=old.organisation_id,
        scheme_ref=scheme.ref,
    )
    return new

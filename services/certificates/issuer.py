"""Who issues a certificate: the organisation that trained the person, or the one that authorised it (C10)."""

from uuid import UUID

from services.authorisation.standing import ensure_authorised
from services.schemes.models import CertificateKind
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.authorisation import AuthorisationRepository
from storage.tables import Enrolment


def trained_by(enrolment: Enrolment) -> UUID:
    """Who holds classes and exams for this person: the organisation they enrolled with, unless the scheme names another."""
    return enrolment.trainer_id or enrolment.organisation_id


async def issuer_of(work: Work, enrolment: Enrolment, kind: CertificateKind) -> UUID:
    """The organisation whose staff issue this paper now. Raises NotAuthorisedError where none may (C3, C4, C14)."""
    scheme = work.scheme(enrolment.scheme_ref)
    authorised = await ensure_authorised(work, enrolment.organisation_id, scheme, Act.ISSUE)
    return authorised.society_id if kind.issued_by and authorised is not None else trained_by(enrolment)


async def responsible(work: Work, enrolment: Enrolment, kind: CertificateKind) -> UUID:
    """The organisation in whose list it waits, also while nothing may be issued."""
    if not kind.issued_by:
        return trained_by(enrolment)
    newest = await AuthorisationRepository(work.session).find_newest(enrolment.organisation_id)
    return newest.society_id if newest is not None else enrolment.organisation_id

"""A certificate's row as its holder and the staff see it."""

from services.certificates.models import CertificateView
from services.certificates.sealing import holder_of
from services.rules import masking
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.states import CertificateState
from storage.tables import Certificate


def view(work: Work, row: Certificate) -> CertificateView:
    """With the identity number masked; without token and link."""
    holder = holder_of(work, row)
    return CertificateView(
        id=row.id,
        number=row.number,
        title=row.title,
        kind_key=row.kind_key,
        enrolment_id=row.enrolment_id,
        organisation_id=row.organisation_id,
        scheme_id=row.scheme_id,
        specialty=row.facts["specialty"],
        name=holder.name,
        identity_masked=masking.identity_number(holder.identity_number),
        state=CertificateState(row.state),
        state_reason=row.state_reason,
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        expired=row.expires_on is not None and local_day(work.now) > row.expires_on,
        grade=row.facts.get("grade", ""),
        hours=row.facts.get("hours", ""),
        occupations=tuple(row.facts.get("occupations", ())),
    )

"""Who may not come back: a qualification that was cancelled for ever bars from its family of schemes (D9)."""

from collections.abc import Sequence
from uuid import UUID

from services.cards.terms import terms_of
from services.errors import ConflictError
from services.rules.localtime import local_date
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.cards import CardRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Enrolment, Person


async def ensure_not_barred(work: Work, person_id: UUID, scheme: Scheme) -> None:
    """Nothing for a scheme without cards.

    Raises:
        ConflictError: `card.barred` with `title`, `reason`, `on` (the day it was decided, in words), `organisation`.
    """
    if scheme.card is None:
        return
    found = await CardRepository(work.session).bars([person_id], [scheme.card.family])
    if not found:
        return
    bar = min(found, key=lambda row: row.decided_at or row.proposed_at)
    organisation = await OrganisationRepository(work.session).find(bar.organisation_id)
    raise ConflictError(
        "card.barred",
        title=scheme.card.title,
        reason=bar.reason,
        on=local_date(bar.decided_at or bar.proposed_at),
        organisation=organisation.name if organisation else "",
    )


async def barred_among(work: Work, rows: Sequence[tuple[Enrolment, Person]]) -> set[UUID]:
    """Which of these enrolments are of somebody whose qualification was cancelled for ever in their family."""
    families = {enrolment.id: terms_of(work, enrolment.scheme_ref)[1].family for enrolment, _ in rows}
    if not rows:
        return set()
    bars = await CardRepository(work.session).bars({person.id for _, person in rows}, set(families.values()))
    found = {(bar.person_id, bar.family) for bar in bars}
    return {enrolment.id for enrolment, person in rows if (person.id, families[enrolment.id]) in found}

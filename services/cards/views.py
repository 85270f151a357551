"""A card's rows as staff see them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from services.cards.models import CancellationView, CardView, is_expired
from services.people import masked_number
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.card_states import CancellationState, CardState
from storage.repositories.cards import CardRow
from storage.repositories.organisations import OrganisationRepository
from storage.tables import CardCancellation


async def views(work: Work, rows: Sequence[CardRow]) -> tuple[CardView, ...]:
    """Of these cards, with the identity number masked; one statement for the organisations' names."""
    ids = {card.made_by_id for card, _, _ in rows} | {card.numbered_by_id for card, _, _ in rows}
    names = await OrganisationRepository(work.session).names(ids) if ids else {}
    return tuple(view(work, row, names) for row in rows)


def view(work: Work, row: CardRow, names: Mapping[UUID, str]) -> CardView:
    """One card."""
    card, person, enrolment = row
    scheme = work.scheme(f"{card.scheme_id}@{card.scheme_version}")
    renewal = scheme.card.renewal if scheme.card else None
    opens = timedelta(days=renewal.opens_days) if renewal else None
    return CardView(
        id=card.id,
        title=scheme.card.title if scheme.card else scheme.short_title,
        scheme_id=card.scheme_id,
        scheme=scheme.short_title,
        family=card.family,
        enrolment_id=enrolment.id,
        enrolment_number=enrolment.number,
        name=person.name,
        identity_masked=masked_number(work, person),
        occupations=tuple(card.occupations),
        state=CardState(card.state),
        expired=is_expired(card, local_day(work.now)),
        number=card.number or "",
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        made_by_id=card.made_by_id,
        made_by=names.get(card.made_by_id, ""),
        numbered_by_id=card.numbered_by_id,
        numbered_by=names.get(card.numbered_by_id, ""),
        certificate_id=card.certificate_id,
        reported_at=card.reported_at,
        numbered_at=card.numbered_at,
        made_at=card.made_at,
        handed_at=card.handed_at,
        cancelled_at=card.cancelled_at,
        copy=card.copy,
        wanted_cause=card.wanted_cause,
        wanted_reason=card.wanted_reason,
        wanted_at=card.wanted_at,
        wanted_by=card.wanted_by_name,
        renewal=renewal.label if renewal else "",
        renewal_conditions=renewal.conditions if renewal else (),
        renewal_opens_on=card.valid_until - opens if opens and card.valid_until else None,
    )


def cancellation_view(row: CardCancellation, organisation: str) -> CancellationView:
    """One cancellation."""
    return CancellationView(
        id=row.id,
        for_ever=row.for_ever,
        state=CancellationState(row.state),
        reason=row.reason,
        evidence=row.evidence,
        has_file=row.file_key is not None,
        purged_at=row.purged_at,
        organisation=organisation,
        proposed_by=row.proposed_by,
        proposed_by_name=row.proposed_by_name,
        proposed_at=row.proposed_at,
        decided_by_name=row.decided_by_name,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )

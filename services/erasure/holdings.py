"""What somebody has here, and what would become of each part of it if they asked for its deletion today."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from services.erasure.models import Holding
from services.rules.erasure import Case, Duty, Fate, Ruling, rule
from services.rules.localtime import local_day
from services.rules.retention import Standing
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.erasure_states import ErasureState
from storage.repositories.holdings import HeldRow, HoldingRepository
from storage.states import EnrolmentState

_IN_REVIEW: Final = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)
#: Nobody comes here without a decision.
_DECIDED: Final = (
    EnrolmentState.RETURNED,
    EnrolmentState.ADMITTED,
    EnrolmentState.REJECTED,
    EnrolmentState.CONCLUDED,
    EnrolmentState.BLOCKED,
)


async def of_follower(work: Work, follower_id: UUID) -> tuple[Holding, ...]:
    """Everything a follower has handed in or begun, by enrolment number: one statement."""
    rows = await HoldingRepository(work.session).of_follower(follower_id, local_day(work.now))
    return _holdings(work, rows)


async def of_enrolments(work: Work, enrolment_ids: Collection[UUID]) -> dict[UUID, Holding]:
    """The same of these enrolments."""
    rows = await HoldingRepository(work.session).of_enrolments(enrolment_ids, local_day(work.now))
    return {one.enrolment_id: one for one in _holdings(work, rows)}


def _holdings(work: Work, rows: Sequence[HeldRow]) -> tuple[Holding, ...]:
    return tuple(_holding(work, row) for row in rows)


def _holding(work: Work, row: HeldRow) -> Holding:
    today, scheme = local_day(work.now), _scheme(work, row.scheme_ref)
    ruling = rule(_case(row, scheme.retention_years if scheme else 0), today=today)
    if scheme is None and ruling.fate is not Fate.DRAFT:
        # Nobody knows for how long: kept (`services.retention.due` does the same).
        ruling = Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW,), withdraws=ruling.withdraws)
    return Holding(
        enrolment_id=row.enrolment_id,
        number=row.number,
        organisation_id=row.organisation_id,
        scheme=scheme.short_title if scheme else row.scheme_ref,
        state=row.state,
        ruling=ruling,
        years=scheme.retention_years if scheme else 0,
        basis=scheme.retention_basis if scheme else "",
        pictures=row.pictures,
        replaced=row.replaced,
        papers=row.papers,
        request_number=row.request_number,
        request_state=ErasureState(row.request_state) if row.request_state else None,
        overdue=ruling.fate is Fate.KEEP and ruling.kept_until is not None and ruling.kept_until <= today,
    )


def _case(row: HeldRow, years: int) -> Case:
    return Case(
        handed_in=row.handed_in,
        looked_at=row.decided or row.state in _DECIDED,
        in_review=row.state in _IN_REVIEW,
        admitted=row.state is EnrolmentState.ADMITTED,
        ended_on=local_day(row.ended_at) if row.ended_at else None,
        years=years,
        standing=_standing(row),
        held=frozenset(
            duty
            for duty, rests in (
                (Duty.APPOINTMENT, row.appointed),
                (Duty.BLACKLIST, row.listed),
                (Duty.CHANGE, row.changing),
                (Duty.APPEAL, row.appealing),
                (Duty.CANCELLATION, row.cancelling),
            )
            if rests
        ),
    )


def _standing(row: HeldRow) -> tuple[Standing, ...]:
    found = [Standing(last_on=None)] if row.papers_without_end else []
    if row.papers_until is not None:
        found.append(Standing(last_on=row.papers_until))
    return tuple(found)


def _scheme(work: Work, ref: str) -> Scheme | None:
    try:
        return work.scheme(ref)
    except KeyError:
        return None

"""What a follower has handed in or begun, with all that decides about its deletion (C11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.erasure_states import ErasureState
from storage.repositories.exams import among
from storage.repositories.resting import appealing, appointed, cancelling, changing, listed
from storage.repositories.retention import ENDED, ENDED_AT
from storage.review_states import StageDecision
from storage.states import CertificateState, EnrolmentState
from storage.tables import (
    Certificate,
    Document,
    Enrolment,
    ErasureItem,
    ErasureRequest,
    StageRecord,
)

_IN_FORCE = (CertificateState.VALID, CertificateState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """One enrolment of a follower, with what decides about its deletion."""

    enrolment_id: UUID
    number: int
    scheme_ref: str
    organisation_id: UUID
    state: EnrolmentState
    #: It was handed in once.
    handed_in: bool
    #: Somebody decided one of its stages.
    decided: bool
    #: When it came to its end; None while it has none.
    ended_at: datetime | None
    restricted_at: datetime | None
    #: Papers in force: how many, the last day of those that have one, and how many have none.
    papers: int
    papers_until: date | None
    papers_without_end: int
    appointed: bool
    listed: bool
    changing: bool
    appealing: bool
    cancelling: bool
    #: Pictures in the store, and those among them that were replaced before it was handed in.
    pictures: int
    replaced: int
    #: Of a restricted one: the number of the request, where that stands, and until when it was said to be kept.
    request_number: int | None
    request_state: str | None


class HoldingRepository:
    """Reads across the tables that hang on `enrolments`; changes nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_follower(self, follower_id: UUID, today: date) -> Sequence[HeldRow]:
        """A follower's enrolments, by number: one statement."""
        return await self._rows(Enrolment.follower_id == follower_id, today)

    async def of_enrolments(self, enrolment_ids: Collection[UUID], today: date) -> Sequence[HeldRow]:
        """These enrolments, by number."""
        return await self._rows(among(Enrolment.id, enrolment_ids), today)

    async def restricted(self, follower_id: UUID) -> Sequence[UUID]:
        """A follower's restricted enrolments that were handed in."""
        rows = await self.session.scalars(
            select(Enrolment.id).where(
                Enrolment.follower_id == follower_id,
                Enrolment.restricted_at.is_not(None),
                Enrolment.submitted_at.is_not(None),
            )
        )
        return rows.all()

    async def _rows(self, wanted: ColumnElement[bool], today: date) -> Sequence[HeldRow]:
        rows = await self.session.execute(_held(today).where(wanted).order_by(Enrolment.number))
        return [
            HeldRow(
                enrolment_id=row.id,
                number=row.number,
                scheme_ref=f"{row.scheme_id}@{row.scheme_version}",
                organisation_id=row.organisation_id,
                state=EnrolmentState(row.state),
                handed_in=row.submitted_at is not None,
                decided=row.decided,
                ended_at=row.ended_at if row.state in ENDED else None,
                restricted_at=row.restricted_at,
                papers=row.papers,
                papers_until=row.papers_until,
                papers_without_end=row.papers_without_end,
                appointed=row.appointed,
                listed=row.listed,
                changing=row.changing,
                appealing=row.appealing,
                cancelling=row.cancelling,
                pictures=row.pictures,
                replaced=row.replaced,
                request_number=row.request_number,
                request_state=row.request_state,
            )
            for row in rows
        ]


def _held(today: date) -> Any:
    theirs = StageRecord.enrolment_id == Enrolment.id
    in_force = (Certificate.enrolment_id == Enrolment.id, Certificate.state.in_(_IN_FORCE))
    kept = (Document.enrolment_id == Enrolment.id, Document.file_key.is_not(None))
    entered = select(func.min(StageRecord.entered_at)).where(theirs).correlate(Enrolment).scalar_subquery()
    request = (
        select(ErasureRequest)
        .join(ErasureItem, ErasureItem.request_id == ErasureRequest.id)
        .where(ErasureItem.enrolment_id == Enrolment.id, ErasureRequest.state != ErasureState.REFUSED)
        .order_by(ErasureRequest.number.desc())
        .limit(1)
        .correlate(Enrolment)
    )

    def count(*conditions: ColumnElement[bool]) -> Any:
        return select(func.count()).where(*conditions).correlate(Enrolment).scalar_subquery()

    return select(
        Enrolment.id,
        Enrolment.number,
        Enrolment.scheme_id,
        Enrolment.scheme_version,
        Enrolment.organisation_id,
        Enrolment.state,
        Enrolment.submitted_at,
        Enrolment.restricted_at,
        ENDED_AT.label("ended_at"),
        exists()
        .where(
            theirs,
            StageRecord.decided_at.is_not(None),
            StageRecord.decision != StageDecision.ENDED,
        )
        .label("decided"),
        count(*in_force).label("papers"),
        select(func.max(Certificate.expires_on))
        .where(*in_force)
        .correlate(Enrolment)
        .scalar_subquery()
        .label("papers_until"),
        count(*in_force, Certificate.expires_on.is_(None)).label("papers_without_end"),
        appointed().label("appointed"),
        listed(today).label("listed"),
        changing().label("changing"),
        appealing().label("appealing"),
        cancelling().label("cancelling"),
        count(*kept).label("pictures"),
        count(*kept, Document.superseded_at < entered).label("replaced"),
        request.with_only_columns(ErasureRequest.number).scalar_subquery().label("request_number"),
        request.with_only_columns(ErasureRequest.state).scalar_subquery().label("request_state"),
    )

"""Everything that one follower has handed in, and what came of it."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.exams import among
from storage.states import ResultState
from storage.tables import (
    Certificate,
    Consent,
    ConsentText,
    Document,
    Enrolment,
    Payment,
    Result,
    StudyRecord,
)

_Row = TypeVar("_Row", Document, Payment, StudyRecord, Certificate, Result)


class OwnDataRepository:
    """Reads across the tables that hang on `enrolments`; changes nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def enrolments(self, follower_id: UUID) -> Sequence[Enrolment]:
        """The follower's enrolments, drafts too, the oldest first."""
        rows = await self.session.scalars(
            select(Enrolment).where(Enrolment.follower_id == follower_id).order_by(Enrolment.number)
        )
        return rows.all()

    async def rows(self, table: type[_Row], enrolment_ids: Sequence[UUID]) -> Sequence[_Row]:
        """What these enrolments have in a table, the oldest first."""
        rows = await self.session.scalars(
            select(table).where(among(table.enrolment_id, enrolment_ids)).order_by(table.created_at, table.id)
        )
        return rows.all()

    async def published_results(self, enrolment_ids: Sequence[UUID]) -> Sequence[Result]:
        """Results that the person may know."""
        rows = await self.rows(Result, enrolment_ids)
        return [row for row in rows if row.state == ResultState.PUBLISHED]

    async def consents(self, enrolment_ids: Sequence[UUID]) -> Sequence[tuple[Consent, ConsentText]]:
        """What was agreed to, with its text."""
        rows: Any = await self.session.execute(
            select(Consent, ConsentText)
            .join(ConsentText, ConsentText.sha256 == Consent.sha256)
            .where(among(Consent.enrolment_id, enrolment_ids))
            .order_by(Consent.agreed_at)
        )
        return [(consent, text) for consent, text in rows]

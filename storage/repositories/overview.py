"""Counting what waits for staff."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import DeliveryState, EnrolmentState, PaymentState, ResultState
from storage.tables import Enrolment, OutboxMessage, Payment, Result


class OverviewRepository:
    """Counts over one organisation's enrolments, or over all (None)."""

    def __init__(self, session: AsyncSession, organisation_id: UUID | None) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def count_enrolments(self, state: EnrolmentState) -> int:
        """Enrolments in this state."""
        return await self._count(select(func.count()).select_from(Enrolment).where(Enrolment.state == state))

    async def count_payments(self, state: PaymentState) -> int:
        """Payments in this state."""
        return await self._count(
            select(func.count())
            .select_from(Payment)
            .join(Enrolment, Enrolment.id == Payment.enrolment_id)
            .where(Payment.state == state)
        )

    async def count_results(self, state: ResultState) -> int:
        """Results in this state."""
        return await self._count(
            select(func.count())
            .select_from(Result)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .where(Result.state == state)
        )

    async def count_messages(self, *states: DeliveryState) -> int:
        """Messages about an enrolment in any of these states."""
        return await self._count(
            select(func.count())
            .select_from(OutboxMessage)
            .join(Enrolment, Enrolment.id == OutboxMessage.enrolment_id)
            .where(OutboxMessage.state.in_(states))
        )

    async def list_messages(
        self, limit: int, *states: DeliveryState
    ) -> list[tuple[OutboxMessage, Enrolment]]:
        """The newest messages about an enrolment in any of these states."""
        statement = (
            select(OutboxMessage, Enrolment)
            .join(Enrolment, Enrolment.id == OutboxMessage.enrolment_id)
            .where(OutboxMessage.state.in_(states), self._own)
            .order_by(OutboxMessage.created_at.desc())
            .limit(limit)
        )
        return [(message, enrolment) for message, enrolment in await self._session.execute(statement)]

    async def _count(self, statement: Select[int]) -> int:
        return await self._session.scalar(statement.where(self._own)) or 0

    @property
    def _own(self) -> ColumnElement[bool]:
        if self._organisation_id is None:
            return true()
        return Enrolment.organisation_id == self._organisation_id

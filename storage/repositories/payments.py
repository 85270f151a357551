"""Payments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import (
    CourseClass,
    Enrolment,
    EnrolmentFees,
    FeePublication,
    Payment,
    Person,
    SupersededVoucher,
)


@dataclass(frozen=True)
class OwedRow:
    """An enrolment with its class, its payments by the key of their fee, and the published fees that hold for it."""

    enrolment: Enrolment
    course_class: CourseClass | None
    payments: dict[str, Payment]
    publication: FeePublication | None = None


class PaymentRepository:
    """The table `payments`, with the enrolments that its rows belong to."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, payment_id: UUID) -> Payment | None:
        """The payment, locked and as it is now, whatever this unit of work saw of it before."""
        return await self.session.get(Payment, payment_id, with_for_update=True, populate_existing=True)

    async def find_fee(self, enrolment_id: UUID, fee_key: str) -> Payment | None:
        """The payment of one fee of one enrolment, locked."""
        return await self.session.scalar(
            select(Payment)
            .where(Payment.enrolment_id == enrolment_id, Payment.fee_key == fee_key)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def list_owed(self, enrolment_ids: Collection[UUID]) -> Sequence[OwedRow]:
        """These enrolments, each with its class and all its payments, in one statement."""
        rows = await self.session.execute(
            select(Enrolment, CourseClass, Payment, FeePublication)
            .outerjoin(CourseClass, CourseClass.id == Enrolment.class_id)
            .outerjoin(Payment, Payment.enrolment_id == Enrolment.id)
            .outerjoin(EnrolmentFees, EnrolmentFees.enrolment_id == Enrolment.id)
            .outerjoin(FeePublication, FeePublication.id == EnrolmentFees.publication_id)
            .where(Enrolment.id.in_(enrolment_ids))
        )
        found: dict[UUID, OwedRow] = {}
        for enrolment, course_class, payment, publication in rows:
            owed = found.setdefault(enrolment.id, OwedRow(enrolment, course_class, {}, publication))
            if payment is not None:
                owed.payments[payment.fee_key] = payment
        return list(found.values())

    def add(self, payment: Payment) -> None:
        """A new one, written with the next flush."""
        self.session.add(payment)

    def supersede(self, payment: Payment, at: datetime) -> None:
        """Keep its present voucher beside it: a newer one comes in its place."""
        self.session.add(
            SupersededVoucher(payment_id=payment.id, file_key=payment.voucher_key, superseded_at=at)
        )

    async def find_enrolment(
        self, enrolment_id: UUID
    ) -> tuple[Enrolment, CourseClass | None, FeePublication | None] | None:
        """An enrolment with the class that it is in, and the published fees that hold for it."""
        return (
            await self.session.execute(
                select(Enrolment, CourseClass, FeePublication)
                .outerjoin(CourseClass, CourseClass.id == Enrolment.class_id)
                .outerjoin(EnrolmentFees, EnrolmentFees.enrolment_id == Enrolment.id)
                .outerjoin(FeePublication, FeePublication.id == EnrolmentFees.publication_id)
                .where(Enrolment.id == enrolment_id)
            )
        ).one_or_none()

    async def page(
        self, *, organisation_id: UUID | None, states: Collection[str], offset: int, limit: int
    ) -> tuple[int, Sequence[tuple[Payment, Enrolment, Person, FeePublication | None]]]:
        """How many payments there are, and one page: what was claimed first comes first, unclaimed ones last.

        `organisation_id` leaves those of whom it trains: who holds the class collects its fees.
        """
        query = (
            select(Payment, Enrolment, Person, FeePublication)
            .join(Enrolment, Enrolment.id == Payment.enrolment_id)
            .join(Person, Person.id == Enrolment.person_id)
            .outerjoin(EnrolmentFees, EnrolmentFees.enrolment_id == Enrolment.id)
            .outerjoin(FeePublication, FeePublication.id == EnrolmentFees.publication_id)
            .where(Enrolment.restricted_at.is_(None))
        )
        if organisation_id is not None:
            query = query.where(Enrolment.trained_by == organisation_id)
        if states:
            query = query.where(Payment.state.in_(states))
        total = await self.session.scalar(
            select(func.count()).select_from(query.with_only_columns(Payment.id).subquery())
        )
        rows = await self.session.execute(
            query.order_by(Payment.claimed_at.nulls_last(), Enrolment.number, Payment.fee_key)
            .offset(offset)
            .limit(limit)
        )
        return total or 0, rows.all()

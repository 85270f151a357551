"""Payments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.blacklist import in_force_on
from storage.tables import (
    BlacklistEntry,
    CourseClass,
    Enrolment,
    EnrolmentFees,
    FeePublication,
    Payment,
    Person,
    SupersededVoucher,
)

#: A payment with whose it is, and the published fees that hold for them.
PageRow = tuple[Payment, Enrolment, Person, FeePublication | None]


@dataclass(frozen=True)
class OwedRow:
    """An enrolment with its class, its payments by the key of their fee, and the published fees that hold for it."""

    enrolment: Enrolment
    course_class: CourseClass | None
    payments: dict[str, Payment]
    publication: FeePublication | None = None


@dataclass(frozen=True)
class Barred:
    """Blacklists with the schemes that they are for, on a day (Shanghai)."""

    lists: Mapping[str, Collection[str]]
    day: date

    def condition(self) -> ColumnElement[bool]:
        """What an enrolment meets whose person is on one that its scheme keeps."""
        of_scheme = [
            and_(BlacklistEntry.list_key == key, Enrolment.scheme_id.in_(ids))
            for key, ids in self.lists.items()
        ]
        return exists().where(
            BlacklistEntry.person_id == Enrolment.person_id, in_force_on(self.day), or_(false(), *of_scheme)
        )


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
        self,
        *,
        organisation_id: UUID | None,
        states: Collection[str],
        barred: Barred | None = None,
        offset: int,
        limit: int,
    ) -> tuple[int, Sequence[PageRow]]:
        """How many payments there are, and one page: what was claimed first comes first, unclaimed ones last.

        `organisation_id` leaves those of whom it trains: who holds the class collects its fees; `barred` those of whom
        is on one of these lists, and something came in.
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
        if barred is not None:
            query = query.where(Payment.paid_fen > 0, barred.condition())
        total = await self.session.scalar(
            select(func.count()).select_from(query.with_only_columns(Payment.id).subquery())
        )
        rows = await self.session.execute(
            query.order_by(Payment.claimed_at.nulls_last(), Enrolment.number, Payment.fee_key)
            .offset(offset)
            .limit(limit)
        )
        return total or 0, rows.all()

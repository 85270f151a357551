"""Appointments, their numbers and evaluations; laboratories are in `laboratories`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.appointment_states import AppointmentState
from storage.repositories.organisations_below import below
from storage.tables import (
    Appointment,
    AppointmentDecision,
    AppointmentEvaluation,
    AppointmentNumber,
    AuditEntry,
    BusinessAccount,
    Enrolment,
    Organisation,
    Person,
)

STANDING = (AppointmentState.ACTIVE, AppointmentState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one organisation's staff see: what it decides, its own and its laboratories' people, and these schemes whole."""

    organisation_id: UUID
    central_schemes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class AppointmentFilter:
    """What a list shows; None and empty mean all."""

    reach: Reach | None
    states: Collection[str] = ()
    laboratory_id: UUID | None = None
    field: str = ""
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class AppointmentRow:
    """An appointment with what a list names besides."""

    appointment: Appointment
    person_name: str
    number: str
    laboratory: str
    account: BusinessAccount | None


class AppointmentRepository:
    """The tables `appointments`, `appointment_numbers`, `appointment_evaluations`, `…_decisions`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- appointments ---------------------------------------------------------------------------------------

    async def page(
        self, wanted: AppointmentFilter, *, offset: int, limit: int
    ) -> tuple[int, Sequence[AppointmentRow]]:
        """One page by laboratory and name, and how many there are."""
        query = _filtered(wanted)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Organisation.name, Person.name, Appointment.id).offset(offset).limit(limit)
        )
        return total or 0, [_row(*row) for row in rows]

    async def find(self, appointment_id: UUID, reach: Reach | None) -> AppointmentRow | None:
        """One appointment, if it is within reach (None: everything is)."""
        query = _joined().where(Appointment.id == appointment_id)
        if reach is not None:
            query = query.where(within(reach))
        row = (await self.session.execute(query)).one_or_none()
        return _row(*row) if row else None

    async def locked(self, appointment_id: UUID) -> Appointment | None:
        """The row as it is when its lock is had."""
        return await self.session.scalar(
            select(Appointment)
            .where(Appointment.id == appointment_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def standing(self, person_id: UUID, scheme_id: str) -> Appointment | None:
        """The person's appointment in a scheme that is not ended, locked."""
        return await self.session.scalar(
            select(Appointment)
            .where(
                Appointment.person_id == person_id,
                Appointment.scheme_id == scheme_id,
                Appointment.state.in_(STANDING),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def states_of(self, person_id: UUID) -> frozenset[str]:
        """The states of all appointments of a person."""
        rows = await self.session.scalars(
            select(Appointment.state).where(Appointment.person_id == person_id).distinct()
        )
        return frozenset(rows)

    async def active_at(self, laboratory_id: UUID, scheme_id: str) -> Sequence[AppointmentRow]:
        """The active people of a laboratory, by name."""
        rows = await self.session.execute(
            _joined()
            .where(
                Appointment.laboratory_id == laboratory_id,
                Appointment.scheme_id == scheme_id,
                Appointment.state == AppointmentState.ACTIVE,
            )
            .order_by(Person.name, Appointment.id)
        )
        return [_row(*row) for row in rows]

    async def standing_of(self, scheme_id: str, organisation_id: UUID) -> Sequence[AppointmentRow]:
        """Everybody whom an organisation appointed in a scheme and who was not ended, locked against changes."""
        rows = await self.session.execute(
            _joined().where(
                Appointment.scheme_id == scheme_id,
                Appointment.organisation_id == organisation_id,
                Appointment.state.in_(STANDING),
            )
        )
        return [_row(*row) for row in rows]

    async def of_follower(self, follower_id: UUID) -> Sequence[AppointmentRow]:
        """What a follower's enrolments led to, the newest first."""
        rows = await self.session.execute(
            _joined()
            .join(Enrolment, Enrolment.id == Appointment.enrolment_id)
            .where(Enrolment.follower_id == follower_id)
            .order_by(Appointment.created_at.desc())
        )
        return [_row(*row) for row in rows]

    async def public_page(
        self, scheme_id: str, *, laboratory: str, field: str, offset: int, limit: int
    ) -> tuple[int, Sequence[AppointmentRow]]:
        """Active people only; `laboratory` is part of a laboratory's name."""
        query = _joined().where(
            Appointment.scheme_id == scheme_id, Appointment.state == AppointmentState.ACTIVE
        )
        if laboratory:
            query = query.where(Organisation.name.contains(laboratory, autoescape=True))
        if field:
            query = query.where(Appointment.fields.contains([field]))
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Organisation.name, Person.name, Appointment.id).offset(offset).limit(limit)
        )
        return total or 0, [_row(*row) for row in rows]

    async def history(self, appointment_id: UUID) -> Sequence[AuditEntry]:
        """Everything the audit log says about it, the newest first."""
        rows = await self.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == "appointment", AuditEntry.subject_id == str(appointment_id))
            .order_by(AuditEntry.id.desc())
        )
        return rows.all()

    # ---- numbers --------------------------------------------------------------------------------------------

    async def find_number(self, person_id: UUID, series: str) -> AppointmentNumber | None:
        """The person's number in a series."""
        return await self.session.scalar(
            select(AppointmentNumber).where(
                AppointmentNumber.person_id == person_id, AppointmentNumber.series == series
            )
        )

    async def add_number(self, number: AppointmentNumber) -> AppointmentNumber | None:
        """Keep a number unless the person has one or somebody else has this; None when it was not kept."""
        kept: AppointmentNumber | None = await self.session.scalar(
            insert(AppointmentNumber)
            .values(
                id=number.id,
                person_id=number.person_id,
                series=number.series,
                number=number.number,
                given_at=number.given_at,
            )
            .on_conflict_do_nothing()
            .returning(AppointmentNumber)
        )
        return kept

    # ---- evaluations ----------------------------------------------------------------------------------------

    async def evaluations(self, appointment_id: UUID) -> Sequence[tuple[AppointmentEvaluation, str]]:
        """What was said of it, by whom, the newest first."""
        rows = await self.session.execute(
            select(AppointmentEvaluation, Organisation.name)
            .join(Organisation, Organisation.id == AppointmentEvaluation.organisation_id)
            .where(AppointmentEvaluation.appointment_id == appointment_id)
            .order_by(AppointmentEvaluation.created_at.desc(), AppointmentEvaluation.id)
        )
        return [(evaluation, name) for evaluation, name in rows]

    async def decisions(self, appointment_id: UUID) -> Sequence[AppointmentDecision]:
        """What was decided after evaluations, the newest first."""
        rows = await self.session.scalars(
            select(AppointmentDecision)
            .where(AppointmentDecision.appointment_id == appointment_id)
            .order_by(AppointmentDecision.created_at.desc(), AppointmentDecision.id)
        )
        return rows.all()


def within(reach: Reach) -> ColumnElement[bool]:
    """The condition that an appointment is seen from there (B9)."""
    return or_(
        Appointment.organisation_id == reach.organisation_id,
        Appointment.laboratory_id.in_(below(reach.organisation_id)),
        Appointment.scheme_id.in_(reach.central_schemes),
    )


def _joined() -> Select[Appointment, str, str, str, BusinessAccount]:
    return (
        select(Appointment, Person.name, AppointmentNumber.number, Organisation.name, BusinessAccount)
        .join(Person, Person.id == Appointment.person_id)
        .join(AppointmentNumber, AppointmentNumber.id == Appointment.number_id)
        .join(Organisation, Organisation.id == Appointment.laboratory_id)
        .outerjoin(BusinessAccount, BusinessAccount.person_id == Appointment.person_id)
    )


def _filtered(wanted: AppointmentFilter) -> Select[Appointment, str, str, str, BusinessAccount]:
    query = _joined()
    if wanted.reach is not None:
        query = query.where(within(wanted.reach))
    if wanted.states:
        query = query.where(Appointment.state.in_(wanted.states))
    if wanted.laboratory_id is not None:
        query = query.where(Appointment.laboratory_id == wanted.laboratory_id)
    if wanted.field:
        query = query.where(Appointment.fields.contains([wanted.field]))
    if wanted.query:
        query = query.where(
            or_(
                Person.name.contains(wanted.query, autoescape=True),
                Organisation.name.contains(wanted.query, autoescape=True),
                AppointmentNumber.number.contains(wanted.query.upper(), autoescape=True),
            )
        )
    return query


def _row(
    appointment: Appointment, name: str, number: str, laboratory: str, account: BusinessAccount | None
) -> AppointmentRow:
    return AppointmentRow(
        appointment=appointment, person_name=name, number=number, laboratory=laboratory, account=account
    )

"""Laboratories: which there are, what they do, and who covers it (E4)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.appointment_states import AppointmentState
from storage.repositories.appointments import Reach
from storage.repositories.organisations_below import below
from storage.tables import Appointment, Enrolment, LaboratoryBusiness, Organisation


class LaboratoryRepository:
    """The table `laboratory_business`, and the organisations that are laboratories."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def business(self, laboratory_id: UUID, scheme_id: str) -> tuple[str, ...]:
        """The fields a laboratory does business in, as they were last said."""
        fields = await self.session.scalar(
            select(LaboratoryBusiness.fields).where(
                LaboratoryBusiness.laboratory_id == laboratory_id, LaboratoryBusiness.scheme_id == scheme_id
            )
        )
        return tuple(fields or ())

    async def lock_business(self, laboratory_id: UUID, scheme_id: str) -> None:
        """Let nobody else decide about this laboratory's people until the transaction ends."""
        await self.session.execute(
            select(LaboratoryBusiness.laboratory_id)
            .where(
                LaboratoryBusiness.laboratory_id == laboratory_id, LaboratoryBusiness.scheme_id == scheme_id
            )
            .with_for_update()
        )

    async def set_business(
        self, laboratory_id: UUID, scheme_id: str, fields: Sequence[str], now: datetime
    ) -> None:
        """Say what a laboratory does."""
        statement = insert(LaboratoryBusiness).values(
            laboratory_id=laboratory_id, scheme_id=scheme_id, fields=list(fields), updated_at=now
        )
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=["laboratory_id", "scheme_id"],
                set_={"fields": list(fields), "updated_at": now},
            )
        )

    async def laboratories(
        self, kinds: Collection[str], reach: Reach | None, *, all_of_them: bool = False
    ) -> Sequence[Organisation]:
        """The laboratories (organisations of these kinds) within reach, by name."""
        query = select(Organisation).where(Organisation.kind.in_(kinds)).order_by(Organisation.name)
        if reach is not None and not all_of_them:
            query = query.where(Organisation.id.in_(below(reach.organisation_id)))
        return (await self.session.scalars(query)).all()

    async def laboratories_below(self, organisation_id: UUID, kind: str) -> Sequence[UUID]:
        """The laboratories of this kind at or below an organisation."""
        rows = await self.session.scalars(
            select(Organisation.id).where(
                Organisation.kind == kind, Organisation.id.in_(below(organisation_id))
            )
        )
        return rows.all()

    async def businesses(
        self, laboratory_ids: Collection[UUID], scheme_id: str
    ) -> dict[UUID, tuple[str, ...]]:
        """What these laboratories do; those that never said are left out."""
        rows = await self.session.execute(
            select(LaboratoryBusiness.laboratory_id, LaboratoryBusiness.fields).where(
                LaboratoryBusiness.laboratory_id.in_(laboratory_ids),
                LaboratoryBusiness.scheme_id == scheme_id,
            )
        )
        return {laboratory: tuple(fields) for laboratory, fields in rows}

    async def active_fields(
        self, laboratory_ids: Collection[UUID], scheme_id: str
    ) -> Sequence[tuple[UUID, list[str]]]:
        """(laboratory, fields) of every active person of these laboratories."""
        rows = await self.session.execute(
            select(Appointment.laboratory_id, Appointment.fields).where(
                Appointment.laboratory_id.in_(laboratory_ids),
                Appointment.scheme_id == scheme_id,
                Appointment.state == AppointmentState.ACTIVE,
            )
        )
        return [(laboratory, fields) for laboratory, fields in rows]

    async def applicants(
        self, scheme_id: str, field_key: str, laboratory: str, states: Collection[str]
    ) -> Sequence[Enrolment]:
        """Enrolments in these states whose applicants name this laboratory."""
        rows = await self.session.scalars(
            select(Enrolment).where(
                Enrolment.scheme_id == scheme_id,
                Enrolment.state.in_(states),
                Enrolment.answers[field_key].astext == laboratory,
            )
        )
        return rows.all()

"""Roster checks and their entries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import String, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.appointment_states import AppointmentState
from storage.repositories.organisations_below import below
from storage.tables import Appointment, Organisation, RosterCheck, RosterEntry


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    """An entry with its laboratory and the appointment that the person has in the check's scheme and that stands."""

    entry: RosterEntry
    laboratory: str
    appointment_id: UUID | None
    #: Whether that appointment is active.
    appointed: bool


class RosterRepository:
    """The tables `roster_checks` and `roster_entries`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def checks(self, scheme_ids: Collection[str]) -> Sequence[tuple[RosterCheck, str]]:
        """All checks of these schemes with who checks, the newest first."""
        rows = await self.session.execute(
            select(RosterCheck, Organisation.name)
            .join(Organisation, Organisation.id == RosterCheck.organisation_id)
            .where(RosterCheck.scheme_id.in_(scheme_ids))
            .order_by(RosterCheck.created_at.desc(), RosterCheck.id)
        )
        return [(check, name) for check, name in rows]

    async def find_check(self, check_id: UUID) -> RosterCheck | None:
        """One check."""
        return await self.session.get(RosterCheck, check_id)

    async def find_entry(self, entry_id: UUID) -> RosterEntry | None:
        """One entry, locked."""
        return await self.session.scalar(
            select(RosterEntry)
            .where(RosterEntry.id == entry_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def entries(
        self, check: RosterCheck, *, under: UUID | None = None, entry_id: UUID | None = None
    ) -> Sequence[EntryRow]:
        """The entries of a check by laboratory and name; `under`: only of laboratories at or below this organisation."""
        standing = aliased(Appointment)
        query = (
            select(RosterEntry, Organisation.name, standing.id, standing.state)
            .join(Organisation, Organisation.id == RosterEntry.laboratory_id)
            .outerjoin(
                standing,
                and_(
                    standing.person_id == RosterEntry.person_id,
                    standing.scheme_id == check.scheme_id,
                    standing.state != AppointmentState.ENDED,
                ),
            )
            .where(RosterEntry.check_id == check.id)
            .order_by(Organisation.name, RosterEntry.name, RosterEntry.id)
        )
        if under is not None:
            query = query.where(RosterEntry.laboratory_id.in_(below(under)))
        if entry_id is not None:
            query = query.where(RosterEntry.id == entry_id)
        rows = await self.session.execute(query)
        return [
            EntryRow(
                entry=entry,
                laboratory=laboratory,
                appointment_id=appointment_id,
                appointed=state == AppointmentState.ACTIVE,
            )
            for entry, laboratory, appointment_id, state in rows
        ]

    async def recognise(self, *, laboratory_id: UUID, scheme_id: str, name: str, person_id: UUID) -> None:
        """In open checks, whoever stood at this laboratory under this name alone is this person."""
        nameless = (
            select(func.min(RosterEntry.id.cast(String)))
            .join(RosterCheck, RosterCheck.id == RosterEntry.check_id)
            .where(
                RosterCheck.scheme_id == scheme_id,
                RosterCheck.closed_at.is_(None),
                RosterEntry.laboratory_id == laboratory_id,
                RosterEntry.name == name,
                RosterEntry.person_id.is_(None),
                RosterEntry.check_id.not_in(
                    select(RosterEntry.check_id).where(RosterEntry.person_id == person_id)
                ),
            )
            .group_by(RosterEntry.check_id)
            .having(func.count() == 1)
        )
        await self.session.execute(
            update(RosterEntry).where(RosterEntry.id.cast(String).in_(nameless)).values(person_id=person_id)
        )

"""Which forms were printed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import PrintedForm


class PrintedFormRepository:
    """The table `printed_forms`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def newest(self, enrolment_id: UUID, material_key: str, *, until: datetime) -> PrintedForm | None:
        """What was printed last for a material, up to this moment."""
        return await self.session.scalar(
            select(PrintedForm)
            .where(
                PrintedForm.enrolment_id == enrolment_id,
                PrintedForm.material_key == material_key,
                PrintedForm.printed_at <= until,
            )
            .order_by(PrintedForm.printed_at.desc(), PrintedForm.id)
            .limit(1)
        )

    async def keep(self, enrolment_id: UUID, material_key: str, code: str, at: datetime) -> None:
        """It was printed with this content; the same content again only moves its time."""
        newest = await self.newest(enrolment_id, material_key, until=at)
        if newest is not None and newest.code == code:
            newest.printed_at = at
            return
        self.session.add(
            PrintedForm(enrolment_id=enrolment_id, material_key=material_key, code=code, printed_at=at)
        )

"""Which forms were printed."""

from collections.abc import Collection, Mapping, Sequence
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

    async def with_codes(self, enrolment_id: UUID, codes: Collection[str]) -> Sequence[PrintedForm]:
        """Those of an enrolment that bear one of these codes."""
        rows = await self.session.scalars(
            select(PrintedForm).where(PrintedForm.enrolment_id == enrolment_id, PrintedForm.code.in_(codes))
        )
        return rows.all()

    async def keep(
        self, enrolment_id: UUID, material_key: str, code: str, items: Mapping[str, str], at: datetime
    ) -> None:
        """It was printed with this content; the same content again only moves its time."""
        newest = await self.newest(enrolment_id, material_key, until=at)
        if newest is not None and newest.code == code:
            newest.printed_at, newest.items = at, dict(items)
            return
        self.session.add(
            PrintedForm(
                enrolment_id=enrolment_id,
                material_key=material_key,
                code=code,
                items=dict(items),
                printed_at=at,
            )
        )

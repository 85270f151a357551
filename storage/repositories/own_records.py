"""What happened to somebody's enrolments after they were handed in: vouchers, attendance, changes, appeals."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.exams import among
from storage.tables import (
    Appeal,
    AppealNote,
    Attachment,
    ChangeRequest,
    ClassDay,
    Enrolment,
    Payment,
    PracticeRecord,
    SignIn,
    SupersededVoucher,
)


class OwnRecordsRepository:
    """Reads across the tables that hang on `enrolments`; changes nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def vouchers(self, enrolment_ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
        """Enrolment and file of every voucher, also of those that a newer one replaced."""
        present = select(Payment.enrolment_id, Payment.voucher_key).where(
            among(Payment.enrolment_id, enrolment_ids), Payment.voucher_key.is_not(None)
        )
        older = (
            select(Payment.enrolment_id, SupersededVoucher.file_key)
            .join(Payment, Payment.id == SupersededVoucher.payment_id)
            .where(among(Payment.enrolment_id, enrolment_ids), SupersededVoucher.file_key.is_not(None))
        )
        found = [*await self.session.execute(present), *await self.session.execute(older)]
        return [(enrolment_id, key) for enrolment_id, key in found if key is not None]

    async def sign_ins(self, enrolment_ids: Sequence[UUID]) -> Sequence[tuple[SignIn, ClassDay]]:
        """The earliest first."""
        rows = await self.session.execute(
            select(SignIn, ClassDay)
            .join(ClassDay, ClassDay.id == SignIn.class_day_id)
            .where(among(SignIn.enrolment_id, enrolment_ids))
            .order_by(SignIn.created_at)
        )
        return [(signed, day) for signed, day in rows]

    async def practice(self, enrolment_ids: Sequence[UUID]) -> Sequence[tuple[PracticeRecord, ClassDay]]:
        """The earliest first."""
        rows = await self.session.execute(
            select(PracticeRecord, ClassDay)
            .join(ClassDay, ClassDay.id == PracticeRecord.class_day_id)
            .where(among(PracticeRecord.enrolment_id, enrolment_ids))
            .order_by(PracticeRecord.created_at)
        )
        return [(record, day) for record, day in rows]

    async def changes(
        self, enrolment_ids: Sequence[UUID]
    ) -> Sequence[tuple[ChangeRequest, str, Sequence[tuple[str, str | None]]]]:
        """Each with its scheme (`id@version`) and its proofs (file key, media type), the earliest first."""
        rows = await self.session.execute(
            select(ChangeRequest, Enrolment)
            .join(Enrolment, Enrolment.id == ChangeRequest.enrolment_id)
            .where(among(ChangeRequest.enrolment_id, enrolment_ids))
            .order_by(ChangeRequest.number)
        )
        found = [(request, enrolment.scheme_ref) for request, enrolment in rows]
        proofs: dict[UUID | None, list[tuple[str, str | None]]] = defaultdict(list)
        for request_id, key, media_type in await self.session.execute(
            select(Attachment.change_request_id, Attachment.file_key, Attachment.media_type)
            .where(among(Attachment.change_request_id, [request.id for request, _ in found]))
            .order_by(Attachment.created_at)
        ):
            if key is not None:
                proofs[request_id].append((key, media_type))
        return [(request, ref, proofs[request.id]) for request, ref in found]

    async def appeals(self, enrolment_ids: Sequence[UUID]) -> Sequence[tuple[Appeal, Sequence[AppealNote]]]:
        """Each with what both sides wrote, the earliest first."""
        rows = await self.session.scalars(
            select(Appeal).where(among(Appeal.enrolment_id, enrolment_ids)).order_by(Appeal.number)
        )
        appeals = rows.all()
        said: dict[UUID, list[AppealNote]] = defaultdict(list)
        for note in await self.session.scalars(
            select(AppealNote)
            .where(among(AppealNote.appeal_id, [appeal.id for appeal in appeals]))
            .order_by(AppealNote.created_at)
        ):
            said[note.appeal_id].append(note)
        return [(appeal, said[appeal.id]) for appeal in appeals]

"""Records of practice 实操记录: instrument, process, result, answer sheet (C8). The first one of a day counts its hours."""

import hashlib
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_reader
from services.attachments import readable
from services.attendance.days import ClassDayService
from services.attendance.hours import count_day, follow
from services.attendance.views import PracticeView
from services.enrolments.restricted import ensure_opened
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, EnrolmentState
from services.rules import plain_words
from services.study.records import PRACTICE
from services.unit_of_work import Work
from storage.attendance_states import DayKind
from storage.repositories.attendance import AttendanceRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import ClassDay, Enrolment, PracticeRecord

_MOST_A_DAY = 30


class PracticeService:
    """What was practised."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.attendance = AttendanceRepository(work.session)

    async def add(
        self,
        actor: Actor,
        day_id: UUID,
        enrolment_id: UUID,
        *,
        instrument: str,
        process: str,
        result: str,
        sheet: bytes | None = None,
    ) -> PracticeView:
        """Keep a record of one who signed in on a day of practice; the first one counts the day's hours.

        `sheet` is the answer sheet: a picture or a PDF.

        Raises:
            InvalidValueError: `words.…` of what was written.
            ServiceError: `practice.not_practice` (a day of theory), `attachment.too_large`, `attachment.kind`.
            ConflictError: `day.withdrawn`, `practice.not_admitted`, `practice.not_signed`, `practice.too_many` (`limit`).
            NotFoundError, ForbiddenError: not this actor's.
        """
        day, course = await ClassDayService(self.work).find_standing(actor, day_id)
        if day.kind != DayKind.PRACTICE:
            raise ServiceError("practice.not_practice")
        instrument = plain_words.reason(instrument, most=80, label="使用仪器")
        process = plain_words.reason(process, most=1000, label="操作过程")
        result = plain_words.reason(result, most=300, label="结果")
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id, for_update=True)
        if enrolment is None or enrolment.trained_by != course.organisation_id:
            raise NotFoundError("enrolment.not_found")
        if enrolment.state != EnrolmentState.ADMITTED:
            raise ConflictError("practice.not_admitted")
        if await self.attendance.find_sign_in(day.id, enrolment.id) is None:
            raise ConflictError("practice.not_signed")
        before = await self.attendance.list_records(day_id=day.id, enrolment_id=enrolment.id)
        if len(before) >= _MOST_A_DAY:
            raise ConflictError("practice.too_many", limit=_MOST_A_DAY)
        row = PracticeRecord(
            id=uuid4(),
            class_day_id=day.id,
            enrolment_id=enrolment.id,
            instrument=instrument,
            process=process,
            result=result,
            recorded_by_name=actor.name,
            created_at=self.work.now,
        )
        if sheet is not None:
            content, row.media_type = await readable(sheet)
            row.file_key, row.sha256 = f"practice/{row.id.hex}", hashlib.sha256(content).hexdigest()
            await self.work.tools.files.put(row.file_key, content)
        await self.attendance.add(row)
        audit.record_enrolment(
            self.work,
            actor,
            "practice.recorded",
            enrolment,
            after={"day": day.title, "record": str(row.id), "sha256": row.sha256},
        )
        if not before:
            await count_day(self.work, enrolment, day, PRACTICE)
            await follow(self.work, enrolment.id, PRACTICE, str(day.id), actor)
        return _view(row, day, enrolment)

    async def of_day(self, actor: Actor, day_id: UUID) -> tuple[PracticeView, ...]:
        """The records of a day. Raises NotFoundError."""
        await ClassDayService(self.work).find(actor, day_id)
        return tuple(_view(*row) for row in await self.attendance.list_records(day_id=day_id))

    async def of_enrolment(self, actor: Actor, enrolment_id: UUID) -> tuple[PracticeView, ...]:
        """The records of a candidate, the earliest first. Raises NotFoundError."""
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        await Stages(self.work).ensure_reader(actor, enrolment)
        return tuple(_view(*row) for row in await self.attendance.list_records(enrolment_id=enrolment_id))

    async def sheet(self, actor: Actor, record_id: UUID) -> tuple[bytes, str]:
        """The answer sheet and its media type; the look is logged.

        Raises NotFoundError, ForbiddenError `enrolment.restricted`.
        """
        found = await self.attendance.find_record(record_id)
        if found is None:
            raise NotFoundError("practice.not_found")
        row, course = found
        ensure_reader(actor, course.organisation_id)
        if row.file_key is None or row.media_type is None:
            raise NotFoundError("practice.not_found")
        enrolment = await EnrolmentRepository(self.work.session).get(row.enrolment_id)
        await ensure_opened(self.work, actor, enrolment)
        audit.record(
            self.work,
            actor,
            "practice.sheet_viewed",
            "enrolment",
            row.enrolment_id,
            after={"record": str(row.id)},
            organisation_id=course.organisation_id,
        )
        return await self.work.tools.files.get(row.file_key), row.media_type


def _view(row: PracticeRecord, day: ClassDay, enrolment: Enrolment) -> PracticeView:
    return PracticeView(
        id=row.id,
        enrolment_id=row.enrolment_id,
        number=enrolment.number,
        day=day.title,
        on=day.starts_at,
        instrument=row.instrument,
        process=row.process,
        result=row.result,
        recorded_by=row.recorded_by_name,
        has_sheet=row.file_key is not None,
        sheet_purged_at=row.purged_at,
    )

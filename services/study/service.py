"""Study hours 学时: imported from tables or proved by a paper (A4, B1), and what happens when they are met."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from services import audit
from services.access import ensure_officer, visible_organisation
from services.errors import ConflictError, NotFoundError, ServiceError
from services.imports import ImportReport
from services.models import Actor, DocumentState, EnrolmentState
from services.rules import hours as rules
from services.spreadsheets import template_workbook
from services.study.classes import ClassService
from services.study.hours_import import HoursImport
from services.study.hours_sheet import TEMPLATE_COLUMNS
from services.study.milestones import HoursChange, MilestoneService
from services.study.records import PRACTICE, PROOF, counted_records, given_name, new_record, required_hours
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.study import ClassRepository, StudyRepository
from storage.tables import Enrolment

#: Key of the material that proves hours learnt elsewhere (A4).
HOURS_PROOF = "hours_proof"
#: What one paper can prove at most: a slip of the keyboard beyond it.
_MOST_HOURS_OF_A_PROOF = Decimal(999)


@dataclass(frozen=True, kw_only=True)
class StudyLine:
    """One record of study."""

    course: str
    #: None for a proof, which says how much and not when.
    studied_on: date | None
    hours: Decimal
    #: `import`, `proof`, `attendance` or `practice`.
    source: str


@dataclass(frozen=True, kw_only=True)
class HoursPart:
    """Theory or practice, where a scheme asks for both (C8); 学时."""

    part: Literal["theory", "practice"]
    done: Decimal
    required: Decimal


@dataclass(frozen=True, kw_only=True)
class HoursProgress:
    """How far somebody is, in 学时; a scheme that asks for no hours counts as met."""

    done: Decimal
    required: Decimal
    #: 0 to 100, rounded down.
    percent: int
    met: bool
    records: tuple[StudyLine, ...]
    #: Theory and practice apart, where the scheme asks for both; else empty.
    parts: tuple[HoursPart, ...] = ()

    @property
    def proof_counted(self) -> bool:
        """A paper that proves hours was counted (A4)."""
        return any(record.source == "proof" for record in self.records)


class StudyService:
    """Hours: imported, proved, and how far somebody is."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.records = StudyRepository(work.session)

    async def progress(self, enrolment_id: UUID) -> HoursProgress:
        """How far the enrolment is, with its records in the order of study. Raises NotFoundError."""
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        records = await self.records.list_of([enrolment_id])
        lines = tuple(
            StudyLine(course=row.course, studied_on=row.studied_on, hours=row.hours, source=row.source)
            for row in records
        )
        required = required_hours(self.work, enrolment)
        counted = counted_records(self.work, enrolment, records)
        if not required:
            return HoursProgress(done=counted, required=required, percent=100, met=True, records=lines)
        so_far = rules.progress([counted], required)
        return HoursProgress(
            done=so_far.accepted,
            required=required,
            percent=so_far.percent,
            met=so_far.met,
            records=lines,
            parts=self._parts(enrolment, lines),
        )

    def _parts(self, enrolment: Enrolment, lines: Sequence[StudyLine]) -> tuple[HoursPart, ...]:
        asked = self.work.scheme(enrolment.scheme_ref).hours
        if asked is None or not asked.practice_required:
            return ()
        practice = sum((line.hours for line in lines if line.source == PRACTICE), Decimal(0))
        theory = sum((line.hours for line in lines if line.source != PRACTICE), Decimal(0))
        return (
            HoursPart(part="theory", done=theory, required=asked.required),
            HoursPart(part="practice", done=practice, required=asked.practice_required),
        )

    async def accept_proof(
        self, actor: Actor, enrolment_id: UUID, hours: Decimal, note: str = ""
    ) -> HoursProgress:
        """Count the uploaded proof of hours for so many 学时 (A4); the document is accepted with it.

        Raises:
            ServiceError: `study.hours`, not above 0, beyond reason, or finer than two decimals.
            ConflictError: `study.not_admitted`; `study.no_proof`, none was handed in; `study.proof_counted` already.
            NotFoundError, ForbiddenError: not this actor's.
        """
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id, for_update=True)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        ensure_officer(actor, enrolment.trained_by)
        if not 0 < hours <= _MOST_HOURS_OF_A_PROOF or hours != round(hours, 2):
            raise ServiceError("study.hours", most=str(_MOST_HOURS_OF_A_PROOF))
        if enrolment.state != EnrolmentState.ADMITTED or not required_hours(self.work, enrolment):
            raise ConflictError("study.not_admitted", state=enrolment.state)
        document = await self.records.find_document(enrolment_id, HOURS_PROOF)
        if document is None or document.state not in (DocumentState.UPLOADED, DocumentState.ACCEPTED):
            raise ConflictError("study.no_proof")
        records = await self.records.list_of([enrolment_id])
        if any(row.source == "proof" and row.reference == str(document.id) for row in records):
            raise ConflictError("study.proof_counted")
        before = counted_records(self.work, enrolment, records)
        title = self.work.scheme(enrolment.scheme_ref).material(HOURS_PROOF).label
        await self.records.add_all(
            [new_record(self.work, enrolment_id, PROOF, str(document.id), title, hours)]
        )
        after = counted_records(self.work, enrolment, await self.records.list_of([enrolment_id]))
        document.state = DocumentState.ACCEPTED
        audit.record_enrolment(
            self.work,
            actor,
            "study.proof_accepted",
            enrolment,
            before={"hours": str(before)},
            after={"hours": str(after), "document": str(document.id)},
            reason=note.strip(),
        )
        change = HoursChange(enrolment=enrolment, before=before, after=after, cause=f"proof:{document.id}")
        await MilestoneService(self.work).follow([change], actor=actor)
        return await self.progress(enrolment_id)

    async def hours_template(self, actor: Actor, *, class_code: str | None = None) -> bytes:
        """An xlsx to fill in, with number and name of who is in the class, or of all who still need hours.

        Raises:
            NotFoundError: no such class of the actor's organisation.
        """
        class_id = None
        if class_code is not None:
            class_id = (await ClassService(self.work).find_by_code(actor, class_code)).id
        roll = await ClassRepository(self.work.session).list_roll(
            organisation_id=visible_organisation(actor),
            class_id=class_id,
            states=(EnrolmentState.ADMITTED,),
        )
        rows = [
            {"number": str(enrolment.number), "name": given_name(self.work, enrolment, person.name)}
            for enrolment, person in roll
            if required_hours(self.work, enrolment)
        ]
        return await asyncio.to_thread(template_workbook, TEMPLATE_COLUMNS, rows)

    async def import_hours(
        self, actor: Actor, filename: str, content: bytes, *, dry_run: bool
    ) -> ImportReport:
        """Read a table of hours; a dry run counts only, a real one writes the good rows and reports the others.

        A record is a course on a day of one enrolment: it is new, changed (the old hours are in the audit log) or
        the same, so that the same file twice changes nothing. Who got hours is told once; at 100 % the 学时证明 is
        issued. The number of SQL statements does not grow with the rows.

        Raises:
            services.spreadsheets.SpreadsheetError: the file as a whole cannot be used.
            ForbiddenError: no officer of any organisation.
        """
        return await HoursImport(self.work).run(actor, filename, content, dry_run=dry_run)

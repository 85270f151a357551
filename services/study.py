"""Study hours 学时: imported from tables or proved by a paper (A4, B1), and what happens when they are met."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, visible_organisation
from services.classes import ClassService
from services.errors import ConflictError, NotFoundError, ServiceError
from services.hours_sheet import (
    COLUMNS,
    TEMPLATE_COLUMNS,
    HoursPlan,
    HoursRow,
    KeptRecord,
    Student,
    plan,
    read_rows,
)
from services.imports import ImportReport, record_run, report
from services.models import Actor, DocumentState, EnrolmentState
from services.rules import hours as rules
from services.rules.localtime import local_day
from services.schemes.models import FieldKind
from services.spreadsheets import RowError, Table, read_table, template_workbook
from services.study_milestones import MilestoneService
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.study import ClassRepository, StudentRow, StudyRepository
from storage.tables import Enrolment, StudyRecord

#: Key of the material that proves hours learnt elsewhere (A4).
HOURS_PROOF = "hours_proof"
#: What one paper can prove at most: a slip of the keyboard beyond it.
_MOST_HOURS_OF_A_PROOF = Decimal(999)
_IDENTITY_CONTEXT = b"persons.identity_number"


@dataclass(frozen=True, kw_only=True)
class StudyLine:
    """One record of study."""

    course: str
    #: None for a proof, which says how much and not when.
    studied_on: date | None
    hours: Decimal
    #: `import` or `proof`.
    source: str


@dataclass(frozen=True, kw_only=True)
class HoursProgress:
    """How far somebody is, in 学时; a scheme that asks for no hours counts as met."""

    done: Decimal
    required: Decimal
    #: 0 to 100, rounded down.
    percent: int
    met: bool
    records: tuple[StudyLine, ...]


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
        required = self._required(enrolment)
        if not required:
            done = sum((line.hours for line in lines), Decimal(0))
            return HoursProgress(done=done, required=required, percent=100, met=True, records=lines)
        so_far = rules.progress((line.hours for line in lines), required)
        return HoursProgress(
            done=so_far.accepted, required=required, percent=so_far.percent, met=so_far.met, records=lines
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
        ensure_officer(actor, enrolment.organisation_id)
        if not 0 < hours <= _MOST_HOURS_OF_A_PROOF or hours != round(hours, 2):
            raise ServiceError("study.hours", most=str(_MOST_HOURS_OF_A_PROOF))
        if enrolment.state != EnrolmentState.ADMITTED or not self._required(enrolment):
            raise ConflictError("study.not_admitted", state=enrolment.state)
        document = await self.records.find_document(enrolment_id, HOURS_PROOF)
        if document is None or document.state not in (DocumentState.UPLOADED, DocumentState.ACCEPTED):
            raise ConflictError("study.no_proof")
        records = await self.records.list_of([enrolment_id])
        if any(row.source == "proof" and row.reference == str(document.id) for row in records):
            raise ConflictError("study.proof_counted")
        before = sum((row.hours for row in records), Decimal(0))
        title = self.work.scheme(enrolment.scheme_ref).material(HOURS_PROOF).label
        await self.records.add_all(
            [_new_record(self.work, enrolment_id, "proof", str(document.id), title, hours)]
        )
        document.state = DocumentState.ACCEPTED
        audit.record_enrolment(
            self.work,
            actor,
            "study.proof_accepted",
            enrolment,
            before={"hours": str(before)},
            after={"hours": str(before + hours), "document": str(document.id)},
            reason=note.strip(),
        )
        await MilestoneService(self.work).hours_changed(
            enrolment, before=before, after=before + hours, cause=f"proof:{document.id}", actor=actor
        )
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
            {"number": str(enrolment.number), "name": self._name(enrolment, person.name)}
            for enrolment, person in roll
            if self._required(enrolment)
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
        if actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
        organisation_id = visible_organisation(actor)
        table = await asyncio.to_thread(read_table, filename, content, COLUMNS)
        rows, errors = read_rows(table, today=local_day(self.work.now))
        roll = await self._roll(rows, organisation_id, for_update=not dry_run)
        kept = [_kept(record) for record in await self.records.list_of(list(roll.enrolments))]
        outcome = plan(
            rows,
            by_number=roll.by_number,
            by_identity=roll.by_identity,
            kept=kept,
            headers={key: table.headers[position] for key, position in table.positions.items()},
        )
        outcome.errors.extend(errors)
        if not dry_run:
            await self._apply(actor, table, outcome, kept, roll.enrolments)
        return report(
            "hours",
            table,
            dry_run=dry_run,
            new=len(outcome.new),
            changed=len(outcome.changed),
            same=outcome.same,
            errors=tuple(outcome.errors),
        )

    async def _roll(
        self, rows: Sequence[HoursRow], organisation_id: UUID | None, *, for_update: bool
    ) -> "_Roll":
        """Everybody whom the rows can mean, in one statement."""
        keyring = self.work.tools.keyring
        digests: dict[bytes, str] = {}
        for number in {row.identity_number for row in rows if row.identity_number is not None}:
            for digest in keyring.digests(number, context=_IDENTITY_CONTEXT):
                digests[digest] = number
        found = await self.records.list_students(
            organisation_id=organisation_id,
            numbers={row.number for row in rows if row.number is not None},
            digests=digests,
            for_update=for_update,
        )
        roll = _Roll()
        for row in found:
            student = self._student(row)
            roll.enrolments[row.enrolment.id] = row.enrolment
            roll.by_number[student.number] = student
            if row.identity_digest in digests:
                roll.by_identity[digests[row.identity_digest]].append(student)
        return roll

    async def _apply(
        self,
        actor: Actor,
        table: Table,
        outcome: HoursPlan,
        kept: Sequence[KeptRecord],
        enrolments: Mapping[UUID, Enrolment],
    ) -> None:
        counts = {"new": len(outcome.new), "changed": len(outcome.changed), "same": outcome.same}
        run_id = await record_run(self.work, actor, "hours", table, {**counts, "errors": len(outcome.errors)})
        await self.records.add_all(
            [
                _new_record(self.work, enrolment_id, "import", row.reference, row.course, row.hours)
                | {"studied_on": row.studied_on, "import_id": run_id}
                for enrolment_id, row in outcome.new
            ]
        )
        await self.records.change_hours(
            {change.record.id: change.hours for _, change in outcome.changed}, import_id=run_id
        )
        before: dict[UUID, Decimal] = defaultdict(Decimal)
        for record in kept:
            before[record.enrolment_id] += record.hours
        after = defaultdict(Decimal, before)
        replaced: dict[UUID, dict[str, str]] = defaultdict(dict)
        for enrolment_id, row in outcome.new:
            after[enrolment_id] += row.hours
        for enrolment_id, change in outcome.changed:
            after[enrolment_id] += change.hours - change.record.hours
            replaced[enrolment_id][change.record.reference] = str(change.record.hours)
        last_row = {enrolment_id: row.row for enrolment_id, row in outcome.new}
        last_row |= {enrolment_id: change.row for enrolment_id, change in outcome.changed}
        for enrolment in sorted((enrolments[item] for item in outcome.touched), key=lambda row: row.number):
            was, now = before[enrolment.id], after[enrolment.id]
            audit.record_enrolment(
                self.work,
                actor,
                "study.hours_imported",
                enrolment,
                before={"hours": str(was), "replaced": replaced[enrolment.id]},
                after={"hours": str(now), "import": str(run_id)},
            )
            problem = await MilestoneService(self.work).hours_changed(
                enrolment, before=was, after=now, cause=f"{run_id}:{enrolment.id}", actor=actor
            )
            if problem is not None:
                outcome.errors.append(_proof_problem(last_row[enrolment.id], enrolment, problem))

    def _student(self, row: StudentRow) -> Student:
        return Student(
            enrolment_id=row.enrolment.id,
            number=row.enrolment.number,
            name=self._name(row.enrolment, row.person_name),
            admitted=row.enrolment.state == EnrolmentState.ADMITTED,
            needs_hours=bool(self._required(row.enrolment)),
        )

    def _name(self, enrolment: Enrolment, otherwise: str) -> str:
        """The name as it was given for this enrolment."""
        name_field = self.work.scheme(enrolment.scheme_ref).field_of_kind(FieldKind.NAME)
        return str(enrolment.answers.get(name_field.key, otherwise)) if name_field else otherwise

    def _required(self, enrolment: Enrolment) -> Decimal:
        """The hours that the scheme asks for; 0 for none."""
        asked = self.work.scheme(enrolment.scheme_ref).hours
        return asked.required if asked else Decimal(0)


@dataclass
class _Roll:
    """Whom the rows of a file can mean."""

    enrolments: dict[UUID, Enrolment] = field(default_factory=dict)
    by_number: dict[int, Student] = field(default_factory=dict)
    by_identity: defaultdict[str, list[Student]] = field(default_factory=lambda: defaultdict(list))


def _kept(record: StudyRecord) -> KeptRecord:
    return KeptRecord(
        id=record.id,
        enrolment_id=record.enrolment_id,
        source=record.source,
        reference=record.reference,
        studied_on=record.studied_on,
        hours=record.hours,
    )


def _new_record(
    work: Work, enrolment_id: UUID, source: str, reference: str, course: str, hours: Decimal
) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "enrolment_id": enrolment_id,
        "source": source,
        "reference": reference,
        "course": course,
        "studied_on": None,
        "hours": hours,
        "import_id": None,
        "created_at": work.now,
    }


def _proof_problem(row: int, enrolment: Enrolment, problem: ServiceError) -> RowError:
    return RowError(
        row=row,
        column="",
        problem=f"报名号 {enrolment.number} 的学时已记入并达到要求，但学时证明没有签发（{problem.code}）",
        example="请在证书页面查看原因，处理后补发",
    )

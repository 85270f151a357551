"""Importing a table of study hours: whom its rows mean, what they change, and what the people are told."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from services import audit, people
from services.access import ensure_officer, visible_organisation
from services.errors import ServiceError
from services.imports import ImportReport, record_run, report
from services.models import Actor, EnrolmentState
from services.rules.localtime import local_day
from services.spreadsheets import RowError, Table, read_table
from services.study.hours_plan import HoursPlan, KeptRecord, Student, plan
from services.study.hours_sheet import COLUMNS, HoursRow, read_rows
from services.study.milestones import HoursChange, MilestoneService
from services.study.records import IMPORT, PRACTICE, counted_hours, given_name, new_record, required_hours
from services.unit_of_work import Work
from storage.repositories.study import StudentRow, StudyRepository
from storage.tables import Enrolment, StudyRecord


class HoursImport:
    """One import within a unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.records = StudyRepository(work.session)

    async def run(self, actor: Actor, filename: str, content: bytes, *, dry_run: bool) -> ImportReport:
        """See `services.study.service.StudyService.import_hours`."""
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
        digests: dict[bytes, str] = {}
        for number in {row.identity_number for row in rows if row.identity_number is not None}:
            for digest in people.digests(self.work, number):
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
                new_record(self.work, enrolment_id, IMPORT, row.reference, row.course, row.hours)
                | {"studied_on": row.studied_on, "import_id": run_id}
                for enrolment_id, row in outcome.new
            ]
        )
        await self.records.change_hours(
            {change.record.id: change.hours for _, change in outcome.changed}, import_id=run_id
        )
        before: dict[UUID, Decimal] = defaultdict(Decimal)
        practice: dict[UUID, Decimal] = defaultdict(Decimal)
        for record in kept:
            before[record.enrolment_id] += record.hours
            practice[record.enrolment_id] += record.hours if record.source == PRACTICE else 0
        after = defaultdict(Decimal, before)
        replaced: dict[UUID, dict[str, str]] = defaultdict(dict)
        for enrolment_id, row in outcome.new:
            after[enrolment_id] += row.hours
        for enrolment_id, change in outcome.changed:
            after[enrolment_id] += change.hours - change.record.hours
            replaced[enrolment_id][change.record.reference] = str(change.record.hours)
        touched = sorted((enrolments[item] for item in outcome.touched), key=lambda row: row.number)
        for enrolment in touched:
            audit.record_enrolment(
                self.work,
                actor,
                "study.hours_imported",
                enrolment,
                before={"hours": str(before[enrolment.id]), "replaced": replaced[enrolment.id]},
                after={"hours": str(after[enrolment.id]), "import": str(run_id)},
            )
        problems = await MilestoneService(self.work).follow(
            [
                HoursChange(
                    enrolment=row,
                    before=counted_hours(asked, before[row.id], practice[row.id]),
                    after=counted_hours(asked, after[row.id], practice[row.id]),
                    cause=f"{run_id}:{row.id}",
                )
                for row in touched
                for asked in (self.work.scheme(row.scheme_ref).hours,)
            ],
            actor=actor,
        )
        last_row = {enrolment_id: row.row for enrolment_id, row in outcome.new}
        last_row |= {enrolment_id: change.row for enrolment_id, change in outcome.changed}
        outcome.errors.extend(
            _to_look_after(last_row[item], enrolments[item], problem) for item, problem in problems.items()
        )

    def _student(self, row: StudentRow) -> Student:
        return Student(
            enrolment_id=row.enrolment.id,
            number=row.enrolment.number,
            name=given_name(self.work, row.enrolment, row.person_name),
            admitted=row.enrolment.state == EnrolmentState.ADMITTED,
            needs_hours=bool(required_hours(self.work, row.enrolment)),
        )


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


def _to_look_after(row: int, enrolment: Enrolment, problem: ServiceError) -> RowError:
    """A row that was applied, and left something for staff to do."""
    who = f"报名号 {enrolment.number} 的学时已更新"
    if problem.code == "study.below_required":
        return RowError(
            row=row,
            column="",
            problem=f"{who}，但现在低于要求的 {problem.facts['required']} 学时",
            example="请核对学时；已签发的学时证明请在证书页面处理",
        )
    return RowError(
        row=row,
        column="",
        problem=f"{who}并达到要求，但学时证明没有签发（{problem.code}）",
        example="请在证书页面查看原因，处理后补发",
    )

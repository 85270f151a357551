"""Importing a table of scores: whom its rows mean, how they are graded, and what is kept of it."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer
from services.diagnosis.terms import diagnosis_of
from services.errors import ConflictError, NotFoundError
from services.exams.benchmarks import NOT_GRADED, graded_by_benchmark
from services.exams.scores_plan import Candidate, KeptResult, Mark, ScoresPlan, plan
from services.exams.scores_sheet import COLUMNS, area_columns, read_rows
from services.imports import ImportReport, record_run, report
from services.models import Actor, EnrolmentState, ResultState, SeatState, SittingState
from services.rules.grading import grade
from services.rules.text import normalise
from services.schemes.models import Scheme
from services.spreadsheets import Table, read_table
from services.study.records import given_name
from services.unit_of_work import Work
from storage.repositories.exams import SittingRepository
from storage.repositories.results import ResultRepository
from storage.repositories.seats import SeatRepository
from storage.tables import Enrolment, Result, Sitting


class ScoresImport:
    """One import within a unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sittings = SittingRepository(work.session)
        self.seats = SeatRepository(work.session)
        self.results = ResultRepository(work.session)

    async def run(
        self, actor: Actor, filename: str, content: bytes, *, sitting_code: str, dry_run: bool
    ) -> ImportReport:
        """See `services.exams.results.ResultService.import_scores`."""
        code = normalise(sitting_code).upper()
        sitting = await self.sittings.find_by_code(code, for_update=not dry_run)
        if sitting is None:
            raise NotFoundError("sitting.not_found", sitting=code)
        ensure_officer(actor, sitting.organisation_id)
        if sitting.state == SittingState.CANCELLED:
            raise ConflictError("sitting.not_open", state=sitting.state)
        current = self.work.tools.schemes.current(sitting.scheme_id)
        columns = (*COLUMNS, *area_columns(current.diagnosis))
        table = await asyncio.to_thread(read_table, filename, content, columns)
        rows, errors = read_rows(table)
        roll, enrolments = await self._roll(sitting)
        headers = {key: table.headers[position] for key, position in table.positions.items()}
        outcome = plan(rows, roll, headers)
        outcome.errors.extend(errors)
        if not dry_run:
            await self._apply(actor, sitting, table, outcome, enrolments)
        return report(
            "scores",
            table,
            dry_run=dry_run,
            new=len(outcome.new),
            changed=len(outcome.changed) + len(outcome.diagnosed),
            same=outcome.same,
            errors=tuple(outcome.errors),
        )

    async def _roll(self, sitting: Sitting) -> tuple[list[Candidate], dict[UUID, Enrolment]]:
        """Everybody whom the rows can mean, those with a void seat last."""
        kept = {row.enrolment_id: row for row, _ in await self.results.list_current(sitting.id)}
        roll, enrolments = [], {}
        for seat, enrolment, person in await self.seats.list_roll(sitting.id, with_void=True):
            enrolments[enrolment.id] = enrolment
            result = kept.get(enrolment.id)
            roll.append(
                Candidate(
                    seat_id=seat.id,
                    seat_state=SeatState(seat.state),
                    ticket=seat.ticket,
                    enrolment_id=enrolment.id,
                    number=enrolment.number,
                    name=given_name(self.work, enrolment, person.name),
                    admitted=enrolment.state == EnrolmentState.ADMITTED,
                    full=self.work.scheme(enrolment.scheme_ref).exam_terms.full_score,
                    kept=_kept(result) if result is not None else None,
                    areas=diagnosed.areas if (diagnosed := diagnosis_of(self.work, enrolment)) else (),
                )
            )
        return roll, enrolments

    async def _apply(
        self,
        actor: Actor,
        sitting: Sitting,
        table: Table,
        outcome: ScoresPlan,
        enrolments: Mapping[UUID, Enrolment],
    ) -> None:
        changed = len(outcome.changed) + len(outcome.diagnosed)
        counts = {"new": len(outcome.new), "changed": changed, "same": outcome.same}
        run_id = await record_run(
            self.work, actor, "scores", table, {**counts, "errors": len(outcome.errors)}
        )
        marks = [*outcome.new, *outcome.changed]
        # A figure is never overwritten: what was kept is superseded, and the correction is a version of its own.
        replaced = [mark.candidate.kept.id for mark in marks if mark.candidate.kept is not None]
        if replaced:
            await self.results.move(replaced, ResultState.SUPERSEDED)
        versions = await self.results.latest_versions([mark.candidate.enrolment_id for mark in marks])
        rows = []
        for mark in marks:
            enrolment = enrolments[mark.candidate.enrolment_id]
            row = self._result(sitting, enrolment, mark, versions.get(enrolment.id, 0) + 1, run_id)
            rows += [row] if row is not None else []
            self._record(actor, sitting, enrolment, mark, row)
        await self.results.add_all(rows)
        await self._mark_seats(marks)
        for mark in outcome.diagnosed:
            if mark.candidate.kept is not None and mark.areas is not None:
                await self.results.set_areas(mark.candidate.kept.id, _written(mark.areas))
                enrolment = enrolments[mark.candidate.enrolment_id]
                audit.record_enrolment(
                    self.work, actor, "result.diagnosed", enrolment, after={"sitting": sitting.code}
                )

    def _result(
        self, sitting: Sitting, enrolment: Enrolment, mark: Mark, version: int, run_id: UUID
    ) -> dict[str, Any] | None:
        """Columns of the result: graded by the scheme's bands (B6), or later by the sitting's benchmark (B5)."""
        if mark.score is None:
            return None
        scheme = self.work.scheme(enrolment.scheme_ref)
        name, passed = _graded(scheme, mark.score)
        return {
            "id": uuid4(),
            "enrolment_id": enrolment.id,
            "sitting_id": sitting.id,
            "version": version,
            "raw": mark.score,
            "full": scheme.exam_terms.full_score,
            "grade": name,
            "passed": passed,
            "method": _method(scheme),
            "areas": _written(mark.areas) if mark.areas is not None else None,
            "state": ResultState.SCORED,
            "import_id": run_id,
            "created_at": self.work.now,
        }

    async def _mark_seats(self, marks: Sequence[Mark]) -> None:
        """Who was absent, whose seat is void, and who was there after all."""
        for state in (SeatState.ABSENT, SeatState.VOID, SeatState.CHECKED_IN):
            ids = [
                mark.candidate.seat_id
                for mark in marks
                if mark.seat_state is state and mark.candidate.seat_state is not state
            ]
            if ids:
                await self.seats.set_states(ids, state)

    def _record(
        self, actor: Actor, sitting: Sitting, enrolment: Enrolment, mark: Mark, row: Mapping[str, Any] | None
    ) -> None:
        kept = mark.candidate.kept
        before: dict[str, object] = {"seat": mark.candidate.seat_state}
        if kept is not None:
            before |= {"score": str(kept.raw), "grade": kept.grade, "result": kept.state}
        after: dict[str, object] = {"sitting": sitting.code, "seat": mark.seat_state}
        if row is None:
            action = "seat.absent" if mark.seat_state is SeatState.ABSENT else "seat.voided"
        else:
            action = "result.scored" if kept is None else "result.changed"
            after |= {"score": str(row["raw"]), "grade": row["grade"], "result": row["state"]}
        audit.record_enrolment(self.work, actor, action, enrolment, before=before, after=after)


def _graded(scheme: Scheme, score: Decimal) -> tuple[str, bool]:
    if graded_by_benchmark(scheme):
        return NOT_GRADED, False
    band = grade(score, scheme.exam_terms.full_score, scheme.grading_terms.bands)
    return band.grade, band.passed


def _kept(row: Result) -> KeptResult:
    return KeptResult(
        id=row.id,
        raw=row.raw,
        grade=row.grade,
        state=ResultState(row.state),
        areas={key: Decimal(score) for key, score in row.areas.items()} if row.areas is not None else None,
    )


def _written(areas: Mapping[str, Decimal]) -> dict[str, str]:
    """As they are kept: exact text by key."""
    return {key: str(score) for key, score in areas.items()}


def _method(scheme: Scheme) -> dict[str, Any]:
    """How the grade follows from the score, as an appeal needs it later (B7); numbers as exact text."""
    return {
        "method": scheme.grading_terms.method,
        "scheme": scheme.ref,
        "full": str(scheme.exam_terms.full_score),
        "bands": [
            {
                "grade": band.grade,
                "minimum_percent": f"{band.minimum_percent.normalize():f}",
                "passed": band.passed,
            }
            for band in scheme.grading_terms.bands
        ],
        "proposed": any(path.split(".")[0] == "grading" for path in scheme.proposed),
    }

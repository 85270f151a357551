"""Results 成绩: imported and graded, approved, published, seen by their owner (B2, B6, B7)."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.authorisation.standing import ensure_authorised
from services.errors import ConflictError, NotFoundError
from services.exams.benchmarks import BenchmarkService
from services.exams.result_views import ResultCounts, ResultLine, ResultView
from services.exams.scores_import import ScoresImport
from services.exams.scores_sheet import COLUMNS, area_columns, area_key
from services.exams.views import scheme_title
from services.imports import ImportReport
from services.models import Actor, EnrolmentState, ResultState, SeatState
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.localtime import local_datetime
from services.rules.text import normalise
from services.spreadsheets import template_workbook
from services.study.records import given_name
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.exams import SittingRepository
from storage.repositories.results import ResultRepository
from storage.repositories.seats import SeatRepository
from storage.tables import Enrolment, Result, Sitting


class ResultService:
    """From the scores that come in to the results that people read."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sittings = SittingRepository(work.session)
        self.seats = SeatRepository(work.session)
        self.results = ResultRepository(work.session)

    async def import_scores(
        self, actor: Actor, filename: str, content: bytes, *, sitting_code: str, dry_run: bool
    ) -> ImportReport:
        """Read a table of scores; a dry run counts only, a real one writes the good rows and reports the others.

        A score is graded by the bands of the enrolment's scheme version. One that changes before publication becomes
        a new version, to be approved (again); for a published one it is a row error. 缺考 marks the seat absent, 作废
        makes it void; neither leaves a result. The same file twice changes nothing.

        Raises:
            services.spreadsheets.SpreadsheetError: the file as a whole cannot be used.
            NotFoundError: `sitting.not_found`, or not this actor's. ForbiddenError: a viewer.
            ConflictError: `sitting.not_open`, it was cancelled.
        """
        return await ScoresImport(self.work).run(
            actor, filename, content, sitting_code=sitting_code, dry_run=dry_run
        )

    async def scores_template(self, actor: Actor, sitting_code: str) -> bytes:
        """An xlsx to fill in, with ticket, number and name of everybody who has a seat, and what is known already."""
        code = normalise(sitting_code).upper()
        sitting = await self.sittings.find_by_code(code)
        if sitting is None:
            raise NotFoundError("sitting.not_found", sitting=code)
        diagnosis = self.work.tools.schemes.current(sitting.scheme_id).diagnosis
        columns = (*COLUMNS, *area_columns(diagnosis))
        rows = [
            {
                "ticket": line.ticket or "",
                "number": str(line.enrolment_number),
                "name": line.name,
                "score": float(line.score) if line.score is not None else "",
                "status": "缺考" if line.seat_state is SeatState.ABSENT else "",
                **{area_key(key): float(score) for key, score in line.areas.items()},
            }
            for line in await self.list_for_sitting(actor, sitting.id)
        ]
        return await asyncio.to_thread(template_workbook, columns, rows)

    async def list_for_sitting(self, actor: Actor, sitting_id: UUID) -> tuple[ResultLine, ...]:
        """Everybody who has a seat, by its number, with the current result or none. Raises NotFoundError."""
        sitting = await self.sittings.find(sitting_id)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        ensure_reader(actor, sitting.organisation_id)
        results = {row.enrolment_id: row for row, _ in await self.results.list_current(sitting_id)}
        lines = []
        for seat, enrolment, person in await self.seats.list_roll(sitting_id):
            if seat.state == SeatState.WAITLISTED:
                continue
            row = results.get(enrolment.id)
            lines.append(
                ResultLine(
                    enrolment_id=enrolment.id,
                    enrolment_number=enrolment.number,
                    seat_number=seat.number,
                    ticket=seat.ticket,
                    name=given_name(self.work, enrolment, person.name),
                    seat_state=SeatState(seat.state),
                    result_id=row.id if row else None,
                    score=row.raw if row else None,
                    full=row.full if row else None,
                    grade=row.grade if row else None,
                    passed=row.passed if row else None,
                    state=ResultState(row.state) if row else None,
                    version=row.version if row else None,
                    approved_at=row.approved_at if row else None,
                    published_at=row.published_at if row else None,
                    areas=dict(row.areas or {}) if row else {},
                )
            )
        return tuple(lines)

    async def to_approve_counts(self, actor: Actor) -> tuple[ResultCounts, ...]:
        """Sittings of the actor's organisation with results that wait for something. Raises ForbiddenError."""
        rows = await self.results.count_by_sitting(visible_organisation(actor))
        return tuple(
            ResultCounts(
                sitting_id=row.sitting.id,
                code=row.sitting.code,
                scheme=scheme_title(self.work, row.sitting),
                starts_at=row.sitting.starts_at,
                scored=row.scored,
                approved=row.approved,
                published=row.published,
            )
            for row in rows
        )

    async def approve(
        self, actor: Actor, sitting_id: UUID, result_ids: Collection[UUID] | None = None
    ) -> int:
        """Confirm the scored results of a sitting, all or these; says how many.

        Where a scheme grades against a benchmark it is frozen now, and what is not published is graded by it (B5).

        Raises:
            ConflictError: `result.not_scored`, one of these is approved, corrected or of another sitting.
            NotFoundError: `sitting.not_found`. ForbiddenError: a viewer.
        """
        sitting = await self._lock(actor, sitting_id)
        scored = await self.results.list_current(sitting_id, state=ResultState.SCORED)
        if result_ids is not None:
            wanted = set(result_ids)
            scored = [pair for pair in scored if pair[0].id in wanted]
            if len(scored) != len(wanted):
                raise ConflictError("result.not_scored")
        if scored:
            await BenchmarkService(self.work).grade(actor, sitting)
        for row, enrolment in scored:
            self._record(actor, "result.approved", row, enrolment, to=ResultState.APPROVED)
        if scored:
            ids = [row.id for row, _ in scored]
            await self.results.move(
                ids, ResultState.APPROVED, approved_at=self.work.now, approved_by=actor.id
            )
        return len(scored)

    async def publish(self, actor: Actor, sitting_id: UUID) -> int:
        """Make the approved results of a sitting known: each enrolment is concluded with it (B2); says how many.

        Everybody is told. A certificate follows by a decision of its own. The benchmark is published with them (B5).

        Raises:
            ConflictError: `result.two_people`, a small pool needs another person than the one who approved.
            NotFoundError: `sitting.not_found`. ForbiddenError: a viewer. NotAuthorisedError (C4, C14).
        """
        sitting = await self._lock(actor, sitting_id)
        scheme = self.work.tools.schemes.current(sitting.scheme_id)
        await ensure_authorised(self.work, sitting.organisation_id, scheme, Act.EXAMINE)
        approved = [
            (row, enrolment)
            for row, enrolment in await self.results.list_current(sitting_id, state=ResultState.APPROVED)
            if enrolment.state == EnrolmentState.ADMITTED
        ]
        if not approved:
            return 0
        await BenchmarkService(self.work).publish(actor, sitting)
        enrolment_ids = {enrolment.id for _, enrolment in approved}
        messages = [self._message(sitting, row, enrolment) for row, enrolment in approved]
        for row, enrolment in approved:
            self._record(actor, "result.published", row, enrolment, to=ResultState.PUBLISHED)
        seats = [
            seat.id
            for seat, enrolment in await self.seats.list_live(sitting_id)
            if enrolment.id in enrolment_ids
        ]
        ids = [row.id for row, _ in approved]
        await self.results.move(ids, ResultState.PUBLISHED, published_at=self.work.now)
        await self.seats.set_states(seats, SeatState.SAT)
        await self.results.conclude(enrolment_ids)
        await NoticeService(self.work).send_many(messages)
        return len(approved)

    async def of_enrolment(self, enrolment_id: UUID) -> ResultView | None:
        """The enrolment's result, once it is published. Whose it is, is the caller's to know."""
        return (await self.of_enrolments([enrolment_id])).get(enrolment_id)

    async def of_enrolments(self, enrolment_ids: Collection[UUID]) -> Mapping[UUID, ResultView]:
        """The published results of several enrolments: one statement, however many."""
        rows = await self.results.list_published(enrolment_ids)
        return {
            row.enrolment_id: self._view(row, row.published_at)
            for row in rows
            if row.published_at is not None
        }

    def _view(self, row: Result, published_at: datetime) -> ResultView:
        return ResultView(
            id=row.id,
            enrolment_id=row.enrolment_id,
            sitting_id=row.sitting_id,
            scheme=self.work.scheme(str(row.method["scheme"])).short_title,
            score=row.raw,
            full=row.full,
            grade=row.grade,
            passed=row.passed,
            standard_score=Decimal(row.method["standard_score"]) if "standard_score" in row.method else None,
            index=Decimal(row.method["index"]) if "index" in row.method else None,
            bands=tuple((band["grade"], band["minimum_percent"]) for band in row.method["bands"]),
            bands_proposed=bool(row.method["proposed"]),
            version=row.version,
            published_at=published_at,
            diagnosed=bool(row.areas),
        )

    async def _lock(self, actor: Actor, sitting_id: UUID) -> Sitting:
        sitting = await self.sittings.find(sitting_id, for_update=True)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        ensure_officer(actor, sitting.organisation_id)
        return sitting

    def _message(self, sitting: Sitting, row: Result, enrolment: Enrolment) -> Addressed:
        scheme = self.work.scheme(enrolment.scheme_ref)
        passed_next = "证卡办好后会发给您" if scheme.card is not None else "证书签发后会发给您"
        following = f"{passed_next}。" if row.passed else "可重新报名，回复 报名；有异议回复 申诉。"
        more = "\n回复 诊断 查看各知识领域的强弱和培训建议。" if row.areas else ""
        return Addressed(
            follower_id=enrolment.follower_id,
            notice="result_published",
            cause=str(row.id),
            facts={
                "scheme": scheme.short_title,
                "number": enrolment.number,
                "grade": row.grade,
                "score": f"{row.raw.normalize():f}",
                "next": following + more,
                "hint": passed_next if row.passed else "回复 成绩 查看详情",
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
        )

    def _record(
        self, actor: Actor, action: str, row: Result, enrolment: Enrolment, *, to: ResultState
    ) -> None:
        audit.record_enrolment(
            self.work,
            actor,
            action,
            enrolment,
            before={"result": row.state},
            after={"result": to, "score": str(row.raw), "grade": row.grade, "version": row.version},
        )

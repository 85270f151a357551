"""Appeals before the staff: the queue, the pack, answers, the one paper marked again (B7, B9)."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.appeals import certificates, notes, packs, telling
from services.appeals.models import AppealDetail, AppealLine, AppealPage, NamedLine, Pack, Remark
from services.appeals.permitted import may_not_decide, may_not_remark
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.exams.snapshots import as_benchmark
from services.models import Actor
from services.rules import grading, plain_words
from services.rules.benchmark import share
from services.rules.localtime import local_day
from services.rules.regrading import GRADES, Standing, better
from services.study.records import given_name
from services.unit_of_work import Work
from storage.appeal_states import AppealOutcome, AppealState
from storage.repositories.appeals import OPEN, AppealFilter, AppealRepository, AppealRow
from storage.repositories.exams import SittingRepository
from storage.tables import Result


class AppealDesk:
    """What staff of the organisation that held the sitting do with appeals."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.appeals = AppealRepository(work.session)

    # ---- reading --------------------------------------------------------------------------------------------

    async def queue(
        self, actor: Actor, *, states: Collection[AppealState] = OPEN, page: int = 1, per_page: int = 25
    ) -> AppealPage:
        """Appeals in these states, what is due first at first."""
        page = max(page, 1)
        wanted = AppealFilter(organisation_id=visible_organisation(actor), states=states)
        total, rows = await self.appeals.page(wanted, offset=(page - 1) * per_page, limit=per_page)
        return AppealPage(
            items=tuple(self._line(row) for row in rows),
            total=total,
            page=page,
            pages=max(1, -(-total // per_page)),
        )

    async def count_open(self, actor: Actor) -> tuple[int, int]:
        """How many wait for a decision, and how many of those beyond their day."""
        return await self.appeals.count_open(visible_organisation(actor), local_day(self.work.now))

    async def of_enrolment(self, actor: Actor, enrolment_id: UUID) -> tuple[AppealLine, ...]:
        """The appeals about an enrolment's results that the actor's organisation decides, the newest first."""
        own = visible_organisation(actor)
        rows = await self.appeals.of_enrolment(enrolment_id)
        return tuple(self._line(row) for row in rows if own in (None, row.appeal.organisation_id))

    async def named(self, actor: Actor) -> tuple[NamedLine, ...]:
        """Certificates of the actor's organisation that stand though their result does not pass any more."""
        return await certificates.waiting(self.work, actor)

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The appeal of this number. Raises NotFoundError."""
        appeal = await self.appeals.find_by_number(number)
        if appeal is None:
            raise NotFoundError("appeal.not_found")
        await self._readable(actor, appeal.id)
        return appeal.id

    async def show(self, actor: Actor, appeal_id: UUID) -> AppealDetail:
        """One appeal with everything; the look is logged. Raises NotFoundError."""
        row = await self._readable(actor, appeal_id)
        record(self.work, actor, "appeal.viewed", row)
        appeal = row.appeal
        new = await self.work.session.get(Result, appeal.new_result_id) if appeal.new_result_id else None
        return AppealDetail(
            line=self._line(row),
            pack=await packs.pack_of(self.work, row),
            notes=tuple(notes.view(self.work, note) for note in await self.appeals.notes(appeal.id)),
            disclosed_at=appeal.disclosed_at,
            disclosed_by=appeal.disclosed_by_name,
            remark=remark_of(row),
            decision_reason=appeal.decision_reason,
            decided_by=appeal.decided_by_name,
            decided_at=appeal.decided_at,
            new_grade=new.grade if new is not None else "",
            named=await certificates.named_of(self.work, actor, appeal),
            may_not_remark=may_not_remark(actor, row),
            may_not_decide=may_not_decide(actor, row),
        )

    async def pack(self, actor: Actor, appeal_id: UUID) -> Pack:
        """The pack as the person gets it; the look is logged. Raises NotFoundError."""
        row = await self._readable(actor, appeal_id)
        record(self.work, actor, "appeal.viewed", row)
        return await packs.pack_of(self.work, row)

    # ---- doing ----------------------------------------------------------------------------------------------

    async def disclose(self, actor: Actor, appeal_id: UUID) -> None:
        """Give the person the pack: they are sent a one-time link. Again sends it again.

        Raises:
            NotFoundError, ForbiddenError: not the actor's, or a reader. ConflictError: `appeal.closed`.
        """
        row = await self._open(actor, appeal_id)
        first = row.appeal.disclosed_at is None
        if first:
            row.appeal.disclosed_at, row.appeal.disclosed_by_name = self.work.now, actor.name
            row.appeal.state = AppealState.DISCLOSED
        record(self.work, actor, "appeal.disclosed", row)
        await telling.disclosed(self.work, row.appeal, row.enrolment, again=not first)

    async def answer(self, actor: Actor, appeal_id: UUID, text: str) -> None:
        """Answer what the person asks (充分答疑释惑).

        Raises:
            InvalidValueError: `words.…`. ConflictError: `appeal.closed`. NotFoundError, ForbiddenError.
        """
        said = plain_words.reason(text, most=notes.LONGEST_ANSWER, label="答复")
        row = await self._open(actor, appeal_id)
        note = notes.new(self.work, row.appeal.id, said, said_by=notes.STAFF, name=actor.name)
        self.work.session.add(note)
        record(self.work, actor, "appeal.answered", row)
        await telling.answered(self.work, row.appeal, row.enrolment, said, note.id)

    async def remark(self, actor: Actor, appeal_id: UUID, score: str, note: str) -> Remark:
        """Enter what the one paper is worth when it is marked again; graded by the frozen snapshot, which stays.

        Raises:
            ForbiddenError: `appeal.approver_remarks`: who approved the result does not mark again.
            InvalidValueError: `score.…`, `words.…`. ConflictError: `appeal.closed`. NotFoundError.
        """
        explained = plain_words.reason(note, most=notes.LONGEST_ANSWER, label="复核说明")
        row = await self._open(actor, appeal_id)
        if code := may_not_remark(actor, row):
            raise ForbiddenError(code)
        raw = grading.parse_score(score, row.result.full)
        grade, passed = await graded(self.work, row, raw)
        before = {"score": str(row.result.raw), "grade": row.result.grade}
        appeal = row.appeal
        appeal.remark_raw, appeal.remark_grade, appeal.remark_passed = raw, grade, passed
        appeal.remark_note, appeal.remarked_at = explained, self.work.now
        appeal.remarked_by, appeal.remarked_by_name = actor.id, actor.name
        record(
            self.work, actor, "appeal.remarked", row, before=before, after={"score": str(raw), "grade": grade}
        )
        return _remark(row, raw, passed)

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _readable(self, actor: Actor, appeal_id: UUID) -> AppealRow:
        row = await self.appeals.find(appeal_id)
        if row is None:
            raise NotFoundError("appeal.not_found")
        ensure_reader(actor, row.appeal.organisation_id)
        return row

    async def _open(self, actor: Actor, appeal_id: UUID) -> AppealRow:
        return await opened(self.work, actor, appeal_id)

    def _line(self, row: AppealRow) -> AppealLine:
        return line(self.work, row)


async def opened(work: Work, actor: Actor, appeal_id: UUID) -> AppealRow:
    """An appeal that awaits its decision, locked after its sitting, for an officer of its organisation.

    Raises:
        NotFoundError, ForbiddenError: not the actor's, or a reader. ConflictError: `appeal.closed` (`number`).
    """
    appeals = AppealRepository(work.session)
    known = await appeals.find(appeal_id)
    if known is None:
        raise NotFoundError("appeal.not_found")
    ensure_officer(actor, known.appeal.organisation_id)
    await SittingRepository(work.session).find(known.sitting.id, for_update=True)
    row = await appeals.find(appeal_id, for_update=True)
    if row is None or row.appeal.state not in OPEN:
        raise ConflictError("appeal.closed", number=known.appeal.number)
    return row


async def graded(work: Work, row: AppealRow, raw: Decimal) -> tuple[str, bool]:
    """What a raw score comes to by the snapshot, or the bands, that the result was graded by."""
    snapshot = await packs.snapshot_of(work, row.result)
    if snapshot is not None:
        frozen, x, order = as_benchmark(snapshot), share(raw, row.result.full), list(GRADES)
        new = Standing(raw=raw, grade=frozen.grade(x), passed=frozen.passed(x))
    else:
        listed = work.scheme(row.enrolment.scheme_ref).grading_terms.bands
        band, order = grading.grade(raw, row.result.full, listed), [item.grade for item in listed]
        new = Standing(raw=raw, grade=band.grade, passed=band.passed)
    if (kept := row.result.method.get("kept_grade")) is None:
        return new.grade, new.passed
    # What everybody was left when the answer key was mended is not taken from who objects.
    old = Standing(raw=Decimal(kept["score"]), grade=kept["grade"], passed=row.result.passed)
    return better(old, new, order)[:2]


def remark_of(row: AppealRow) -> Remark | None:
    """How the paper was marked again, if it was."""
    appeal = row.appeal
    if appeal.remark_raw is None or appeal.remark_passed is None:
        return None
    return _remark(row, appeal.remark_raw, appeal.remark_passed)


def _remark(row: AppealRow, raw: Decimal, passed: bool) -> Remark:
    appeal = row.appeal
    return Remark(
        score=raw,
        grade=appeal.remark_grade,
        passed=passed,
        note=appeal.remark_note,
        by=appeal.remarked_by_name,
        at=appeal.remarked_at or appeal.created_at,
        differs=(raw, appeal.remark_grade) != (row.result.raw, row.result.grade),
    )


def line(work: Work, row: AppealRow) -> AppealLine:
    """One line of the queue."""
    appeal, today = row.appeal, local_day(work.now)
    lodged_at = appeal.lodged_at or appeal.created_at
    due_on = appeal.due_on or local_day(lodged_at)
    return AppealLine(
        id=appeal.id,
        number=appeal.number,
        name=given_name(work, row.enrolment, ""),
        enrolment_id=row.enrolment.id,
        enrolment_number=row.enrolment.number,
        scheme=work.scheme(row.enrolment.scheme_ref).short_title,
        sitting=row.sitting.code,
        grade=row.result.grade,
        state=AppealState(appeal.state),
        outcome=AppealOutcome(appeal.outcome) if appeal.outcome else None,
        lodged_at=lodged_at,
        due_on=due_on,
        overdue=appeal.state in OPEN and due_on < today,
    )


def record(
    work: Work,
    actor: Actor,
    action: str,
    row: AppealRow,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
    reason: str = "",
) -> None:
    """Into the log of the appeal: figures and states, never what anybody wrote."""
    audit.record(
        work,
        actor,
        action,
        "appeal",
        row.appeal.id,
        before=before,
        after={"number": row.appeal.number, "state": row.appeal.state, **(after or {})},
        reason=reason,
        organisation_id=row.appeal.organisation_id,
        scheme_ref=row.enrolment.scheme_ref,
    )

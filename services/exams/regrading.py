"""A sitting marked anew for everybody, after a wrong answer key: two people, a new snapshot, nobody worse off (B5).

This is not how an appeal changes one result (`services.appeals`): here the pool itself was wrong.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_another, ensure_officer, ensure_reader
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.benchmarks import BenchmarkService, graded_by_benchmark
from services.exams.regrade_lines import RegradeLine, line_of, message_of, method_of
from services.exams.regrade_scores import Published, Read, published_of, read
from services.exams.versions import NewVersion, publish_versions
from services.models import Actor
from services.notices import NoticeService
from services.rules import plain_words
from services.rules.benchmark import Benchmark
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.regrade_states import RegradeState
from storage.repositories.exams import SittingRepository
from storage.repositories.regrades import RegradeRepository
from storage.tables import Regrade, Sitting

LONGEST_REASON: Final = 300
_MOST_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True)
class RegradeView:
    """One proposal, and what it comes to; `lines` only while it waits."""

    id: UUID
    state: RegradeState
    reason: str
    filename: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_reason: str
    #: The benchmark that it would make; None for bands, and when it is over.
    benchmark: Benchmark | None
    lines: tuple[RegradeLine, ...]
    #: The actor proposed it, and so does not carry it out.
    own: bool


class RegradeService:
    """Proposing, looking at, carrying out, dropping."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.regrades = RegradeRepository(work.session)
        self.sittings = SittingRepository(work.session)

    async def propose(
        self, actor: Actor, sitting_id: UUID, filename: str, content: bytes, reason: str
    ) -> RegradeView:
        """Take the scores by the right key; nothing changes until another person carries it out.

        Raises:
            NotFoundError, ForbiddenError: not the actor's sitting, or a reader. InvalidValueError `words.…`.
            ConflictError: `regrade.nothing_published`; `regrade.waits`: another one is proposed already;
                `regrade.no_change`: every score is as it was.
            ServiceError: `regrade.faulty` (`count`, `first`), `regrade.incomplete` (`count`, `names`): the file has to
                have everybody with a published result. services.spreadsheets.SpreadsheetError.
        """
        why = plain_words.reason(reason, most=LONGEST_REASON, label="原因")
        sitting = await self._locked(actor, sitting_id)
        if await self.regrades.find_proposed(sitting_id) is not None:
            raise ConflictError("regrade.waits")
        found = await read(self.work, sitting_id, filename, content)
        if found.errors:
            first = "；".join(f"第 {one.row} 行：{one.problem}" for one in found.errors[:_MOST_NAMED])
            raise ServiceError("regrade.faulty", count=len(found.errors), first=first)
        if not found.scores and not found.missing:
            raise ConflictError("regrade.nothing_published")
        self._ensure_complete(found.missing)
        published = await published_of(self.work, sitting_id)
        if all(one.result.raw == found.scores[one.enrolment.id] for one in published):
            raise ConflictError("regrade.no_change")
        row = Regrade(
            id=uuid4(),
            sitting_id=sitting_id,
            state=RegradeState.PROPOSED,
            reason=why,
            filename=filename[:200],
            sha256=found.sha256,
            scores={str(key): _written(found, key) for key in found.scores},
            proposed_by=actor.id,
            proposed_by_name=actor.name,
            created_at=self.work.now,
        )
        await self.regrades.add(row)
        self._record(actor, "regrade.proposed", sitting, row, reason=why, people=len(found.scores))
        return await self._view(actor, row)

    async def list_of(self, actor: Actor, sitting_id: UUID) -> tuple[RegradeView, ...]:
        """All of a sitting, the newest first; what waits comes with what it would mean for each. Raises NotFoundError."""
        sitting = await self.sittings.find(sitting_id)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        ensure_reader(actor, sitting.organisation_id)
        return tuple([await self._view(actor, row) for row in await self.regrades.of_sitting(sitting_id)])

    async def carry_out(self, actor: Actor, sitting_id: UUID) -> int:
        """A new snapshot and a new version of every published result; the better of two grades counts. Says how many.

        Everybody is told. The earlier versions stay; certificates stay as they are until somebody decides about them.

        Raises:
            ForbiddenError: `regrade.same_person`: who proposed it. NotFoundError: `regrade.none`, or not the actor's.
            ServiceError: `regrade.incomplete`: results were published meanwhile that the file does not have.
        """
        sitting = await self._locked(actor, sitting_id)
        row = await self._proposed(sitting_id)
        ensure_another(actor, row.proposed_by, "regrade.same_person")
        published = await published_of(self.work, sitting_id)
        scores = _scores(row)
        self._ensure_complete([one for one in published if one.enrolment.id not in scores])
        frozen, snapshot = await self._benchmark(published, scores), None
        if frozen is not None:
            scheme = self._newest_scheme(published)
            snapshot = await BenchmarkService(self.work).freeze_again(actor, sitting, scheme, frozen)
        lines = [line_of(self.work, one, scores[one.enrolment.id], frozen) for one in published]
        pairs = list(zip(published, lines, strict=True))
        versions = await publish_versions(
            self.work,
            [
                NewVersion(
                    old=one.result,
                    raw=line.new_score,
                    grade=line.new_grade,
                    passed=line.passed,
                    method=method_of(one, line, row, frozen, snapshot),
                    areas=_areas(row, one.enrolment.id),
                )
                for one, line in pairs
            ],
            approved_by=actor.id,
        )
        for one, line in pairs:
            audit.record_enrolment(
                self.work,
                actor,
                "result.regraded",
                one.enrolment,
                before={"score": str(line.old_score), "grade": line.old_grade},
                after={"score": str(line.new_score), "grade": line.new_grade, "sitting": sitting.code},
                reason=row.reason,
            )
        await self.regrades.move_appeals(versions)
        row.state, row.decided_at = RegradeState.CARRIED_OUT, self.work.now
        row.decided_by, row.decided_by_name = actor.id, actor.name
        row.snapshot_id = snapshot.id if snapshot is not None else None
        self._record(actor, "regrade.carried_out", sitting, row, reason=row.reason, people=len(published))
        await NoticeService(self.work).send_many(
            [message_of(self.work, sitting, row, one, line) for one, line in pairs]
        )
        return len(published)

    async def drop(self, actor: Actor, sitting_id: UUID, reason: str) -> None:
        """Leave everything as it is. Raises InvalidValueError, NotFoundError `regrade.none`, ForbiddenError."""
        why = plain_words.reason(reason, most=LONGEST_REASON, label="原因")
        sitting = await self._locked(actor, sitting_id)
        row = await self._proposed(sitting_id)
        row.state, row.decided_at, row.decision_reason = RegradeState.DROPPED, self.work.now, why
        row.decided_by, row.decided_by_name = actor.id, actor.name
        self._record(actor, "regrade.dropped", sitting, row, reason=why, people=len(row.scores))

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _locked(self, actor: Actor, sitting_id: UUID) -> Sitting:
        sitting = await self.sittings.find(sitting_id, for_update=True)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        ensure_officer(actor, sitting.organisation_id)
        return sitting

    async def _proposed(self, sitting_id: UUID) -> Regrade:
        row = await self.regrades.find_proposed(sitting_id, for_update=True)
        if row is None:
            raise NotFoundError("regrade.none")
        return row

    async def _benchmark(
        self, published: Sequence[Published], scores: Mapping[UUID, Decimal]
    ) -> Benchmark | None:
        graded = [one for one in published if graded_by_benchmark(self.work.scheme(one.enrolment.scheme_ref))]
        if not graded:
            return None
        sitting_id = graded[0].result.sitting_id
        return await BenchmarkService(self.work).compute(sitting_id, self._newest_scheme(graded), scores)

    def _newest_scheme(self, published: Sequence[Published]) -> Scheme:
        schemes = [self.work.scheme(one.enrolment.scheme_ref) for one in published]
        return max((one for one in schemes if graded_by_benchmark(one)), key=lambda item: item.ref)

    async def _view(self, actor: Actor, row: Regrade) -> RegradeView:
        waits = row.state == RegradeState.PROPOSED
        frozen, lines = None, tuple[RegradeLine, ...]()
        if waits:
            published, scores = await published_of(self.work, row.sitting_id), _scores(row)
            frozen = await self._benchmark(published, scores)
            lines = tuple(
                line_of(self.work, one, scores[one.enrolment.id], frozen)
                for one in published
                if one.enrolment.id in scores
            )
        return RegradeView(
            id=row.id,
            state=RegradeState(row.state),
            reason=row.reason,
            filename=row.filename,
            proposed_by=row.proposed_by_name,
            proposed_at=row.created_at,
            decided_by=row.decided_by_name,
            decided_at=row.decided_at,
            decision_reason=row.decision_reason,
            benchmark=frozen,
            lines=lines,
            own=row.proposed_by == actor.id,
        )

    @staticmethod
    def _ensure_complete(missing: Sequence[Published]) -> None:
        if missing:
            named = [f"{one.name}（{one.enrolment.number}）" for one in missing[:_MOST_NAMED]]
            raise ServiceError("regrade.incomplete", count=len(missing), names="、".join(named))

    def _record(
        self, actor: Actor, action: str, sitting: Sitting, row: Regrade, *, reason: str, people: int
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "sitting",
            sitting.id,
            after={
                "code": sitting.code,
                "filename": row.filename,
                "sha256": row.sha256,
                "people": people,
                "state": row.state,
            },
            reason=reason,
            organisation_id=sitting.organisation_id,
        )


def _written(found: Read, enrolment_id: UUID) -> dict[str, Any]:
    areas = found.areas.get(enrolment_id)
    return {
        "score": str(found.scores[enrolment_id]),
        "areas": {key: str(score) for key, score in areas.items()} if areas is not None else None,
    }


def _scores(row: Regrade) -> dict[UUID, Decimal]:
    return {UUID(key): Decimal(kept["score"]) for key, kept in row.scores.items()}


def _areas(row: Regrade, enrolment_id: UUID) -> Mapping[str, str] | None:
    areas: Mapping[str, str] | None = row.scores[str(enrolment_id)]["areas"]
    return areas

"""What staff do with retention reports: read, propose the deletion, and, another person, confirm it (C11)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_admin, ensure_another, ensure_reader, visible_organisation
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor
from services.retention.due import find_due, find_free_due
from services.retention.models import (
    RetentionDetail,
    RetentionLine,
    RetentionOther,
    RetentionPage,
    RetentionPerson,
)
from services.retention.purging import defer_purge
from services.rules import plain_words
from services.unit_of_work import Work
from storage.repositories.kept_files import KeptFileRepository
from storage.repositories.retention import RetentionRepository
from storage.retention_states import RetainedKind, RetentionState
from storage.tables import RetentionItem, RetentionReport

_LONGEST_REASON: Final = 200


class RetentionService:
    """Reports of one's organisation. Reading: all its staff; deciding: two of its administrators."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.reports = RetentionRepository(work.session)

    async def list_lines(self, actor: Actor, *, page: int = 1, per_page: int = 25) -> RetentionPage:
        """The newest first."""
        page = max(page, 1)
        total, rows = await self.reports.page(
            visible_organisation(actor), offset=(page - 1) * per_page, limit=per_page
        )
        items = tuple(_line(report, people, count) for report, people, count in rows)
        return RetentionPage(items=items, total=total, page=page, pages=max(1, -(-total // per_page)))

    async def count_proposed(self, actor: Actor) -> int:
        """How many wait for the second person."""
        return await self.reports.count_proposed(visible_organisation(actor))

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The report of this number. Raises NotFoundError."""
        return self._readable(actor, await self.reports.find_by_number(number)).id

    async def show(self, actor: Actor, report_id: UUID) -> RetentionDetail:
        """A report with everything on it, looked at again today. Raises NotFoundError."""
        return await self._detail(self._readable(actor, await self.reports.find(report_id)))

    async def propose(self, actor: Actor, report_id: UUID, reason: str) -> RetentionDetail:
        """Propose to delete the files on it.

        Raises:
            ForbiddenError: `access.admin_only`. NotFoundError: another organisation's (B9).
            ConflictError: `retention.wrong_state`; `retention.nothing_due`.
            InvalidValueError: `words.…` of the reason.
        """
        report = await self._decidable(actor, report_id, RetentionState.OPEN)
        detail = await self._detail(report)
        if not detail.due_items:
            raise ConflictError("retention.nothing_due")
        report.reason = plain_words.reason(reason, most=_LONGEST_REASON, label="理由")
        report.state = RetentionState.PROPOSED
        report.proposed_by, report.proposed_by_name = actor.id, actor.name
        report.proposed_at = self.work.now
        self._record(actor, "retention.proposed", report, RetentionState.OPEN, files=detail.due_items)
        return await self._detail(report)

    async def decline(self, actor: Actor, report_id: UUID, reason: str) -> None:
        """The files stay; whoever proposed it may take it back so. Raises as `propose`."""
        report = await self._decidable(actor, report_id, RetentionState.PROPOSED)
        report.reason = plain_words.reason(reason, most=_LONGEST_REASON, label="理由")
        report.state = RetentionState.OPEN
        report.proposed_by = report.proposed_by_name = report.proposed_at = None
        self._record(actor, "retention.declined", report, RetentionState.PROPOSED)
        report.reason = ""

    async def confirm(self, actor: Actor, report_id: UUID, *, files: int) -> RetentionDetail:
        """Delete the files for good, as another person than who proposed it; a job carries it out.

        `files` is how many this person has seen that it would be. What must be kept again by now is left out.

        Raises:
            ForbiddenError: `retention.same_person`, `access.admin_only`. NotFoundError: another organisation's (B9).
            ConflictError: `retention.wrong_state`; `retention.nothing_due`; `retention.other_count` (`files`).
        """
        report = await self._decidable(actor, report_id, RetentionState.PROPOSED)
        ensure_another(actor, report.proposed_by, "retention.same_person")
        detail = await self._detail(report)
        if not detail.due_items:
            raise ConflictError("retention.nothing_due")
        if files != detail.due_items:
            raise ConflictError("retention.other_count", files=detail.due_items)
        items = [item for item, _, _ in await self.reports.items(report.id)]
        due = await self._still_due(report, items)
        kept = [item.id for item in items if item.id not in due]
        await self.reports.leave_out(kept)
        report.state = RetentionState.CONFIRMED
        report.confirmed_by, report.confirmed_by_name = actor.id, actor.name
        report.confirmed_at = self.work.now
        self._record(
            actor, "retention.confirmed", report, RetentionState.PROPOSED, files=files, left_out=len(kept)
        )
        await defer_purge(self.work, report.id)
        return await self._detail(report)

    # ---- inside ---------------------------------------------------------------------------------------------

    @staticmethod
    def _readable(actor: Actor, report: RetentionReport | None) -> RetentionReport:
        if report is None:
            raise NotFoundError("retention.not_found")
        ensure_reader(actor, report.organisation_id)
        return report

    async def _decidable(self, actor: Actor, report_id: UUID, state: RetentionState) -> RetentionReport:
        report = self._readable(actor, await self.reports.find(report_id, for_update=True))
        if actor.kind != "staff":
            raise ForbiddenError("access.staff_only")
        ensure_admin(actor)
        if report.state != state:
            raise ConflictError("retention.wrong_state", state=report.state)
        return report

    async def _detail(self, report: RetentionReport) -> RetentionDetail:
        rows = await self.reports.items(report.id)
        due = await self._still_due(report, [item for item, _, _ in rows])
        kinds: dict[UUID, Counter[str]] = defaultdict(Counter)
        for item, enrolment, _ in rows:
            if enrolment is not None:
                kinds[enrolment.id][item.kind] += 1
        people: dict[UUID, RetentionPerson] = {}
        for item, enrolment, name in rows:
            if enrolment is None or enrolment.id in people:
                continue
            people[enrolment.id] = RetentionPerson(
                enrolment_id=enrolment.id,
                number=enrolment.number,
                name=(name or "") if enrolment.restricted_at is None else "",
                scheme=self._title(enrolment.scheme_ref),
                due_on=item.due_on,
                files=_in_order(kinds[enrolment.id]),
                due=item.id in due,
            )
        return RetentionDetail(
            line=_line(report, len(people), len(rows)),
            people=tuple(people.values()),
            others=await self._others([item for item, enrolment, _ in rows if enrolment is None], due),
            due_items=len(due),
            due_files=_in_order(Counter(item.kind for item, _, _ in rows if item.id in due)),
        )

    async def _still_due(self, report: RetentionReport, items: Sequence[RetentionItem]) -> set[UUID]:
        """Of the report's items those that need not be kept today either; once it is decided, all that are on it."""
        if report.state not in (RetentionState.OPEN, RetentionState.PROPOSED):
            return {item.id for item in items}
        enrolments = await find_due(
            self.work, {item.enrolment_id for item in items if item.enrolment_id is not None}
        )
        free = await find_free_due(
            self.work, [item.subject_id for item in items if item.enrolment_id is None]
        )
        return {item.id for item in items if item.enrolment_id in enrolments or item.subject_id in free}

    async def _others(
        self, items: Sequence[RetentionItem], due: Collection[UUID]
    ) -> tuple[RetentionOther, ...]:
        labels: dict[UUID, str] = {}
        for kind in {RetainedKind(item.kind) for item in items}:
            labels |= await KeptFileRepository(self.work.session).labels(
                kind, [item.subject_id for item in items if item.kind == kind]
            )
        return tuple(
            RetentionOther(
                kind=RetainedKind(item.kind),
                label=labels.get(item.subject_id, ""),
                due_on=item.due_on,
                due=item.id in due,
            )
            for item in items
        )

    def _title(self, scheme_ref: str) -> str:
        try:
            return self.work.scheme(scheme_ref).short_title
        except KeyError:
            return scheme_ref

    def _record(
        self, actor: Actor, action: str, report: RetentionReport, before: RetentionState, **after: int
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "retention_report",
            report.id,
            before={"state": before},
            after={"state": report.state, **after},
            reason=report.reason,
            organisation_id=report.organisation_id,
        )


def _in_order(counted: Mapping[str, int]) -> Mapping[RetainedKind, int]:
    """By kind, the most common kinds first: pictures, vouchers, sheets …"""
    return {kind: counted[kind] for kind in RetainedKind if counted.get(kind)}


def _line(report: RetentionReport, people: int, items: int) -> RetentionLine:
    return RetentionLine(
        id=report.id,
        number=report.number,
        made_on=report.made_on,
        state=RetentionState(report.state),
        people=people,
        items=items,
        proposed_by=report.proposed_by_name,
        proposed_at=report.proposed_at,
        reason=report.reason,
        confirmed_by=report.confirmed_by_name,
        confirmed_at=report.confirmed_at,
        purged_at=report.purged_at,
    )

"""Sittings 考试场次: announced, changed, cancelled, with everybody told (A5). Their seats are in `services.exams.seats`."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.exams.notices import ExamNotices, Holder
from services.exams.plan import (
    Form,
    SittingPlan,
    checked,
    code_prefix,
    ensure_on_calendar,
    may_sit_again,
    upcoming_weekend,
    when,
)
from services.exams.rolls import roll_workbook
from services.exams.seats import SeatService
from services.exams.views import SittingDetail, SittingView, roll_row, sitting_view
from services.models import Actor, SeatState, SittingState
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.schemes.models import Scheme
from services.study.records import counted_hours
from services.trainers import ensure_may_train
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.exams import OCCUPYING, SittingRepository
from storage.repositories.results import ResultRepository
from storage.repositories.seats import SeatRepository
from storage.tables import Enrolment, Seat, Sitting

_LONGEST_REASON = 200


class SittingService:
    """What the organiser does with sittings."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sittings = SittingRepository(work.session)
        self.seats = SeatRepository(work.session)
        self.notices = ExamNotices(work)

    def suggest(self, scheme_id: str, today: date) -> tuple[date, date]:
        """The Saturday and Sunday after `today` that the scheme's calendar rule names. Raises NotFoundError."""
        return upcoming_weekend(self._scheme(scheme_id).exam_terms.calendar_rule, today)

    async def add(
        self,
        actor: Actor,
        *,
        scheme_id: str,
        starts_at: datetime,
        ends_at: datetime,
        place: str,
        form: Form,
        capacity: int,
        bring: Sequence[str] | None = None,
        override_reason: str = "",
        organisation_id: UUID | None = None,
    ) -> SittingView:
        """Announce a sitting of the actor's organisation (`organisation_id` is for the system, which has none).

        Everybody admitted to the scheme there whose hours are met and who has no seat is told. `bring` None takes the
        scheme's list; `override_reason` names the official notice that puts it on another day than the rule's (A5).
        A clash with the State Council's calendar is in the view's `warnings`.

        Raises:
            ServiceError: what `sitting_plan.checked` and `sitting_plan.ensure_on_calendar` say.
            NotFoundError: `scheme.not_found`. ForbiddenError: a viewer, or no organisation.
            ConflictError: `sitting.exists` (`sitting`: its code), the same one is open already; NotTrainedHereError
                (A5, D2), NotAuthorisedError (C3).
        """
        owner = actor.organisation_id or organisation_id
        if owner is None:
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, owner)
        scheme = self._scheme(scheme_id)
        await ensure_may_train(self.work, owner, scheme, Act.EXAMINE)
        plan = checked(
            SittingPlan(
                starts_at=starts_at,
                ends_at=ends_at,
                place=place,
                form=form,
                bring=tuple(scheme.exam_terms.bring if bring is None else bring),
                capacity=capacity,
            ),
            now=self.work.now,
        )
        reason = ensure_on_calendar(scheme.exam_terms.calendar_rule, starts_at, override_reason)
        prefix = code_prefix(starts_at)
        row = Sitting(
            id=uuid4(),
            code=f"{prefix}{await self.sittings.next_serial(prefix):03d}",
            scheme_id=scheme.id,
            organisation_id=owner,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            form=plan.form,
            place=plan.place,
            bring=list(plan.bring),
            capacity=plan.capacity,
            state=SittingState.OPEN,
            reason=reason,
            plan=1,
            created_at=self.work.now,
        )
        # The serial's lock is held: whoever sends the form twice comes here one after another.
        if (same := await self.sittings.find_same(row)) is not None:
            raise ConflictError("sitting.exists", sitting=same.code)
        await self.sittings.add(row)
        self._record(actor, "sitting.added", row, after=_facts(row), reason=reason)
        await self._announce(row)
        return sitting_view(self.work, row)

    async def ensure_held_here(self, actor: Actor, scheme_id: str) -> None:
        """Whether the actor's organisation may hold an exam of this scheme. Raises as `add`."""
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        await ensure_may_train(self.work, actor.organisation_id, self._scheme(scheme_id), Act.EXAMINE)

    async def change(
        self,
        actor: Actor,
        sitting_id: UUID,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        place: str | None = None,
        bring: Sequence[str] | None = None,
        capacity: int | None = None,
        reason: str = "",
        override_reason: str = "",
    ) -> SittingView:
        """Change what is given (None keeps it); a new start alone keeps the duration.

        Another time, place or thing to bring begins a new plan: reminders of the old one are withdrawn, new ones are
        written, and everybody with a seat or waiting for one is told with `reason`. Another capacity alone tells
        nobody, and lets people on the waiting list move up.

        Raises:
            ServiceError: `sitting.reason_missing`; `sitting.reason_too_long`; `sitting.capacity_in_use` (`minimum`,
                the highest seat number in use); what `sitting_plan.checked` and `ensure_on_calendar` say.
            ConflictError: `sitting.not_open` (`state`); `sitting.started`.
            NotFoundError, ForbiddenError: not this actor's.
        """
        row = await self._lock(actor, sitting_id)
        if row.state != SittingState.OPEN:
            raise ConflictError("sitting.not_open", state=row.state)
        if row.starts_at <= self.work.now:
            raise ConflictError("sitting.started")
        if starts_at is not None and ends_at is None:
            ends_at = starts_at + (row.ends_at - row.starts_at)
        plan = checked(
            SittingPlan(
                starts_at=starts_at or row.starts_at,
                ends_at=ends_at or row.ends_at,
                place=row.place if place is None else place,
                form=row.form,
                bring=tuple(row.bring if bring is None else bring),
                capacity=row.capacity if capacity is None else capacity,
            ),
            now=self.work.now,
        )
        before, old = _facts(row), when(row.starts_at, row.ends_at)
        if local_day(plan.starts_at) != local_day(row.starts_at):
            rule = self._scheme(row.scheme_id).exam_terms.calendar_rule
            row.reason = ensure_on_calendar(rule, plan.starts_at, override_reason)
        news = [plan.bring != tuple(row.bring), plan.place != row.place]
        news.append((plan.starts_at, plan.ends_at) != (row.starts_at, row.ends_at))
        given = _reason(reason) if any(news) else normalise(reason)
        if plan.capacity < row.capacity:
            minimum = max(await self.seats.taken_numbers(row.id), default=0)
            if plan.capacity < minimum:
                raise ServiceError("sitting.capacity_in_use", minimum=minimum)
        row.starts_at, row.ends_at, row.place = plan.starts_at, plan.ends_at, plan.place
        row.bring, row.capacity, row.plan = list(plan.bring), plan.capacity, row.plan + any(news)
        self._record(actor, "sitting.changed", row, before=before, after=_facts(row), reason=given)
        await self.work.session.flush()
        if any(news):
            await self._replan(row, before=old, reason=given, bring=news[0])
        await SeatService(self.work).fill(row, actor=actor)
        return await self._view(row.id)

    async def cancel(self, actor: Actor, sitting_id: UUID, reason: str) -> SittingView:
        """It does not take place: seats are void, reminders withdrawn, everybody told with the reason.

        Raises:
            ServiceError: `sitting.reason_missing`; `sitting.reason_too_long`.
            ConflictError: `sitting.not_open` (`state`); `sitting.has_results`.
            NotFoundError, ForbiddenError: not this actor's.
        """
        row = await self._lock(actor, sitting_id)
        given = _reason(reason)
        if row.state == SittingState.CANCELLED:
            raise ConflictError("sitting.not_open", state=row.state)
        if await ResultRepository(self.work.session).has_any(row.id):
            raise ConflictError("sitting.has_results")
        pairs = await self.seats.list_live(row.id)
        holders = _holders(pairs)
        before, row.state, row.reason = row.state, SittingState.CANCELLED, given
        self._record(
            actor, "sitting.cancelled", row, before={"state": before}, after=_facts(row), reason=given
        )
        for seat, enrolment in pairs:
            was = {"seat": seat.state, "ticket": seat.ticket}
            after = {"seat": SeatState.VOID, "sitting": row.code}
            audit.record_enrolment(
                self.work, actor, "seat.voided", enrolment, before=was, after=after, reason=given
            )
        await self.work.session.flush()
        await self.seats.set_states([seat.id for seat, _ in pairs], SeatState.VOID)
        await self.notices.withdraw_openings(row)
        await self.notices.withdraw_everything(row)
        await self.notices.cancelled(row, holders, reason=given)
        return await self._view(row.id)

    async def list_open(
        self, scheme_id: str, *, organisation_id: UUID | None = None
    ) -> tuple[SittingView, ...]:
        """Sittings of a scheme that can still be booked, the earliest first; full ones too, which have a waiting list.

        `organisation_id` leaves only those of the organisation that examines an enrolment.
        """
        rows = await self.sittings.list_with_counts(
            scheme_id=scheme_id, organisation_id=organisation_id, open_after=self.work.now
        )
        return tuple(sitting_view(self.work, row, booked=b, waitlisted=w) for row, b, w in rows)

    async def list_for(self, actor: Actor) -> tuple[SittingView, ...]:
        """All sittings of the actor's organisation, the latest first. Raises ForbiddenError."""
        rows = await self.sittings.list_with_counts(organisation_id=visible_organisation(actor))
        return tuple(sitting_view(self.work, row, booked=b, waitlisted=w) for row, b, w in reversed(rows))

    async def show(self, actor: Actor, sitting_id: UUID) -> SittingDetail:
        """A sitting with its roll, identity numbers masked. Raises NotFoundError."""
        view = await self._view(sitting_id)
        ensure_reader(actor, view.organisation_id)
        roll = await self.seats.list_roll(sitting_id)
        return SittingDetail(sitting=view, roll=tuple(roll_row(self.work, *line) for line in roll))

    async def find_by_code(self, actor: Actor, code: str) -> SittingView:
        """The sitting of this code (`KS2026-001`, also in small letters). Raises NotFoundError."""
        row = await self.sittings.find_by_code(normalise(code).upper())
        if row is None:
            raise NotFoundError("sitting.not_found", sitting=code)
        ensure_reader(actor, row.organisation_id)
        return await self._view(row.id)

    async def roll_workbook(self, actor: Actor, sitting_id: UUID) -> bytes:
        """The seat table for invigilators, an xlsx to print, identity numbers masked; the download is logged."""
        detail = await self.show(actor, sitting_id)
        row = await self.sittings.find(sitting_id)
        if row is None:
            raise NotFoundError("sitting.not_found")
        self._record(actor, "sitting.roll_downloaded", row, after={"seats": detail.sitting.booked})
        return await asyncio.to_thread(roll_workbook, detail)

    async def _announce(self, row: Sitting) -> None:
        """Tell everybody who can book now."""
        found = await self.sittings.list_ready(row.organisation_id, row.scheme_id)
        ready = []
        for line in found:
            scheme = self.work.scheme(line.scheme_ref)
            if line.absent and not may_sit_again(scheme, SeatState.ABSENT):
                continue
            asked = scheme.hours
            if asked is None or counted_hours(asked, line.hours, line.practice) >= asked.total:
                ready.append((line.enrolment_id, line.follower_id))
        await self.notices.open(row, ready)

    async def _replan(self, row: Sitting, *, before: str, reason: str, bring: bool) -> None:
        """Everything that was said of the old plan is withdrawn or corrected."""
        holders = _holders(await self.seats.list_live(row.id))
        await self.notices.withdraw_everything(row)
        await self.notices.changed(row, holders, before=before, reason=reason, bring=bring)
        await self.notices.remind(row, [holder for holder in holders if holder.seat.state in OCCUPYING])
        if await self.notices.withdraw_openings(row):
            await self._announce(row)

    async def _lock(self, actor: Actor, sitting_id: UUID) -> Sitting:
        row = await self.sittings.find(sitting_id, for_update=True)
        if row is None:
            raise NotFoundError("sitting.not_found")
        ensure_officer(actor, row.organisation_id)
        return row

    async def _view(self, sitting_id: UUID) -> SittingView:
        found = await self.sittings.list_with_counts(sitting_id=sitting_id)
        if not found:
            raise NotFoundError("sitting.not_found")
        row, booked, waitlisted = found[0]
        return sitting_view(self.work, row, booked=booked, waitlisted=waitlisted)

    def _scheme(self, scheme_id: str) -> Scheme:
        try:
            scheme = self.work.tools.schemes.current(scheme_id)
        except KeyError:
            raise NotFoundError("scheme.not_found", scheme=scheme_id) from None
        if scheme.exam is None:
            raise ConflictError("sitting.no_exam", scheme=scheme.short_title)
        return scheme

    def _record(
        self,
        actor: Actor,
        action: str,
        row: Sitting,
        *,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
        reason: str = "",
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "sitting",
            row.id,
            before=before,
            after=after,
            reason=reason,
            organisation_id=row.organisation_id,
        )


def _reason(reason: str) -> str:
    """What people are told. Raises ServiceError."""
    given = normalise(reason)
    if not given:
        raise ServiceError("sitting.reason_missing")
    if len(given) > _LONGEST_REASON:
        raise ServiceError("sitting.reason_too_long", limit=_LONGEST_REASON)
    return given


def _holders(pairs: Sequence[tuple[Seat, Enrolment]]) -> list[Holder]:
    """Seats in the order of `list_live`: those who wait stand last, in their order."""
    waiting = 0
    holders = []
    for seat, enrolment in pairs:
        waiting += seat.state == SeatState.WAITLISTED
        position = waiting if seat.state == SeatState.WAITLISTED else None
        holders.append(Holder(seat=seat, enrolment=enrolment, waiting_position=position))
    return holders


def _facts(row: Sitting) -> dict[str, object]:
    """A sitting as the audit log keeps it."""
    return {
        "code": row.code,
        "state": row.state,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "place": row.place,
        "bring": list(row.bring),
        "capacity": row.capacity,
        "plan": row.plan,
    }

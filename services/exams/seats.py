"""Seats 座位: who sits where, who waits, and the admission ticket 准考证号.

Whoever changes seats locks their sitting first, and an enrolment after it.
"""

from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.notices import ExamNotices, Holder
from services.exams.plan import free_numbers, ticket
from services.exams.views import SeatView, seat_view
from services.models import Actor, EnrolmentState, SeatState, SittingState
from services.payments.service import PaymentService
from services.study.service import StudyService
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.exams import SeatRepository, SittingRepository
from storage.repositories.results import ResultRepository
from storage.tables import Enrolment, Seat, Sitting

#: States in which a candidate may give a seat back; staff also free somebody who was absent for another sitting.
_RELEASED_BY_CANDIDATE = frozenset({SeatState.BOOKED, SeatState.WAITLISTED})
_RELEASED_BY_STAFF = _RELEASED_BY_CANDIDATE | {SeatState.CHECKED_IN, SeatState.ABSENT}


class SeatService:
    """Booking, giving back, moving up, checking in."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sittings = SittingRepository(work.session)
        self.seats = SeatRepository(work.session)
        self.results = ResultRepository(work.session)
        self.enrolments = EnrolmentRepository(work.session)
        self.notices = ExamNotices(work)

    async def book(self, enrolment_id: UUID, sitting_id: UUID, *, actor: Actor) -> SeatView:
        """The lowest free seat of a sitting, or a place on its waiting list; the same call again gives the same seat.

        The applicant is answered by the chat; whoever staff book in gets a notice. Reminders are written.

        Raises:
            NotFoundError: `sitting.not_found`, `enrolment.not_found`, also when it is not this actor's.
            ConflictError: `sitting.not_open` (`state`); `sitting.started`; `enrolment.not_admitted` (`state`);
                `seat.already_booked` (`sitting`: its code), in another sitting.
            ServiceError: `seat.hours_not_met` (`done`, `required`, 学时); `seat.fees_outstanding` (`fees`, labels).
            ForbiddenError: a viewer.
        """
        sitting = await self._lock_sitting(sitting_id)
        enrolment = await self._lock_enrolment(enrolment_id, actor)
        if (enrolment.organisation_id, enrolment.scheme_id) != (sitting.organisation_id, sitting.scheme_id):
            raise NotFoundError("sitting.not_found")
        if (live := await self.seats.find_live(enrolment_id)) is not None:
            seat, where = live
            if where.id != sitting.id:
                raise ConflictError("seat.already_booked", sitting=where.code)
            return await self._view(seat, sitting)
        self._ensure_bookable(sitting)
        await self._ensure_ready(enrolment)
        number = await self.seats.lowest_free(sitting.id, sitting.capacity)
        seat = Seat(
            id=uuid4(),
            sitting_id=sitting.id,
            enrolment_id=enrolment.id,
            number=number,
            state=SeatState.WAITLISTED if number is None else SeatState.BOOKED,
            ticket=None if number is None else ticket(sitting.code, number),
            created_at=self.work.now,
        )
        await self.seats.add(seat)
        view = await self._view(seat, sitting)
        holder = Holder(seat=seat, enrolment=enrolment, waiting_position=view.waiting_position)
        self._record(actor, f"seat.{seat.state}", sitting, holder)
        await self.notices.withdraw_opening(sitting, enrolment.id)
        if number is not None:
            await self.notices.remind(sitting, [holder])
        if actor.kind == "staff":
            await (
                self.notices.waitlisted(sitting, holder)
                if number is None
                else self.notices.booked(sitting, [holder])
            )
        return view

    async def release(self, enrolment_id: UUID, *, actor: Actor, reason: str = "") -> None:
        """Give the seat back: reminders are withdrawn and the first who waits moves up.

        Staff may also free somebody who was absent, who can then book another sitting; the person is told.
        Call it before locking the enrolment.

        Raises:
            NotFoundError: `seat.not_found`, `enrolment.not_found`.
            ConflictError: `sitting.started`, for the candidate; `seat.not_releasable` (`state`), also when it has a result.
            ForbiddenError: a viewer.
        """
        live = await self.seats.find_live(enrolment_id)
        if live is None:
            raise NotFoundError("seat.not_found")
        sitting = await self._lock_sitting(live[1].id)
        enrolment = await self._lock_enrolment(enrolment_id, actor)
        live = await self.seats.find_live(enrolment_id)
        if live is None or live[1].id != sitting.id:
            raise ConflictError("seat.not_releasable", state=SeatState.VOID)
        seat = live[0]
        if actor.kind == "applicant" and sitting.starts_at <= self.work.now:
            raise ConflictError("sitting.started")
        allowed = _RELEASED_BY_CANDIDATE if actor.kind == "applicant" else _RELEASED_BY_STAFF
        if seat.state not in allowed or await self.results.find_current(enrolment_id) is not None:
            raise ConflictError("seat.not_releasable", state=seat.state)
        before, seat.state = seat.state, SeatState.VOID
        holder = Holder(seat=seat, enrolment=enrolment)
        self._record(actor, "seat.released", sitting, holder, before=before, reason=reason.strip())
        await self.work.session.flush()
        await self.notices.withdraw(sitting, enrolment_id)
        if actor.kind == "staff":
            await self.notices.released(sitting, holder, reason=reason.strip())
        await self.fill(sitting, actor=actor)

    async def fill(self, sitting: Sitting, *, actor: Actor) -> int:
        """Give free seats to those who wait, the longest waiting first; says to how many. `sitting` is locked."""
        if sitting.state != SittingState.OPEN or sitting.starts_at <= self.work.now:
            return 0
        waiting = await self.seats.list_live(sitting.id, (SeatState.WAITLISTED,))
        admitted = [pair for pair in waiting if pair[1].state == EnrolmentState.ADMITTED]
        if not admitted:
            return 0
        numbers = free_numbers(await self.seats.taken_numbers(sitting.id), sitting.capacity, len(admitted))
        holders = []
        for number, (seat, enrolment) in zip(numbers, admitted, strict=False):
            seat.number, seat.ticket, seat.state = number, ticket(sitting.code, number), SeatState.BOOKED
            holders.append(Holder(seat=seat, enrolment=enrolment))
            self._record(actor, "seat.filled", sitting, holders[-1], before=SeatState.WAITLISTED)
        await self.work.session.flush()
        await self.notices.booked(sitting, holders)
        await self.notices.remind(sitting, holders)
        return len(holders)

    async def check_in(self, actor: Actor, seat_id: UUID) -> SeatView:
        """The candidate is there; a second time changes nothing.

        Raises:
            NotFoundError: `seat.not_found`. ConflictError: `seat.not_booked` (`state`). ForbiddenError: a viewer.
        """
        found = await self.seats.find(seat_id)
        if found is None:
            raise NotFoundError("seat.not_found")
        sitting = await self._lock_sitting(found.sitting_id)
        ensure_officer(actor, sitting.organisation_id)
        live = await self.seats.find_live(found.enrolment_id)
        if live is None or live[0].id != seat_id:
            raise ConflictError("seat.not_booked", state=SeatState.VOID)
        seat = live[0]
        if seat.state == SeatState.CHECKED_IN:
            return await self._view(seat, sitting)
        if seat.state != SeatState.BOOKED or sitting.state == SittingState.CANCELLED:
            raise ConflictError("seat.not_booked", state=seat.state)
        enrolment = await self.enrolments.get(seat.enrolment_id)
        before, seat.state = seat.state, SeatState.CHECKED_IN
        self._record(actor, "seat.checked_in", sitting, Holder(seat=seat, enrolment=enrolment), before=before)
        return await self._view(seat, sitting)

    async def seat_of(self, enrolment_id: UUID) -> SeatView | None:
        """The enrolment's seat, unless it has none or gave it back."""
        live = await self.seats.find_live(enrolment_id)
        return await self._view(*live) if live is not None else None

    async def _lock_sitting(self, sitting_id: UUID) -> Sitting:
        sitting = await self.sittings.find(sitting_id, for_update=True)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        return sitting

    async def _lock_enrolment(self, enrolment_id: UUID, actor: Actor) -> Enrolment:
        """The enrolment, when the actor is the applicant, an officer of its organisation, or the system."""
        enrolment = await self.enrolments.find(enrolment_id, for_update=True)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        if actor.kind != "applicant":
            ensure_officer(actor, enrolment.organisation_id)
        elif actor.id != str(enrolment.follower_id):
            raise NotFoundError("enrolment.not_found")
        return enrolment

    def _ensure_bookable(self, sitting: Sitting) -> None:
        if sitting.state != SittingState.OPEN:
            raise ConflictError("sitting.not_open", state=sitting.state)
        if sitting.starts_at <= self.work.now:
            raise ConflictError("sitting.started")

    async def _ensure_ready(self, enrolment: Enrolment) -> None:
        if enrolment.state != EnrolmentState.ADMITTED:
            raise ConflictError("enrolment.not_admitted", state=enrolment.state)
        progress = await StudyService(self.work).progress(enrolment.id)
        if not progress.met:
            raise ServiceError(
                "seat.hours_not_met",
                done=f"{progress.done.normalize():f}",
                required=f"{progress.required.normalize():f}",
            )
        if fees := await PaymentService(self.work).outstanding(enrolment.id, "sitting"):
            raise ServiceError("seat.fees_outstanding", fees="、".join(fees))

    async def _view(self, seat: Seat, sitting: Sitting) -> SeatView:
        waiting = seat.state == SeatState.WAITLISTED
        position = await self.seats.waiting_position(seat) if waiting else None
        return seat_view(self.work, seat, sitting, position)

    def _record(
        self,
        actor: Actor,
        action: str,
        sitting: Sitting,
        holder: Holder,
        *,
        before: str = "",
        reason: str = "",
    ) -> None:
        seat = holder.seat
        audit.record_enrolment(
            self.work,
            actor,
            action,
            holder.enrolment,
            before={"seat": before} if before else {},
            after={"seat": seat.state, "sitting": sitting.code, "ticket": seat.ticket},
            reason=reason,
        )

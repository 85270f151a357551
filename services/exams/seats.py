"""Seats 座位: who sits where, who waits, and the admission ticket 准考证号.

Whoever changes seats locks their sitting first, and an enrolment after it.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_own_or_officer
from services.authorisation.standing import NotAuthorisedError, ensure_authorised, judged, may_act, needed_for
from services.blacklist.stopping import ensure_not_stopped
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.notices import ExamNotices, Holder
from services.exams.plan import free_numbers, may_sit_again, ticket
from services.exams.standing import Standing, live_seat, standing
from services.exams.views import SeatView, seat_view
from services.models import Actor, EnrolmentState, SeatState, SittingState
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.exams import SittingRepository
from storage.repositories.seats import SeatRepository, StandingRow
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
        self.enrolments = EnrolmentRepository(work.session)
        self.notices = ExamNotices(work)

    async def book(self, enrolment_id: UUID, sitting_id: UUID, *, actor: Actor) -> SeatView:
        """The lowest free seat of a sitting, or a place on its waiting list; the same call again gives the same seat.

        The applicant is answered by the chat; whoever staff book in gets a notice. Reminders are written. One who was
        absent leaves that seat for this one, if the scheme lets them; that they were absent stays in the audit log.

        Raises:
            NotFoundError: `sitting.not_found`, `enrolment.not_found`, also when it is not this actor's.
            ConflictError: `sitting.not_open` (`state`); `sitting.started`; `enrolment.not_admitted` (`state`);
                `seat.already_booked` (`sitting`: its code), in another sitting; `seat.sitting_busy`, somebody is
                changing the sitting at which they were absent.
            ServiceError: `seat.hours_not_met` (`done`, `required`, 学时); `seat.fees_outstanding` (`fees`, labels).
            ForbiddenError: a viewer. NotAuthorisedError: the organisation may not examine now (C4, C14).
            BarredError: the person is on a blacklist (C7).
        """
        sitting, enrolment = await self._lock_to_book(enrolment_id, sitting_id, actor)
        if (enrolment.trained_by, enrolment.scheme_id) != (sitting.organisation_id, sitting.scheme_id):
            raise NotFoundError("sitting.not_found")
        seat = Seat(id=uuid4(), sitting_id=sitting.id, enrolment_id=enrolment.id, created_at=self.work.now)
        scheme = self.work.scheme(enrolment.scheme_ref)
        needed = needed_for(self.work, enrolment.trained_by, scheme)
        booking = await self.seats.find_booking(seat, needed, local_day(self.work.now))
        if (live := live_seat(self.work, booking.standing)) is not None:
            if live.sitting_id == sitting.id:
                return live
            if not may_sit_again(scheme, live.state):
                raise ConflictError("seat.already_booked", sitting=live.sitting_code)
        self._ensure_bookable(sitting)
        if booking.listed:
            await ensure_not_stopped(self.work, enrolment)
        if needed is not None:
            judged(booking.authorised, needed, scheme, Act.EXAMINE)
        self._ensure_ready(enrolment, standing(self.work, booking.standing))
        number = next(iter(free_numbers(booking.taken, sitting.capacity, 1)), None)
        seat.number = number
        seat.state = SeatState.WAITLISTED if number is None else SeatState.BOOKED
        seat.ticket = None if number is None else ticket(sitting.code, number)
        position = booking.waiting + 1 if number is None else None
        holder = Holder(seat=seat, enrolment=enrolment, waiting_position=position)
        await self._write(seat, booking.standing, actor)
        self._record(actor, f"seat.{seat.state}", sitting, holder)
        await self.notices.taken(sitting, holder, by_staff=actor.kind == "staff")
        return seat_view(self.work, seat, sitting, position)

    async def release(self, enrolment_id: UUID, *, actor: Actor, reason: str = "") -> None:
        """Give the seat back: reminders are withdrawn and the first who waits moves up.

        Staff may also free somebody who was absent, who can then book another sitting; the person is told.
        Call it before locking the enrolment.

        Raises:
            NotFoundError: `seat.not_found`, `enrolment.not_found`.
            ConflictError: `sitting.started`, for the candidate; `seat.not_releasable` (`state`), also when it has a result.
            ForbiddenError: a viewer.
        """
        locked = await self.sittings.lock_to_release(enrolment_id)
        if locked is None:
            raise NotFoundError("seat.not_found")
        sitting, enrolment = locked
        ensure_own_or_officer(actor, enrolment.follower_id, enrolment.trained_by)
        scheme = self.work.tools.schemes.current(sitting.scheme_id)
        needed = needed_for(self.work, sitting.organisation_id, scheme)
        found = await self.seats.find_release(sitting.id, enrolment_id, needed)
        if (seat := found.seat) is None:
            raise ConflictError("seat.not_releasable", state=SeatState.VOID)
        if actor.kind == "applicant" and sitting.starts_at <= self.work.now:
            raise ConflictError("sitting.started")
        allowed = _RELEASED_BY_CANDIDATE if actor.kind == "applicant" else _RELEASED_BY_STAFF
        if seat.state not in allowed or found.has_result:
            raise ConflictError("seat.not_releasable", state=seat.state)
        before, given = seat.state, reason.strip()
        examines = needed is None or may_act(found.authorised, needed, scheme, Act.EXAMINE)
        up = self._moving_up(sitting, found.waiting if examines else (), found.taken - {seat.number})
        await self.seats.hand_on(
            seat, [(other.seat, number, ticket(sitting.code, number)) for other, number in up]
        )
        holder = Holder(seat=seat, enrolment=enrolment)
        self._record(actor, "seat.released", sitting, holder, before=before, reason=given)
        holders = [other for other, _ in up]
        for other in holders:
            self._record(actor, "seat.filled", sitting, other, before=SeatState.WAITLISTED)
        told = given if actor.kind == "staff" else None
        await self.notices.given_back(sitting, holder, to=holders, told=told)

    async def fill(self, sitting: Sitting, *, actor: Actor) -> int:
        """Give free seats to those who wait, the longest waiting first; says to how many. `sitting` is locked."""
        waiting = await self.seats.list_live(sitting.id, (SeatState.WAITLISTED,))
        if not waiting:
            return 0
        try:
            await self.ensure_examines(
                sitting.organisation_id, self.work.tools.schemes.current(sitting.scheme_id)
            )
        except NotAuthorisedError:
            # Nobody moves up to a seat that could not be booked; whoever lets it go on calls this again.
            return 0
        up = self._moving_up(sitting, waiting, await self.seats.taken_numbers(sitting.id))
        for holder, number in up:
            holder.seat.number, holder.seat.ticket = number, ticket(sitting.code, number)
            holder.seat.state = SeatState.BOOKED
            self._record(actor, "seat.filled", sitting, holder, before=SeatState.WAITLISTED)
        await self.work.session.flush()
        await self.notices.moved_up(sitting, [holder for holder, _ in up])
        return len(up)

    async def ensure_examines(self, trained_by: UUID, scheme: Scheme) -> None:
        """Raise NotAuthorisedError where this organisation may hold no exam in this scheme now (C4, C12, C14)."""
        await ensure_authorised(self.work, trained_by, scheme, Act.EXAMINE)

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
            return seat_view(self.work, seat, sitting, None)
        if seat.state != SeatState.BOOKED or sitting.state == SittingState.CANCELLED:
            raise ConflictError("seat.not_booked", state=seat.state)
        enrolment = await self.enrolments.get(seat.enrolment_id)
        before, seat.state = seat.state, SeatState.CHECKED_IN
        self._record(actor, "seat.checked_in", sitting, Holder(seat=seat, enrolment=enrolment), before=before)
        return seat_view(self.work, seat, sitting, None)

    async def seat_of(self, enrolment_id: UUID) -> SeatView | None:
        """The enrolment's seat, unless it has none or gave it back."""
        rows = await self.seats.list_standings([enrolment_id])
        return live_seat(self.work, rows[0]) if rows else None

    async def standings(self, enrolment_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
        """How far these enrolments are on the way to an exam: one statement, however many."""
        rows = await self.seats.list_standings(enrolment_ids)
        return {row.enrolment.id: standing(self.work, row) for row in rows}

    async def _write(self, seat: Seat, found: StandingRow, actor: Actor) -> None:
        """A new seat; who has one in a sitting at which they were absent gives that up for it.

        The new one's sitting is locked already. So the other is not waited for: whoever imports its scores may wait for us.
        """
        if found.seat is None or found.sitting is None:
            await self.seats.add(seat)
            return
        if not await self.seats.add_instead(seat, found.seat):
            raise ConflictError("seat.sitting_busy")
        holder = Holder(seat=found.seat, enrolment=found.enrolment)
        self._record(actor, "seat.rebooked", found.sitting, holder, before=SeatState.ABSENT)

    async def _lock_sitting(self, sitting_id: UUID) -> Sitting:
        sitting = await self.sittings.find(sitting_id, for_update=True)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        return sitting

    async def _lock_to_book(
        self, enrolment_id: UUID, sitting_id: UUID, actor: Actor
    ) -> tuple[Sitting, Enrolment]:
        locked = await self.sittings.lock_to_book(sitting_id, enrolment_id)
        if locked is None:
            known = await self.sittings.find(sitting_id) is not None
            raise NotFoundError("enrolment.not_found" if known else "sitting.not_found")
        ensure_own_or_officer(actor, locked[1].follower_id, locked[1].trained_by)
        return locked

    def _moving_up(
        self, sitting: Sitting, waiting: Sequence[tuple[Seat, Enrolment]], taken: Container[int | None]
    ) -> list[tuple[Holder, int]]:
        """Who of those that wait, the longest waiting first, gets which number now."""
        if sitting.state != SittingState.OPEN or sitting.starts_at <= self.work.now:
            return []
        holders = [
            Holder(seat=seat, enrolment=enrolment)
            for seat, enrolment in waiting
            if enrolment.state == EnrolmentState.ADMITTED
        ]
        numbers = free_numbers(taken, sitting.capacity, len(holders))
        return list(zip(holders, numbers, strict=False))

    def _ensure_bookable(self, sitting: Sitting) -> None:
        if sitting.state != SittingState.OPEN:
            raise ConflictError("sitting.not_open", state=sitting.state)
        if sitting.starts_at <= self.work.now:
            raise ConflictError("sitting.started")

    @staticmethod
    def _ensure_ready(enrolment: Enrolment, found: Standing) -> None:
        if enrolment.state != EnrolmentState.ADMITTED:
            raise ConflictError("enrolment.not_admitted", state=enrolment.state)
        if not found.hours_met:
            raise ServiceError(
                "seat.hours_not_met",
                done=f"{found.done.normalize():f}",
                required=f"{found.required.normalize():f}",
            )
        if found.owed:
            raise ServiceError("seat.fees_outstanding", fees="、".join(found.owed))

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

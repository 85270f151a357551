"""Training classes 培训班 with their notice 开班通知 (A5), and who is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from services import audit
from services.access import ensure_officer, ensure_own_or_officer, ensure_reader, visible_organisation
from services.authorisation.standing import ensure_authorised
from services.blacklist.stopping import ensure_not_stopped
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, ClassState, EnrolmentState
from services.payments.service import PaymentService
from services.rules.localtime import local_day
from services.rules.money import MAXIMUM_FEN
from services.rules.published_fees import PublishedFees, checked
from services.rules.text import normalise
from services.schemes.models import Payee
from services.study import openings
from services.study.published_fees import PublishedFeeService
from services.trainers import ensure_may_train
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.payments import OwedRow
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, Enrolment


@dataclass(frozen=True, kw_only=True)
class ClassView:
    """A class as its notice says."""

    id: UUID
    code: str
    scheme_id: str
    #: Short title of the scheme.
    scheme: str
    title: str
    starts_on: date
    ends_on: date
    form: str
    place: str
    #: None: the scheme's guide price (A2).
    training_fee_fen: int | None
    payee: Payee | None
    #: None: not limited.
    capacity: int | None
    #: How many admitted enrolments are in it.
    members: int
    state: ClassState
    #: Its fees are those that it publishes itself (C5).
    publishes_fees: bool

    @property
    def full(self) -> bool:
        """No place is left."""
        return self.capacity is not None and self.members >= self.capacity


class ClassService:
    """Classes, and joining them."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.classes = ClassRepository(work.session)

    async def add_class(
        self,
        actor: Actor,
        *,
        scheme_id: str,
        code: str,
        title: str,
        starts_on: date,
        ends_on: date,
        form: Literal["online", "on_site"],
        place: str = "",
        training_fee_fen: int | None = None,
        payee: Payee | None = None,
        capacity: int | None = None,
        organisation_id: UUID | None = None,
        fees: PublishedFees | None = None,
    ) -> ClassView:
        """Announce a class of the actor's organisation (`organisation_id` is for the system, which has none).

        Whoever is admitted to the scheme there, needs a class and is in none is told of it.

        Raises:
            ServiceError: `class.dates`, `class.fee`, `class.capacity`, `class.title`, `class.place` (on site, but
                nowhere), `class.scheme` (no such scheme), `class.fees_unpublished` (a sub-centre's class opens with
                its `fees` published, C5), `class.fees_twice` (the scheme or the training fee says them already).
            InvalidValueError: `fees.…`, what is wrong in what is published.
            ConflictError: `class.code_taken`; NotTrainedHereError (A5, D2), NotAuthorisedError (C3).
            ForbiddenError: a viewer, or no organisation.
        """
        owner = actor.organisation_id or organisation_id
        if owner is None:
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, owner)
        self._check(scheme_id, code, title, starts_on, ends_on, form, place, training_fee_fen, capacity)
        scheme = self.work.tools.schemes.current(scheme_id)
        await ensure_may_train(self.work, owner, scheme, Act.OPEN_CLASS)
        if fees is None and scheme.authorised_for is not None:
            raise ServiceError("class.fees_unpublished")
        if fees is not None and (scheme.fees or training_fee_fen is not None):
            raise ServiceError("class.fees_twice")
        row = CourseClass(
            id=uuid4(),
            code=normalise(code),
            scheme_id=scheme_id,
            organisation_id=owner,
            title=normalise(title),
            starts_on=starts_on,
            ends_on=ends_on,
            form=form,
            place=normalise(place),
            training_fee_fen=training_fee_fen,
            payee=payee.model_dump() if payee else {},
            capacity=capacity,
            state=ClassState.OPEN,
            created_at=self.work.now,
        )
        try:
            async with self.work.session.begin_nested():
                await self.classes.add(row)
        except IntegrityError:
            raise ConflictError("class.code_taken", class_code=row.code) from None
        told = await openings.announce(self.work, row)
        after = {"code": row.code, "scheme": scheme_id, "starts_on": starts_on.isoformat(), "told": told}
        audit.record(self.work, actor, "class.added", "class", row.id, after=after, organisation_id=owner)
        if fees is not None:
            await PublishedFeeService(self.work).publish_for(actor, row, checked(fees.items, fees.hotline))
        return self._view(row, 0)

    async def list_classes(
        self, actor: Actor | None = None, scheme_id: str | None = None
    ) -> tuple[ClassView, ...]:
        """For staff all classes of their organisation; for anybody (None) the open ones that are not over (B10)."""
        rows = await self.classes.list_with_counts(
            organisation_id=visible_organisation(actor) if actor else None,
            scheme_id=scheme_id,
            states=() if actor else (ClassState.OPEN,),
        )
        today = local_day(self.work.now)
        return tuple(self._view(row, members) for row, members in rows if actor or row.ends_on >= today)

    async def joinable(self, enrolment_id: UUID) -> tuple[ClassView, ...]:
        """The open classes with a place that this candidate may join, the earliest first.

        None for one who is in a class, is not admitted, or needs none (A4). Raises NotFoundError.
        """
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        if (
            enrolment.class_id is not None
            or enrolment.state != EnrolmentState.ADMITTED
            or not openings.needs_class(self.work, enrolment)
        ):
            return ()
        rows = await self.classes.list_with_counts(
            organisation_id=enrolment.trained_by,
            scheme_id=enrolment.scheme_id,
            states=(ClassState.OPEN,),
        )
        today = local_day(self.work.now)
        views = (self._view(row, members) for row, members in rows if row.ends_on >= today)
        return tuple(view for view in views if not view.full)

    async def close_class(self, actor: Actor, class_id: UUID) -> None:
        """Nobody joins any more, and nobody is told of it any more. Raises NotFoundError, ConflictError `class.not_open`."""
        row = await self.classes.find(class_id, for_update=True)
        if row is None:
            raise NotFoundError("class.not_found")
        ensure_officer(actor, row.organisation_id)
        if row.state != ClassState.OPEN:
            raise ConflictError("class.not_open", state=row.state)
        row.state = ClassState.CLOSED
        await openings.withdraw(self.work, row)
        audit.record(
            self.work,
            actor,
            "class.closed",
            "class",
            row.id,
            before={"state": ClassState.OPEN},
            after={"state": ClassState.CLOSED},
            organisation_id=row.organisation_id,
        )

    async def enrol_in_class(self, enrolment_id: UUID, class_id: UUID, actor: Actor) -> ClassView:
        """Put an admitted candidate into a class; what is still due follows the class's fee. Again: no change.

        Raises:
            NotFoundError: `enrolment.not_found`, `class.not_found` (of another organisation or scheme, too).
            ConflictError: `class.not_admitted`, `class.not_open`, `class.over`, `class.full`, `class.not_for_route`
                (somebody with other proof of hours needs no class, A4), `class.fees_begun`; NotAuthorisedError (C3);
                BarredError (C7).
        """
        row, enrolment = await self._lock(enrolment_id, class_id, actor)
        if (row.organisation_id, row.scheme_id) != (enrolment.trained_by, enrolment.scheme_id):
            raise NotFoundError("class.not_found")
        joining = await self.classes.find_joining(row.id, enrolment.id)
        if enrolment.class_id == row.id:
            return self._view(row, joining.members)
        self._ensure_open(row, enrolment, joining.members)
        await ensure_not_stopped(self.work, enrolment)
        scheme = self.work.scheme(enrolment.scheme_ref)
        await ensure_authorised(self.work, row.organisation_id, scheme, Act.JOIN_CLASS)
        if not scheme.fees:
            await PublishedFeeService(self.work).hold_for(enrolment.id, row)
        before = {"class": str(enrolment.class_id) if enrolment.class_id else None}
        await self.classes.join(row, enrolment, openings.withdrawing_from(self.work, enrolment))
        audit.record_enrolment(
            self.work,
            actor,
            "class.joined",
            enrolment,
            before=before,
            after={"class": str(row.id), "code": row.code},
        )
        if scheme.fees:
            PaymentService(self.work).follow_class(OwedRow(enrolment, row, dict(joining.payments)))
            await self.work.session.flush()
        else:
            await self.work.session.flush()
            await PaymentService(self.work).open_for(enrolment)
        return self._view(row, joining.members + 1)

    async def show(self, actor: Actor, class_id: UUID) -> ClassView:
        """A class of the actor's organisation. Raises NotFoundError."""
        row = await self.classes.find(class_id)
        if row is None:
            raise NotFoundError("class.not_found")
        ensure_reader(actor, row.organisation_id)
        return self._view(row, await self.classes.count_members(row.id))

    async def find_by_code(self, actor: Actor, code: str) -> ClassView:
        """A class of the actor's organisation. Raises NotFoundError."""
        row = await self.classes.find_by_code(normalise(code))
        if row is None:
            raise NotFoundError("class.not_found", class_code=code)
        ensure_reader(actor, row.organisation_id)
        return self._view(row, await self.classes.count_members(row.id))

    async def _lock(self, enrolment_id: UUID, class_id: UUID, actor: Actor) -> tuple[CourseClass, Enrolment]:
        locked = await self.classes.lock_to_join(class_id, enrolment_id)
        enrolment = locked[1] if locked else await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        ensure_own_or_officer(actor, enrolment.follower_id, enrolment.trained_by)
        if locked is None:
            raise NotFoundError("class.not_found")
        return locked

    def _ensure_open(self, row: CourseClass, enrolment: Enrolment, members: int) -> None:
        if enrolment.state != EnrolmentState.ADMITTED:
            raise ConflictError("class.not_admitted", state=enrolment.state)
        if row.state != ClassState.OPEN:
            raise ConflictError("class.not_open", state=row.state)
        if row.ends_on < local_day(self.work.now):
            raise ConflictError("class.over", ends_on=row.ends_on)
        if not openings.needs_class(self.work, enrolment):
            raise ConflictError("class.not_for_route")
        if row.capacity is not None and members >= row.capacity:
            raise ConflictError("class.full", capacity=row.capacity)

    def _check(
        self,
        scheme_id: str,
        code: str,
        title: str,
        starts_on: date,
        ends_on: date,
        form: str,
        place: str,
        training_fee_fen: int | None,
        capacity: int | None,
    ) -> None:
        faults: Mapping[str, bool] = {
            "class.scheme": not self._knows(scheme_id),
            "class.code": not normalise(code) or len(code) > 40,
            "class.title": not normalise(title) or len(title) > 60,
            "class.dates": ends_on < starts_on,
            "class.place": form == "on_site" and not normalise(place),
            "class.fee": training_fee_fen is not None and not 0 <= training_fee_fen <= MAXIMUM_FEN,
            "class.capacity": capacity is not None and capacity < 1,
        }
        for fault_code, is_so in faults.items():
            if is_so:
                raise ServiceError(fault_code)

    def _knows(self, scheme_id: str) -> bool:
        try:
            self.work.tools.schemes.current(scheme_id)
        except KeyError:
            return False
        return True

    def _view(self, row: CourseClass, members: int) -> ClassView:
        return ClassView(
            id=row.id,
            code=row.code,
            scheme_id=row.scheme_id,
            scheme=self.work.tools.schemes.current(row.scheme_id).short_title,
            title=row.title,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            form=row.form,
            place=row.place,
            training_fee_fen=row.training_fee_fen,
            payee=Payee.model_validate(row.payee) if row.payee else None,
            capacity=row.capacity,
            members=members,
            state=ClassState(row.state),
            publishes_fees=not self.work.tools.schemes.current(row.scheme_id).fees,
        )

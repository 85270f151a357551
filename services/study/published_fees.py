"""收费公示: what a class publishes about its fees, and the version that holds for who joined under it (C5)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader
from services.errors import ConflictError, NotFoundError
from services.models import Actor, ClassState
from services.rules.published_fees import FeeItem, PublishedFees, checked
from services.unit_of_work import Work
from storage.repositories.class_fees import ClassFeeRepository
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, FeePublication


@dataclass(frozen=True, kw_only=True)
class FeeVersion:
    """One publication of a class."""

    version: int
    fees: PublishedFees
    published_at: datetime
    published_by: str


class PublishedFeeService:
    """Publishing, and reading what was published."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.fees = ClassFeeRepository(work.session)

    async def publish(
        self, actor: Actor, class_id: UUID, items: Sequence[FeeItem], hotline: str
    ) -> FeeVersion:
        """A new version for who joins from now on; the same again changes nothing.

        Raises:
            services.rules.errors.InvalidValueError: `fees.…`, what is wrong in which row.
            NotFoundError, ForbiddenError: not the actor's class.
            ConflictError: `class.not_open`; `fees.of_scheme`, the scheme's own list is what is charged.
        """
        row = await ClassRepository(self.work.session).find(class_id, for_update=True)
        if row is None:
            raise NotFoundError("class.not_found")
        ensure_officer(actor, row.organisation_id)
        if row.state != ClassState.OPEN:
            raise ConflictError("class.not_open", state=row.state)
        if self.work.tools.schemes.current(row.scheme_id).fees:
            raise ConflictError("fees.of_scheme")
        return await self.publish_for(actor, row, checked(items, hotline))

    async def publish_for(self, actor: Actor, row: CourseClass, wanted: PublishedFees) -> FeeVersion:
        """The same for a class that is locked or new; the caller has checked who asks."""
        current = await self.fees.find_current(row.id)
        if current is not None and fees_in(current) == wanted:
            return _version(current)
        made = FeePublication(
            id=uuid4(),
            class_id=row.id,
            version=(current.version if current is not None else 0) + 1,
            items=[asdict(item) for item in wanted.items],
            hotline=wanted.hotline,
            published_by=actor.name,
            created_at=self.work.now,
        )
        self.work.session.add(made)
        await self.work.session.flush()
        audit.record(
            self.work,
            actor,
            "class.fees_published",
            "class",
            row.id,
            before={"version": current.version, "items": current.items} if current is not None else None,
            after={"version": made.version, "items": made.items, "hotline": made.hotline},
            organisation_id=row.organisation_id,
        )
        return _version(made)

    async def versions(self, actor: Actor, class_id: UUID) -> tuple[FeeVersion, ...]:
        """All publications of a class of the actor's organisation, the newest first. Raises NotFoundError."""
        row = await ClassRepository(self.work.session).find(class_id)
        if row is None:
            raise NotFoundError("class.not_found")
        ensure_reader(actor, row.organisation_id)
        return tuple(_version(item) for item in await self.fees.list_of(class_id))

    async def hold_for(self, enrolment_id: UUID, row: CourseClass) -> None:
        """What the class publishes now holds for this enrolment, which joins it.

        Raises ConflictError `class.fees_begun`: it has paid, or says so, under another publication.
        """
        if await self.fees.find_current(row.id) is None:
            return
        if await self.fees.count_begun(enrolment_id):
            raise ConflictError("class.fees_begun")
        await self.fees.bind(enrolment_id, row.id)


def fees_in(row: FeePublication) -> PublishedFees:
    """A row of the table as what it says."""
    return PublishedFees(items=tuple(FeeItem(**item) for item in row.items), hotline=row.hotline)


def _version(row: FeePublication) -> FeeVersion:
    return FeeVersion(
        version=row.version,
        fees=fees_in(row),
        published_at=row.created_at,
        published_by=row.published_by,
    )

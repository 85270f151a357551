"""Classes as anybody sees them 培训通知: who holds them, when, and what they cost (B10, C5, C6)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.errors import NotFoundError
from services.models import ClassState
from services.payments.views import amount
from services.rules.localtime import local_day
from services.rules.published_fees import FeeItem, PublishedFees
from services.rules.text import normalise
from services.schemes.models import Scheme
from services.study.published_fees import fees_in
from services.unit_of_work import Work
from storage.repositories.class_fees import ClassFeeRepository, PublicClass
from storage.tables import CourseClass

_MOST = 200


@dataclass(frozen=True, kw_only=True)
class ClassNotice:
    """A class as its public page shows it."""

    id: UUID
    code: str
    scheme: str
    title: str
    organisation: str
    starts_on: date
    ends_on: date
    #: `online` or `on_site`.
    form: str
    place: str
    state: ClassState
    #: None: not limited. Never below 0.
    places_left: int | None
    fees: PublishedFees
    #: Version of the publication; 0 where the fees are the scheme's.
    version: int
    updated_at: datetime

    @property
    def joinable(self) -> bool:
        """Open, with a place."""
        return self.state is ClassState.OPEN and self.places_left != 0


class ClassNoticeService:
    """Public: no permission is asked for, and nothing about a person is shown."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.classes = ClassFeeRepository(work.session)

    async def list_open(self, scheme: Scheme | None = None) -> tuple[ClassNotice, ...]:
        """Open classes that are not over, the earliest first."""
        rows = await self.classes.list_open(scheme_ids=(scheme.id,) if scheme else (), limit=_MOST)
        today = local_day(self.work.now)
        return tuple(notice_of(self.work, row) for row in rows if row.course_class.ends_on >= today)

    async def by_code(self, code: str) -> ClassNotice:
        """One class, open or not. Raises NotFoundError."""
        found = await self.classes.find_public(normalise(code)[:40])
        if found is None:
            raise NotFoundError("class.not_found")
        return notice_of(self.work, found)


def notice_of(work: Work, found: PublicClass) -> ClassNotice:
    """The notice of a class that was read."""
    row, published = found.course_class, found.publication
    scheme = work.tools.schemes.current(row.scheme_id)
    stopped = row.state == ClassState.OPEN and (found.suspended or row.ends_on < local_day(work.now))
    return ClassNotice(
        id=row.id,
        code=row.code,
        scheme=scheme.short_title,
        title=row.title,
        organisation=found.organisation,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        form=row.form,
        place=row.place,
        state=ClassState.CLOSED if stopped else ClassState(row.state),
        places_left=None if row.capacity is None else max(row.capacity - found.taken, 0),
        fees=fees_in(published) if published is not None else _fees_of_scheme(scheme, row),
        version=published.version if published is not None else 0,
        updated_at=published.created_at if published is not None else row.created_at,
    )


def _fees_of_scheme(scheme: Scheme, row: CourseClass) -> PublishedFees:
    """Where the scheme has a list of fees, that is what is charged (B10)."""
    phones = [phone for one in scheme.contacts if one.purpose == "supervision" for phone in one.phones]
    return PublishedFees(
        items=tuple(
            FeeItem(
                item=fee.label,
                amount_fen=amount(fee, row),
                unit=fee.unit,
                basis=scheme.source,
                scope=fee.note or scheme.short_title,
                due_before=fee.due_before,
            )
            for fee in scheme.fees
        ),
        hotline="、".join(phones),
    )

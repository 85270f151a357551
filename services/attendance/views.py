"""Days, sign-ins and records of practice as pages and commands show them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from storage.attendance_states import DayKind, SignInWay
from storage.tables import ClassDay

#: The scene of a day's QR code is this and its code.
SIGN_SCENE = "sign:"


@dataclass(frozen=True, kw_only=True)
class DayView:
    """One day of a class; times are aware UTC."""

    id: UUID
    class_id: UUID
    code: str
    kind: DayKind
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    #: 学时 that it counts for.
    hours: Decimal
    early_minutes: int
    #: How many signed in.
    signed: int
    #: Why it was taken back, and by whom; empty while it stands.
    withdrawn_reason: str = ""
    withdrawn_by: str = ""

    @property
    def scene(self) -> str:
        """Of its QR code."""
        return f"{SIGN_SCENE}{self.code}"


@dataclass(frozen=True, kw_only=True)
class DayCode:
    """What is shown with the day's QR code, and what it is made of."""

    day: DayView
    class_title: str
    #: Official accounts whose members may scan it, by our names.
    accounts: tuple[str, ...]
    opens_at: datetime
    #: How long it has to hold.
    seconds: int


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """A member of the class on that day."""

    enrolment_id: UUID
    number: int
    name: str
    signed_at: datetime | None
    way: SignInWay | None
    added_by: str
    reason: str
    #: How many records of practice there are of that day.
    records: int


@dataclass(frozen=True, kw_only=True)
class PracticeView:
    """One record of practice (C8)."""

    id: UUID
    enrolment_id: UUID
    number: int
    day: str
    on: datetime
    instrument: str
    process: str
    result: str
    recorded_by: str
    has_sheet: bool
    #: When the sheet was deleted, having been kept long enough (C11).
    sheet_purged_at: datetime | None


def day_view(row: ClassDay, signed: int = 0) -> DayView:
    """One row."""
    return DayView(
        id=row.id,
        class_id=row.class_id,
        code=row.code,
        kind=DayKind(row.kind),
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=row.place,
        hours=row.hours,
        early_minutes=row.early_minutes,
        signed=signed,
        withdrawn_reason=row.withdrawn_reason,
        withdrawn_by=row.withdrawn_by_name,
    )

"""A sub-centre's class with a member and its days: what tests of attendance and practice begin with."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from handlers.chat.messages import Scanned
from services.attendance import ClassDayService, PracticeService, SignInService
from services.attendance.views import DayView
from services.models import EnrolmentState
from services.study.service import HoursProgress, StudyService
from services.unit_of_work import Tools
from storage.attendance_states import DayKind
from storage.tables import CourseClass, Organisation, PracticeRecord
from tests import factories, sub_centres
from tests.chat import Follower, text_of
from tests.sub_centres import SCHEME, SubCentre

#: The first day of the class: Tuesday 2026-12-01, 09:00 in Shanghai.
STARTS_AT = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
PRACTICE = {
    "instrument": "外径千分尺 0–25 mm，编号 0123",
    "process": "校对零位，测量量块三次",
    "result": "示值误差 +1 μm，合格",
}


@dataclass
class School:
    """A class of a sub-centre with one member who writes in the chat."""

    tools: Tools
    sub_centre: SubCentre
    class_id: UUID
    enrolment_id: UUID
    number: int
    member: Follower
    days: list[DayView] = field(default_factory=list)

    async def day(self, kind: DayKind = DayKind.THEORY, *, after: int = 0, **other: Any) -> DayView:
        """Eight hours, so many days after the class's first."""
        starts_at = STARTS_AT + timedelta(days=after)
        given: dict[str, Any] = {
            "kind": kind,
            "title": "量具使用实操" if kind is DayKind.PRACTICE else "长度计量基础",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=8),
            "hours": Decimal(8),
            "place": "贵阳市云岩区实训室",
            **other,
        }
        async with self.tools.unit_of_work() as work:
            return await ClassDayService(work).add(self.sub_centre.officer, self.class_id, **given)

    async def scan(self, day: DayView, who: Follower | None = None) -> str:
        """What comes back for a scan of the day's code."""
        who = who or self.member
        return text_of(await who.send(Scanned(**who.envelope(), scene=day.scene)))  # type: ignore[arg-type]

    async def sign(self, day: DayView, reason: str = "手机没电，核对过身份证") -> None:
        """Staff sign the member in."""
        async with self.tools.unit_of_work() as work:
            await SignInService(work).add_by_hand(self.sub_centre.officer, day.id, self.enrolment_id, reason)

    async def practise(self, day: DayView, sheet: bytes | None = None) -> UUID:
        """A record of practice; its id."""
        async with self.tools.unit_of_work() as work:
            made = await PracticeService(work).add(
                self.sub_centre.officer, day.id, self.enrolment_id, **PRACTICE, sheet=sheet
            )
            return made.id

    async def progress(self) -> HoursProgress:
        """The member's hours."""
        async with self.tools.unit_of_work() as work:
            return await StudyService(work).progress(self.enrolment_id)


async def school(tools: Tools, *, openid: str = "oMember", sub_centre: SubCentre | None = None) -> School:
    """An open class from 2026-12-01 to 2026-12-31 with one admitted member."""
    member = Follower(tools, openid=openid, account="metrology")
    async with tools.unit_of_work() as work:
        owner = sub_centre or await sub_centres.authorised(work)
        follower = await factories.follower(work, openid, "metrology")
        course = CourseClass(
            code="CD4-PRACTICE",
            scheme_id=SCHEME,
            organisation_id=owner.id,
            title="长度计量员中级工班",
            starts_on=date(2026, 12, 1),
            ends_on=date(2026, 12, 31),
            form="on_site",
            place="贵阳市云岩区",
            payee={},
            state="open",
            created_at=work.now,
        )
        work.session.add(course)
        await work.session.flush()
        home = await work.session.get_one(Organisation, owner.id)
        row = await factories.enrolment(
            work,
            organisation=home,
            follower=follower,
            scheme_id=SCHEME,
            state=EnrolmentState.ADMITTED,
        )
        row.class_id = course.id
        return School(tools, owner, course.id, row.id, row.number, member)


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """A day and an answer sheet, by the room of the console that names them."""
    async with tools.unit_of_work() as work:
        owner = await sub_centres.authorised(work, "遵义计量分中心", plaque="FZX-055")
    place = await school(tools, openid="oSchoolOfEach", sub_centre=owner)
    day = await place.day(DayKind.PRACTICE)
    async with tools.unit_of_work() as work:
        row = PracticeRecord(
            class_day_id=day.id,
            enrolment_id=place.enrolment_id,
            recorded_by_name="李老师",
            file_key="practice/of-each",
            media_type="application/pdf",
            created_at=work.now,
            **PRACTICE,
        )
        await work.tools.files.put("practice/of-each", b"%PDF-1.4")
        work.session.add(row)
        await work.session.flush()
        return {"class-days": day.id, "practice-sheets": row.id}

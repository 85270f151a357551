"""The CQC's organisations with two laboratories, applicants, and the five stages (E), over the test's own database."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.appointments import AppointmentService
from services.appointments.coverage import CoverageService
from services.appointments.rosters import RosterService
from services.enrolments.account_registration import register_account
from services.enrolments.review import ReviewService
from services.models import AccountOrigin, Actor, EnrolmentState, StaffRole
from services.schemes.kept import several
from services.unit_of_work import Tools, Work
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.review_stages import StageRepository
from tests import factories

SCHEME = "cqc-liaison-officer"
LABORATORY = "某某产品质量检测研究院"
OTHER_LABORATORY = "另一家电器检测中心"


@dataclass
class House:
    """Who works where."""

    tools: Tools
    ids: dict[str, UUID] = field(default_factory=dict)

    def officer(self, where: str, role: StaffRole = StaffRole.OFFICER) -> Actor:
        """One of the staff of `laboratory`, `other`, `sub_centre`, `training`, `quality`, `business`, `product`."""
        return factories.staff_actor(self.ids[where], role, name=f"{where}的老师")

    async def applicant(
        self,
        *fields: str,
        name: str = "王小明",
        serial: int = 1,
        laboratory: str = LABORATORY,
        state: EnrolmentState = EnrolmentState.IN_REVIEW,
    ) -> UUID:
        """An enrolment through a laboratory, which it waits for."""
        async with self.tools.unit_of_work() as work:
            home = await OrganisationRepository(work.session).find_by_name(laboratory)
            assert home is not None
            row = await factories.enrolment(
                work,
                organisation=home,
                follower=await factories.follower(work, account="cqc"),
                scheme_id=SCHEME,
                state=state,
                name=name,
                identity_number=factories.identity_number(serial),
                laboratory=laboratory,
                email="wang@example.com",
                education="大学本科",
                work_years="3",
                entry_training="class",
                fields=several(fields or ("CCC",)),
            )
            return row.id

    async def approve(self, enrolment_id: UUID, times: int = 1) -> EnrolmentState:
        """By an officer of each organisation that decides a stage that comes next."""
        state = EnrolmentState.IN_REVIEW
        for _ in range(times):
            async with self.tools.unit_of_work() as work:
                decider = await self.decider(work, enrolment_id)
                state = await ReviewService(work).approve(decider, enrolment_id)
        return state

    async def decider(self, work: Work, enrolment_id: UUID) -> Actor:
        """An officer of the organisation that the enrolment waits before."""
        present = await StageRepository(work.session).present(enrolment_id)
        assert present is not None
        return factories.staff_actor(present.organisation_id)

    async def account(
        self,
        enrolment_id: UUID,
        *,
        login: str = "",
        origin: AccountOrigin = AccountOrigin.CREATED,
        mailed_on: date | None = date(2026, 11, 20),
        number: str = "",
    ) -> None:
        """The sub-centre puts the account on file."""
        async with self.tools.unit_of_work() as work:
            await register_account(
                work,
                await self.decider(work, enrolment_id),
                enrolment_id,
                login=login,
                origin=origin,
                mailed_on=mailed_on,
                number=number,
            )

    async def appointed(
        self,
        *fields: str,
        name: str = "王小明",
        serial: int = 1,
        laboratory: str = LABORATORY,
        stages: int = 5,
    ) -> UUID:
        """Somebody who went through so many of the five stages; gives the appointment."""
        enrolment_id = await self.applicant(*fields, name=name, serial=serial, laboratory=laboratory)
        await self.approve(enrolment_id)
        await self.account(enrolment_id)
        await self.approve(enrolment_id, stages - 1)
        async with self.tools.unit_of_work() as work:
            page = await AppointmentService(work).list_lines(self.officer("training"), query=name)
            return page.items[0].id

    async def business(self, where: str, *fields: str) -> None:
        """A laboratory says what it does."""
        async with self.tools.unit_of_work() as work:
            await CoverageService(work).set_business(self.officer(where), self.ids[where], fields)


async def open_house(tools: Tools) -> House:
    """The CQC and two laboratories below its Guangdong sub-centre; both do CCC and CB."""
    house = House(tools)
    async with tools.unit_of_work() as work:
        for key, name, kind in (
            ("training", "CQC 培训中心", "cqc_training_centre"),
            ("quality", "CQC 质量技术部", "cqc_quality_department"),
            ("business", "CQC 综合业务部", "cqc_business_department"),
            ("product", "CQC 产品一部", "cqc_product_department"),
            ("sub_centre", "CQC 广东分中心", "cqc_sub_centre"),
        ):
            house.ids[key] = (await factories.organisation(work, name, kind)).id
        for key, name in (("laboratory", LABORATORY), ("other", OTHER_LABORATORY)):
            row = await factories.organisation(work, name, "laboratory")
            row.parent_id = house.ids["sub_centre"]
            house.ids[key] = row.id
    for where in ("laboratory", "other"):
        await house.business(where, "CCC")
    return house


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """An appointment, its laboratory, a roster check and an entry of it, by the name of their room in the console."""
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC", name="冯晴", serial=801)
    async with tools.unit_of_work() as work:
        service, officer = RosterService(work), house.officer("training")
        check_id = await service.begin(officer, title="核查", due_on=date(2026, 12, 30))
        [entry] = (await service.show(officer, check_id)).people
    return {
        "appointments": appointment_id,
        "laboratories": house.ids["laboratory"],
        "rosters": check_id,
        "roster-entries": entry.id,
    }


async def said(work: Work, notice: str) -> list[str]:
    """The texts of this notice, in the order in which they were queued."""
    from sqlalchemy import select

    from services.notices.catalogue import NOTICES, render_text
    from storage.tables import OutboxMessage

    rows = await work.session.scalars(
        select(OutboxMessage).where(OutboxMessage.notice == notice).order_by(OutboxMessage.id)
    )
    return [render_text(NOTICES[row.notice], row.facts) for row in rows]

"""A sub-centre of metrology with candidates, another one, and the society above both."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from services.blacklist import BlacklistService
from services.blacklist.models import BlacklistDetail
from services.blacklist.proposing import Charge
from services.changes import ChangeDesk
from services.models import Actor, EnrolmentState
from services.pictures import specimen
from services.study.classes import ClassService
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import Attachment, Enrolment, Organisation, OutboxMessage
from tests import factories, sub_centres

SCHEME = "metrology-length-4"
CHARGE = Charge(
    reason="false_degree",
    allegation="毕业证编号 105111200805000001 在学信网查无此人",
    papers="学信网查询页，存档2026-17",
)


@dataclass
class SubCentres:
    """Who is who: `first` proposes, `second` is a colleague, `other` works elsewhere, `society` stands above."""

    tools: Tools
    first: Actor
    second: Actor
    other: Actor
    society: Actor
    organisation_id: UUID
    other_organisation_id: UUID

    async def candidate(
        self,
        serial: int = 7,
        *,
        name: str = "王小明",
        state: EnrolmentState = EnrolmentState.IN_REVIEW,
        openid: str | None = None,
        scheme_id: str = SCHEME,
        elsewhere: bool = False,
        **answers: Any,
    ) -> Enrolment:
        """An enrolment of the person with this serial."""
        async with self.tools.unit_of_work() as work:
            organisation = await work.session.get_one(
                Organisation, self.other_organisation_id if elsewhere else self.organisation_id
            )
            return await factories.enrolment(
                work,
                organisation=organisation,
                follower=await factories.follower(work, openid, account="metrology"),
                scheme_id=scheme_id,
                state=state,
                name=name,
                identity_number=factories.identity_number(serial),
                **answers,
            )

    async def proposed(self, enrolment: Enrolment, charge: Charge = CHARGE) -> UUID:
        async with self.tools.unit_of_work() as work:
            return (await BlacklistService(work).propose(self.first, enrolment.id, charge)).line.id

    async def arrived(self) -> None:
        """WeChat took every message."""
        async with self.tools.unit_of_work() as work:
            await work.session.execute(update(OutboxMessage).values(state=DeliveryState.ACCEPTED))

    async def confirmed(self, entry_id: UUID, by: Actor | None = None) -> BlacklistDetail:
        """By a colleague who read what was said; the days to answer must be over."""
        async with self.tools.unit_of_work() as work:
            await BlacklistService(work).show(by or self.second, entry_id)
        async with self.tools.unit_of_work() as work:
            return await BlacklistService(work).confirm(by or self.second, entry_id, "查证属实")

    async def barred(self, serial: int = 7, **wanted: Any) -> UUID:
        """Somebody on the list: proposed, told, heard, confirmed eleven days later."""
        entry_id = await self.proposed(await self.candidate(serial, **wanted))
        await self.arrived()
        self.tools.clock.move(days=11)  # type: ignore[attr-defined]
        await self.confirmed(entry_id)
        return entry_id


async def open_house(tools: Tools) -> SubCentres:
    """Two authorised sub-centres, the first with a class that is open for three weeks."""
    async with tools.unit_of_work() as work:
        scope = (*sub_centres.SCOPE, ("thermal", "skilled"))
        home = await sub_centres.authorised(work, scope=scope)
        other = await sub_centres.authorised(work, "第二分中心", plaque="FZX-053")
        await ClassService(work).add_class(
            home.officer,
            scheme_id=SCHEME,
            code="CD4-2026-12",
            title="长度计量员中级工培训班",
            starts_on=date(2026, 12, 14),
            ends_on=date(2026, 12, 24),
            form="on_site",
            place="贵阳市云岩区某某路1号",
            fees=sub_centres.FEES,
        )
        return SubCentres(
            tools=tools,
            first=home.officer,
            second=factories.staff_actor(home.id, name="周老师"),
            other=other.officer,
            society=home.society_officer,
            organisation_id=home.id,
            other_organisation_id=other.id,
        )


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """An entry with a file, for whoever types the addresses of another organisation."""
    centres = await open_house(tools)
    content = specimen.id_card_front()
    entry = await centres.proposed(
        await centres.candidate(), replace(CHARGE, files=(("查询页.jpg", content),))
    )
    admitted = await centres.candidate(8, state=EnrolmentState.ADMITTED)
    async with tools.unit_of_work() as work:
        file = await work.session.scalar(select(Attachment.id))
        assert file
        change = await ChangeDesk(work).file_for(
            centres.first, admitted.id, "name", "王晓明", reason="更名", files=(("proof.jpg", content),)
        )
        proof = await work.session.scalar(select(Attachment.id).where(Attachment.role == "proof"))
        assert proof
    return {"blacklist": entry, "blacklist-files": file, "changes": change.id, "change-files": proof}

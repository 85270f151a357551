"""What tests of appeals begin with: results that are published, and somebody who objects."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.appeals import AppealDesk, AppealService
from services.appeals.models import OwnAppeal
from services.exams.results import ResultService
from services.exams.views import SittingView
from services.models import Actor
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.exam_stories import PLACE, SATURDAY_END, Candidate, House, open_house

WHY = "第12题我选的是B，记录里没有得分。"


@dataclass
class Hearing:
    """A sitting whose results are published, approved by the house's officer; a second member of staff."""

    house: House
    sitting: SittingView
    clock: FixedClock
    other: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.other = staff_actor(self.house.organisation.id, name="钱老师")

    @property
    def who(self) -> Candidate:
        return self.house.candidates[0]

    async def result_id(self, who: Candidate | None = None) -> UUID:
        async with self.house.tools.unit_of_work() as work:
            view = await ResultService(work).of_enrolment((who or self.who).enrolment_id)
        assert view is not None
        return view.id

    async def lodge(self, who: Candidate | None = None) -> OwnAppeal:
        who = who or self.who
        result_id = await self.result_id(who)
        async with self.house.tools.unit_of_work() as work:
            draft = await AppealService(work).write(who.follower_id, result_id, WHY)
        async with self.house.tools.unit_of_work() as work:
            return await AppealService(work).lodge(who.follower_id, draft.id, actor=who.actor)

    async def disclosed(self, who: Candidate | None = None) -> OwnAppeal:
        own = await self.lodge(who)
        async with self.house.tools.unit_of_work() as work:
            await AppealDesk(work).disclose(self.house.officer, own.id)
        return own

    async def remark(self, own: OwnAppeal, score: str, actor: Actor | None = None) -> None:
        async with self.house.tools.unit_of_work() as work:
            await AppealDesk(work).remark(actor or self.other, own.id, score, "第12题漏计")


async def published(
    tools: Tools, clock: FixedClock, *scores: str, version: str | None = None, place: str = PLACE
) -> Hearing:
    """People with these scores, in this order, published by the house's officer alone."""
    house = await open_house(tools)
    house.scheme_version = version
    sitting = await house.sitting(capacity=60, place=place)
    rows = ["准考证号,姓名,成绩"]
    for place, score in enumerate(scores, start=1):
        await house.book(await house.candidate("王小明"), sitting.id)
        rows.append(f"{sitting.code}-{place:03d},王小明,{score}")
    clock.moment = SATURDAY_END + timedelta(hours=3)
    async with tools.unit_of_work() as work:
        await ResultService(work).import_scores(
            house.officer, "成绩.csv", "\n".join(rows).encode(), sitting_code=sitting.code, dry_run=False
        )
    async with tools.unit_of_work() as work:
        await ResultService(work).approve(house.officer, sitting.id)
    async with tools.unit_of_work() as work:
        await ResultService(work).publish(house.officer, sitting.id)
    return Hearing(house, sitting, clock)


async def one_of_each(tools: Tools, clock: FixedClock) -> dict[str, UUID]:
    """Ids of what the console's addresses about appeals name."""
    hearing = await published(tools, clock, "58", version="2024.4", place="另一个平台")
    return {"appeals": (await hearing.disclosed()).id}

"""An association with people of its own, another one, and a broadcast on its way from draft to report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from scheduler.broadcasts import BroadcastLoop
from services.broadcasts import Audience, BroadcastDetail, BroadcastKind, BroadcastService, Content, Draft
from services.models import Actor, StaffRole
from services.ports import Article, MassContent, Reaction, SendOutcome, Uploaded
from services.unit_of_work import Tools, Work
from storage.tables import BroadcastChunk, Follower, Organisation
from tests import factories
from tests.scheduler.messengers import RecordingMessenger

TEXT = "各位学员：考试地点改为实验楼 302，请提前 30 分钟到场。"


@dataclass
class MassRecorder(RecordingMessenger):
    """A messenger that takes mass sends, as WeChat does: one id once."""

    batches: list[tuple[str, tuple[str, ...], MassContent]] = field(default_factory=list)
    previews: list[tuple[str, MassContent]] = field(default_factory=list)
    uploads: list[object] = field(default_factory=list)
    status: str = ""
    asked: list[str] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        RecordingMessenger.__init__(self)

    async def send_mass(
        self, account: str, openids: Sequence[str], content: MassContent, *, client_msg_id: str
    ) -> SendOutcome:
        queue = self.answers.get("mass")
        answer = queue.pop(0) if queue else None
        refused = isinstance(answer, SendOutcome) and answer.reaction is not Reaction.UNKNOWN
        if refused and isinstance(answer, SendOutcome):
            return answer
        if client_msg_id in self._ids:
            return SendOutcome(reaction=Reaction.DUPLICATE, errcode=45065, msgid=self._ids[client_msg_id])
        self._ids[client_msg_id] = str(1000 + len(self._ids))
        self.batches.append((client_msg_id, tuple(openids), content))
        if isinstance(answer, BaseException):
            raise answer
        return answer or SendOutcome(reaction=Reaction.OK, msgid=self._ids[client_msg_id])

    async def preview_mass(self, account: str, openid: str, content: MassContent) -> SendOutcome:
        self.previews.append((openid, content))
        return SendOutcome(reaction=Reaction.OK, msgid="1")

    async def mass_status(self, account: str, msgid: str) -> str:
        self.asked.append(msgid)
        return self.status

    async def add_picture(self, account: str, picture: bytes, filename: str) -> Uploaded:
        self.uploads.append(filename)
        return Uploaded(outcome=SendOutcome(reaction=Reaction.OK), media_id=f"picture-{len(self.uploads)}")

    async def add_article(self, account: str, article: Article) -> Uploaded:
        self.uploads.append(article)
        return Uploaded(outcome=SendOutcome(reaction=Reaction.OK), media_id=f"article-{len(self.uploads)}")

    @property
    def reached(self) -> list[str]:
        """Every openid that got a mass message, as often as it did."""
        return sorted(openid for _, openids, _ in self.batches for openid in openids)


@dataclass
class Office:
    """Two of the staff of an association, its people, and what they do."""

    tools: Tools
    organisation: Organisation
    author: Actor
    approver: Actor
    messenger: MassRecorder

    async def people(self, count: int, **overrides: Any) -> list[str]:
        """So many more followers with an enrolment each; their openids."""
        async with self.tools.unit_of_work() as work:
            return [(await self.person(work, **overrides)).openid for _ in range(count)]

    async def person(self, work: Work, **overrides: Any) -> Follower:
        global _serial
        _serial += 1
        given = {"organisation": self.organisation, "name": f"学员{_serial}", **overrides}
        follower = given.pop("follower", None) or await factories.follower(work)
        await factories.enrolment(
            work, follower=follower, identity_number=factories.identity_number(_serial), **given
        )
        return follower

    async def draft(self, **overrides: Any) -> UUID:
        """A text for everybody, unless told otherwise."""
        async with self.tools.unit_of_work() as work:
            return await BroadcastService(work).create(self.author, a_draft(**overrides))

    async def do(self, verb: str, broadcast_id: UUID, *arguments: Any, by: Actor | None = None) -> Any:
        """One verb in a unit of work of its own, by the author."""
        async with self.tools.unit_of_work() as work:
            return await getattr(BroadcastService(work), verb)(by or self.author, broadcast_id, *arguments)

    async def show(self, broadcast_id: UUID) -> BroadcastDetail:
        found: BroadcastDetail = await self.do("show", broadcast_id)
        return found

    async def approved(self, **overrides: Any) -> UUID:
        """Written, submitted and approved."""
        broadcast_id = await self.draft(**overrides)
        await self.do("submit", broadcast_id)
        one = await self.show(broadcast_id)
        await self.do("approve", broadcast_id, one.fingerprint, by=self.approver)
        return broadcast_id

    async def started(self, **overrides: Any) -> UUID:
        broadcast_id = await self.approved(**overrides)
        await self.do("start", broadcast_id)
        return broadcast_id

    def loop(self, owner: str = "loop") -> BroadcastLoop:
        return BroadcastLoop(self.tools, self.messenger, owner)

    async def run(self, rounds: int = 1) -> None:
        """So many rounds of the loop."""
        loop = self.loop()
        for _ in range(rounds):
            await loop.once()

    async def lapse(self) -> None:
        """As if whoever sends now had died."""
        async with self.tools.unit_of_work() as work:
            moment = work.now - timedelta(days=3650)
            for chunk in await work.session.scalars(select(BroadcastChunk)):
                chunk.lease_until = moment


_serial = 0


def a_draft(**overrides: Any) -> Draft:
    given: dict[str, Any] = {
        "account": "main",
        "kind": BroadcastKind.MASS,
        "title": "考试地点变更",
        "content": Content(text=TEXT),
        "audience": Audience(),
    }
    return Draft(**{**given, **overrides})


async def office(tools: Tools, name: str = "贵州省 ISO9000 质量促进会") -> Office:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work, name)
    return Office(
        tools=tools,
        organisation=organisation,
        author=factories.staff_actor(organisation.id, name="谢老师"),
        approver=factories.staff_actor(organisation.id, StaffRole.ADMIN, name="周老师"),
        messenger=MassRecorder(),
    )


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """What addresses of the console name, of an organisation of its own."""
    here = await office(tools, "群发的协会")
    return {"broadcasts": await here.draft()}

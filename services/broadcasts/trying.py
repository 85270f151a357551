"""A broadcast sent to oneself: whose WeChat one of the staff has, shown by a scan, and a test that leaves at most once.

A code in the console holds ten minutes and once, for the one who is signed in there, and whoever scans it reads in the
chat whose account it was bound to. A test goes to that WeChat alone, never to an openid that somebody typed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer, visible_organisation
from services.broadcasts.models import BroadcastKind, Content, TestState
from services.broadcasts.permitted import readable
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.ports import Reaction, SendOutcome
from services.rules.broadcasting import filled
from services.unit_of_work import Work
from storage.repositories.broadcast_chunks import lease
from storage.repositories.broadcasts import BroadcastRepository
from storage.repositories.staff_wechats import StaffWeChatRepository
from storage.tables import BroadcastTest

#: Begins the scene of a code that binds a member of staff.
BIND_SCENE: Final = "staff:"
BIND_LASTS: Final = timedelta(minutes=10)
LEASE: Final = timedelta(seconds=180)
#: WeChat takes 100 previews a day and account.
TESTS_A_DAY: Final = 20


@dataclass(frozen=True, kw_only=True)
class TestClaim:
    """A test to send now."""

    __test__ = False

    id: UUID
    owner: str
    account: str
    openid: str
    personal: bool
    content: Content
    picture_key: str


class TryingService:
    """Binding and testing."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.wechats = StaffWeChatRepository(work.session)

    async def bound(self, actor: Actor, account: str) -> bool:
        """Whether this member of staff has shown their WeChat."""
        return actor.kind == "staff" and await self.wechats.find(UUID(actor.id), account) is not None

    async def offer(self, actor: Actor, account: str) -> str:
        """The scene of a code for them to scan, good for ten minutes and once. Raises ForbiddenError."""
        visible_organisation(actor)
        if account not in self.work.tools.accounts or actor.kind != "staff":
            raise ServiceError("broadcast.account")
        token = secrets.token_hex(16)
        await self.wechats.offer(
            UUID(actor.id), account, _digest(token), self.work.now + BIND_LASTS, self.work.now
        )
        return f"{BIND_SCENE}{token}"

    async def bind(self, scene: str, account: str, follower_id: UUID) -> str:
        """Who scanned it is that member of staff from now on; gives their name.

        Raises NotFoundError `broadcast.code_gone`: expired, used, of another account, or none.
        """
        offered = await self.wechats.take(_digest(scene.removeprefix(BIND_SCENE)), account, self.work.now)
        if offered is None:
            raise NotFoundError("broadcast.code_gone")
        await self.wechats.bind(offered.id, account, follower_id, self.work.now)
        actor = Actor(
            kind="staff", id=str(offered.id), name=offered.name, organisation_id=offered.organisation_id
        )
        audit.record(self.work, actor, "staff.wechat_bound", "staff", offered.id, after={"account": account})
        return offered.name

    async def test(self, actor: Actor, broadcast_id: UUID) -> None:
        """Send it to oneself, as it is now.

        Raises ServiceError `broadcast.not_bound`, `broadcast.tests_used_up` (`limit`).
        """
        row = await readable(self.work, actor, broadcast_id)
        ensure_officer(actor, row.organisation_id)
        wechat = await self.wechats.find(UUID(actor.id), row.account) if actor.kind == "staff" else None
        if wechat is None:
            raise ServiceError("broadcast.not_bound")
        since = self.work.now - timedelta(days=1)
        if await self.wechats.count_tests(actor.id, since) >= TESTS_A_DAY:
            raise ServiceError("broadcast.tests_used_up", limit=TESTS_A_DAY)
        await BroadcastRepository(self.work.session).add_test(
            BroadcastTest(
                broadcast_id=row.id,
                staff_id=actor.id,
                staff_name=actor.name,
                follower_id=wechat.follower_id,
                state=TestState.WAITING,
                created_at=self.work.now,
            )
        )
        audit.record(
            self.work, actor, "broadcast.tested", "broadcast", row.id, organisation_id=row.organisation_id
        )


async def claim(work: Work, owner: str) -> TestClaim | None:
    """A test to send now. One whose sender died may have left, and is not sent again."""
    found = await BroadcastRepository(work.session).take_test()
    if found is None:
        return None
    test, row, follower = found
    if test.state == TestState.SENDING:
        test.state, test.finished_at = TestState.UNKNOWN, work.now
        return None
    test.state, test.owner, test.lease_until = TestState.SENDING, owner, lease(LEASE)
    await work.session.flush()
    content, personal = Content.of(row.content), row.kind == BroadcastKind.PERSONAL
    if personal:
        example = {"姓名": test.staff_name, "报名号": "10001", "项目": "（测试）"}
        content = Content(text=filled(content.text, example), short=content.short)
    return TestClaim(
        id=test.id,
        owner=owner,
        account=follower.account,
        openid=follower.openid,
        personal=personal,
        content=content,
        picture_key=row.picture_key,
    )


async def finish(work: Work, claim: TestClaim, outcome: SendOutcome) -> None:
    """Keep what it came to."""
    state = {
        Reaction.OK: TestState.SENT,
        Reaction.DUPLICATE: TestState.SENT,
        Reaction.UNKNOWN: TestState.UNKNOWN,
    }.get(outcome.reaction, TestState.FAILED)
    await BroadcastRepository(work.session).finish_test(
        claim.id,
        claim.owner,
        {
            "state": state,
            "errcode": outcome.errcode or None,
            "errmsg": None if state is TestState.SENT else outcome.errmsg[:200],
            "finished_at": work.now,
            "lease_until": None,
        },
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

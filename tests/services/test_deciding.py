"""What nobody knows, and what was given up: staff decide, knowingly and once (B9)."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from services.delivery.deciding import UndecidedService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, StaffRole
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import AuditEntry, Follower, Organisation, OutboxMessage
from tests import factories
from tests.services.test_delivery import claim_one
from tests.services.undecided_stories import given_up


async def test_an_unknown_message_is_sent_again_once_as_a_new_one_and_the_log_says_why_b9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        message = await given_up(work, home)
        staff = factories.staff_actor(home.id)
        (line,) = (await UndecidedService(work).list_lines(staff)).items
        assert (line.id, line.state, line.tries, line.errmsg) == (message.id, "unknown", 1, "timeout")
        assert line.first_sent_at is not None
        await UndecidedService(work).send_again(staff, message.id, "本人说没有收到")
        assert await UndecidedService(work).count(staff) == 0
        with pytest.raises(ConflictError, match=r"delivery\.decided"):
            await UndecidedService(work).send_again(staff, message.id, "再来一次")
    again = await claim_one(tools)
    assert again.id != message.id
    assert again.client_msg_id != message.client_msg_id
    assert (again.notice, again.facts) == (message.notice, message.facts)
    async with tools.unit_of_work() as work:
        entry = await work.session.scalar(
            select(AuditEntry).where(AuditEntry.action == "delivery.sent_again")
        )
        assert entry is not None
        assert (entry.reason, entry.after) == ("本人说没有收到", {"again": str(again.id)})
        old = await work.session.get_one(OutboxMessage, message.id)
        assert (old.state, old.decision) == ("unknown", "sent_again")


async def test_a_dead_message_is_set_aside_with_a_reason_and_nothing_is_sent(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        message = await given_up(work, home, state=DeliveryState.DEAD)
        staff = factories.staff_actor(home.id)
        for reason in ("", " ", "长" * 201):
            with pytest.raises(ServiceError, match=r"delivery\.reason"):
                await UndecidedService(work).set_aside(staff, message.id, reason)
        await UndecidedService(work).set_aside(staff, message.id, "已电话告知")
        assert (await UndecidedService(work).list_lines(staff)).items == ()
        rows = (await work.session.scalars(select(OutboxMessage))).all()
        assert [(row.state, row.decision) for row in rows] == [("dead", "set_aside")]


async def test_who_left_gets_nothing_again_and_forgotten_words_are_not_sent(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        staff = factories.staff_actor(home.id)
        left, forgotten = await given_up(work, home), await given_up(work, home)
        (await work.session.get_one(Follower, left.follower_id)).unfollowed_at = work.now
        forgotten.facts = {}
        await work.session.flush()
        assert {line.sendable for line in (await UndecidedService(work).list_lines(staff)).items} == {False}
        with pytest.raises(ConflictError, match=r"delivery\.unreachable"):
            await UndecidedService(work).send_again(staff, left.id, "原因")
        with pytest.raises(ConflictError, match=r"delivery\.forgotten"):
            await UndecidedService(work).send_again(staff, forgotten.id, "原因")


async def test_messages_are_seen_where_their_people_are_and_those_of_nobody_by_the_top_b9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        top = await factories.organisation(work, "省中心")
        home = Organisation(kind="association", name="一分会", parent_id=top.id, created_at=work.now)
        work.session.add(home)
        await work.session.flush()
        about, loose = await given_up(work, home), await given_up(work, home, about=False)
        stranger = await factories.follower(work)
        orphan = OutboxMessage(
            follower_id=stranger.id,
            notice="late_reply",
            facts={"text": "您好"},
            dedupe_key="orphan",
            state=DeliveryState.DEAD,
            due_at=work.now,
            client_msg_id="x",
            created_at=work.now,
        )
        work.session.add(orphan)
        await work.session.flush()

        async def seen(actor: Actor) -> set[object]:
            return {line.id for line in (await UndecidedService(work).list_lines(actor)).items}

        assert await seen(factories.staff_actor(home.id)) == {about.id, loose.id}
        assert await seen(factories.staff_actor(home.id, StaffRole.ADMIN)) == {about.id, loose.id}
        assert await seen(factories.staff_actor(top.id)) == set()
        assert await seen(factories.staff_actor(top.id, StaffRole.ADMIN)) == {orphan.id}
        assert await seen(Actor.system("test")) == {about.id, loose.id, orphan.id}
        with pytest.raises(NotFoundError):
            await UndecidedService(work).set_aside(factories.staff_actor(top.id), about.id, "原因")
        with pytest.raises(NotFoundError):
            await UndecidedService(work).set_aside(factories.staff_actor(home.id), uuid4(), "原因")
        with pytest.raises(ForbiddenError):
            await UndecidedService(work).set_aside(
                factories.staff_actor(home.id, StaffRole.VIEWER), about.id, "原因"
            )

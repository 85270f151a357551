"""Subscription notices: granted in the chat, sent before anything else, one grant one message, cleared by 43101."""

from uuid import UUID

import pytest
from sqlalchemy import select

from bot.pipeline import ChatPipeline
from bot.wechat.codec import parse
from services.delivery.claims import subscription_key
from services.delivery.service import Claim, DeliveryService
from services.ports import Reaction, SendOutcome
from services.rules.delivery import Channel
from services.unit_of_work import Tools
from storage.tables import Follower, SubscriptionGrant
from tests.bot.wechat.conftest import make_account
from tests.services.test_delivery import finish, queue, states

TEMPLATES = {"main": {"progress": "tpl-progress", subscription_key("progress"): "sub-progress"}}
POPUP = (
    "<SubscribeMsgPopupEvent>{items}</SubscribeMsgPopupEvent>",
    "<List><TemplateId>{id}</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>",
)


async def event(tools: Tools, follower: UUID, name: str, body: str) -> None:
    """A callback of the platform, as it comes."""
    account = make_account()
    async with tools.unit_of_work() as work:
        openid = (await work.session.get_one(Follower, follower)).openid
    event.number += 1  # type: ignore[attr-defined]
    xml = (
        f"<xml><ToUserName>{account.original_id or 'gh_1'}</ToUserName><FromUserName>{openid}</FromUserName>"
        f"<CreateTime>{1790000000 + event.number}</CreateTime>"  # type: ignore[attr-defined]
        f"<MsgType>event</MsgType><Event>{name}</Event>{body}</xml>"
    )
    await ChatPipeline(tools).answer(parse(account, xml))


event.number = 0  # type: ignore[attr-defined]


async def agree(tools: Tools, follower: UUID, *statuses: str) -> None:
    frame, item = POPUP
    items = "".join(item.format(id="sub-progress", status=status) for status in statuses)
    await event(tools, follower, "subscribe_msg_popup_event", frame.format(items=items))


async def next_claim(tools: Tools) -> Claim:
    async with tools.unit_of_work() as work:
        (claimed,) = (await DeliveryService(work).claim("a", 10, templates=TEMPLATES)).claims
        return claimed


async def grants(tools: Tools) -> int:
    async with tools.unit_of_work() as work:
        return await work.session.scalar(select(SubscriptionGrant.grants)) or 0


@pytest.mark.parametrize("window", [5, 0])
async def test_a_grant_is_used_first_and_once_and_then_the_window_or_the_template(
    tools: Tools, window: int
) -> None:
    follower = await queue(tools, window=window, count=2)
    await agree(tools, follower, "accept")
    first = await next_claim(tools)
    assert (first.channel, first.template_id) == (Channel.SUBSCRIPTION, "sub-progress")
    assert await grants(tools) == 0
    await finish(tools, first, SendOutcome(reaction=Reaction.OK))
    second = await next_claim(tools)
    assert second.channel == (Channel.CUSTOMER_SERVICE if window else Channel.TEMPLATE)


async def test_of_several_answers_in_one_pop_up_each_acceptance_is_one_grant(tools: Tools) -> None:
    follower = await queue(tools)
    await agree(tools, follower, "accept", "reject", "accept")
    assert await grants(tools) == 2


async def test_43101_clears_the_grants_and_the_message_goes_another_way(tools: Tools) -> None:
    follower = await queue(tools)
    await agree(tools, follower, "accept", "accept")
    claimed = await next_claim(tools)
    await finish(tools, claimed, SendOutcome(reaction=Reaction.GRANT_GONE, errcode=43101))
    assert await grants(tools) == 0
    again = await next_claim(tools)
    assert (again.id, again.channel, again.tries) == (claimed.id, Channel.TEMPLATE, 1)


async def test_a_grant_whose_message_did_not_leave_comes_back(tools: Tools) -> None:
    follower = await queue(tools)
    await agree(tools, follower, "accept")
    await finish(tools, await next_claim(tools), SendOutcome(reaction=Reaction.RETRY, errcode=-1))
    assert await grants(tools) == 1


async def test_who_takes_it_back_in_the_settings_or_unfollows_has_no_grants(tools: Tools) -> None:
    follower = await queue(tools)
    await agree(tools, follower, "accept", "accept")
    frame, item = POPUP
    body = frame.format(items=item.format(id="sub-progress", status="reject")).replace("Popup", "Change")
    await event(tools, follower, "subscribe_msg_change_event", body)
    assert await grants(tools) == 0
    await agree(tools, follower, "accept")
    await event(tools, follower, "unsubscribe", "")
    assert await grants(tools) == 0


@pytest.mark.parametrize(
    ("code", "reaction", "state"),
    [
        ("0", Reaction.OK, "delivered"),
        ("1", Reaction.OK, "failed"),
        ("0", Reaction.UNKNOWN, "delivered"),
    ],
)
async def test_the_sent_event_says_what_became_of_a_notice_even_when_its_answer_was_lost(
    tools: Tools, code: str, reaction: Reaction, state: str
) -> None:
    follower = await queue(tools)
    await agree(tools, follower, "accept")
    await finish(tools, await next_claim(tools), SendOutcome(reaction=reaction))
    body = (
        "<SubscribeMsgSentEvent><List><TemplateId>sub-progress</TemplateId><MsgID>77</MsgID>"
        f"<ErrorCode>{code}</ErrorCode><ErrorStatus>words</ErrorStatus></List></SubscribeMsgSentEvent>"
    )
    for _ in range(2):
        await event(tools, follower, "subscribe_msg_sent_event", body)
    assert await states(tools) == [state]

"""Mass sends as WeChat takes them: to openids or to a tag, pictures and articles, and one id once (45065)."""

import dataclasses
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.wechat.account import WeChatAccount
from bot.wechat.client import AccountClient
from bot.wechat.messenger import WeChatMessenger
from services.ports import Article, MassContent, Reaction
from simulator import AccountConfig, SimulatorConfig, start
from simulator.app import RunningSimulator
from tests.bot.wechat.conftest import Platform
from tests.bot.wechat.sealing import AES_KEY, APP_ID, ORIGINAL_ID, TOKEN
from tests.bot.wechat.test_client import PNG

TEXT = MassContent(kind="text", text="考试地点改为 302")
SENDALL = "/cgi-bin/message/mass/sendall"


@pytest.fixture
async def simulator() -> AsyncIterator[RunningSimulator]:
    account = AccountConfig(
        name="main",
        title="证途",
        app_id=APP_ID,
        app_secret="secret-of-the-account-0123456789",
        token=TOKEN,
        aes_key=AES_KEY,
        original_id=ORIGINAL_ID,
        callback_url="http://127.0.0.1:9/wechat/main",
    )
    running = await start(SimulatorConfig(accounts=(account,), connect_pause=0.0), host="127.0.0.1", port=0)
    yield running
    await running.stop()


def _on(client: AccountClient, url: str, **changes: str) -> WeChatMessenger:
    """The same account on the simulator."""
    account = dataclasses.replace(
        client.account, api_url=url, app_id=APP_ID, app_secret="secret-of-the-account-0123456789", **changes
    )
    client.account = account
    client._tokens._accounts = {"main": account}  # type: ignore[attr-defined]
    return WeChatMessenger({"main": client})


async def _followers(url: str, count: int) -> list[str]:
    openids = [f"oMass{number:024d}" for number in range(count)]
    async with aiohttp.ClientSession() as http:
        for openid in openids:
            body = {"openid": openid, "nickname": openid, "account": "main", "follow": True}
            async with http.post(f"{url}/sim/followers", json=body) as answer:
                assert answer.status < 300
    return openids


async def _received(url: str, openid: str) -> list[tuple[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/sim/inbox/{openid}") as answer:
        return [(item["via"], item["type"]) for item in (await answer.json())["items"]]


@pytest.mark.parametrize("mass_by", ["openid", "tag"])
async def test_a_batch_goes_to_its_people_and_to_nobody_else_and_its_id_goes_once(
    client: AccountClient, simulator: RunningSimulator, mass_by: str
) -> None:
    messenger = _on(client, simulator.url, mass_by=mass_by)
    openids = await _followers(simulator.url, 4)
    first = await messenger.send_mass("main", openids[:3], TEXT, client_msg_id="zt-1")
    again = await messenger.send_mass("main", openids[:3], TEXT, client_msg_id="zt-1")
    assert (first.reaction, again.reaction, again.errcode) == (Reaction.OK, Reaction.DUPLICATE, 45065)
    assert first.msgid == again.msgid
    assert first.msgid is not None
    assert await messenger.mass_status("main", first.msgid) in ("SENDING", "SEND_SUCCESS")
    for openid in openids[:3]:
        assert [via for via, _ in await _received(simulator.url, openid)].count("mass") == 1
    assert "mass" not in [via for via, _ in await _received(simulator.url, openids[3])]


async def test_a_picture_and_an_article_are_uploaded_and_arrive(
    client: AccountClient, simulator: RunningSimulator
) -> None:
    messenger = _on(client, simulator.url)
    openids = await _followers(simulator.url, 2)
    picture = await messenger.add_picture("main", PNG, "a.png")
    article = await messenger.add_article(
        "main", Article(title="开班通知", digest="", text="一\n<二>", link="", cover_id=picture.media_id)
    )
    for number, content in enumerate(
        (
            MassContent(kind="picture", media_id=picture.media_id),
            MassContent(kind="article", media_id=article.media_id),
        )
    ):
        assert (await messenger.preview_mass("main", openids[0], content)).reaction is Reaction.OK
        sent = await messenger.send_mass("main", openids, content, client_msg_id=f"zt-{number}")
        assert sent.reaction is Reaction.OK
    assert [kind for via, kind in await _received(simulator.url, openids[1]) if via == "mass"] == [
        "image",
        "news",
    ]
    gone = await messenger.send_mass(
        "main", openids, MassContent(kind="article", media_id="gone"), client_msg_id="zt-9"
    )
    assert (gone.reaction, gone.errcode) == (Reaction.UPLOAD_AGAIN, 40007)


async def test_tagging_that_fails_sends_nothing_and_one_who_left_stops_nobody(
    client: AccountClient, platform: Platform
) -> None:
    account: WeChatAccount = dataclasses.replace(client.account, mass_by="tag")
    client.account = account
    messenger = WeChatMessenger({"main": client})
    tags = {"tags": [{"id": 7, "name": "zt0101" + "0" * 16}, {"id": 8, "name": "重点学员"}]}
    platform.answer("/cgi-bin/tags/get", tags, tags)
    platform.answer("/cgi-bin/tags/create", {"tag": {"id": 9, "name": "x"}}, {"tag": {"id": 9, "name": "x"}})
    platform.answer("/cgi-bin/tags/members/batchtagging", {"errcode": -1, "errmsg": "busy"})
    outcome = await messenger.send_mass("main", ["o1", "o2"], TEXT, client_msg_id="zt-1")
    assert (outcome.reaction, platform.to(SENDALL)) == (Reaction.RETRY, [])
    # Ours of long ago goes; the organisation's own tag stays.
    assert [json.loads(asked.body)["tag"]["id"] for asked in platform.to("/cgi-bin/tags/delete")] == [7]
    platform.answer("/cgi-bin/tags/members/batchtagging", {"errcode": 40003}, {}, {"errcode": 40003})
    platform.answer(SENDALL, {"errcode": 0, "msg_id": 5})
    outcome = await messenger.send_mass("main", ["o1", "o2"], TEXT, client_msg_id="zt-1")
    assert (outcome.reaction, outcome.msgid) == (Reaction.OK, "5")
    (asked,) = platform.to(SENDALL)
    assert json.loads(asked.body)["filter"] == {"is_to_all": False, "tag_id": 9}

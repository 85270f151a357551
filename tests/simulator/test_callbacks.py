"""What reaches the account's callback, and what its answers do."""

import asyncio
import base64
from typing import Any

import pytest
from aiohttp import web

from simulator import xml
from tests.simulator.conftest import Bench, Lab

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(32)).decode()


def _echo(bench: Bench) -> None:
    async def respond(message: dict[str, Any]) -> str:
        return bench.stub.text(message, f"收到：{message.get('Content') or message.get('Event')}")

    bench.stub.respond = respond


@pytest.mark.parametrize("mode", ["safe", "plain"])
async def test_a_text_arrives_as_the_platform_writes_it_and_the_reply_comes_back(lab: Lab, mode: str) -> None:
    bench = await lab.bench(mode=mode)
    _echo(bench)
    openid = await bench.follower()
    answer = await bench.say(openid, "报名 ]]> <b>")
    assert answer["reply"] == {"type": "text", "content": "收到：报名 ]]> <b>"}
    assert (answer["tries"], answer["error"]) == (1, None)
    message = bench.stub.received[-1]
    assert list(message) == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId"]
    assert message["ToUserName"] == bench.stub.config.original_id
    assert 2**31 < int(message["MsgId"]) < 2**63
    query = bench.stub.queries[-1]
    assert query["openid"] == openid
    if mode == "safe":
        assert list(xml.read(bench.stub.bodies[-1])) == ["ToUserName", "Encrypt"]
        assert query["encrypt_type"] == "aes"
    else:
        assert "msg_signature" not in query
    assert [item["content"] for item in await bench.inbox(openid)] == [
        "收到：subscribe",
        "收到：报名 ]]> <b>",
    ]


async def test_a_late_answer_is_asked_for_again_with_the_same_request(bench: Bench) -> None:
    openid = await bench.follower()
    slow = iter([True, True, False])

    async def respond(message: dict[str, Any]) -> str:
        if next(slow):
            await asyncio.sleep(1)
        return bench.stub.text(message, "终于")

    bench.stub.respond = respond
    answer = await bench.say(openid, "在吗")
    assert answer["tries"] == 3
    assert answer["reply"]["content"] == "终于"
    assert bench.stub.queries[-1] == bench.stub.queries[-2] == bench.stub.queries[-3]
    assert bench.stub.bodies[-1] == bench.stub.bodies[-2]


async def test_no_answer_in_three_tries_shows_the_error_bubble(bench: Bench) -> None:
    openid = await bench.follower()

    async def respond(_message: dict[str, Any]) -> str:
        await asyncio.sleep(1)
        return "success"

    bench.stub.respond = respond
    answer = await bench.say(openid, "在吗")
    assert (answer["reply"], answer["tries"], answer["error"]) == (None, 3, "timeout")
    assert (await bench.inbox(openid))[-1]["content"] == "该公众号暂时无法提供服务"


async def test_a_refused_connection_is_tried_three_times(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.sim("PATCH", "/accounts/main", {"callback_url": "http://127.0.0.1:9/none"})
    answer = await bench.say(openid, "在吗")
    assert answer["tries"] == 3
    assert answer["error"].startswith("connection")


@pytest.mark.parametrize("body", ["success", ""])
async def test_success_or_nothing_ends_it_silently(bench: Bench, body: str) -> None:
    openid = await bench.follower()

    async def respond(_message: dict[str, Any]) -> str:
        return body

    bench.stub.respond = respond
    answer = await bench.say(openid, "你好")
    assert (answer["reply"], answer["error"]) == (None, None)
    assert await bench.inbox(openid) == []


@pytest.mark.parametrize(
    "fault", ["plain text", "unencrypted", "bad signature", "wrong person", "too long", "no such picture"]
)
async def test_a_malformed_answer_shows_the_error_bubble(bench: Bench, fault: str) -> None:
    openid = await bench.follower()
    stub = bench.stub

    async def respond(message: dict[str, Any]) -> str:
        match fault:
            case "plain text":
                return "hello"
            case "unencrypted":
                return "<xml><MsgType>text</MsgType></xml>"
            case "bad signature":
                return stub.text(message, "x").replace("<Nonce><![CDATA[42", "<Nonce><![CDATA[43")
            case "wrong person":
                return stub.text(message | {"FromUserName": "oSomebody"}, "x")
            case "too long":
                return stub.text(message, "长" * 683)
            case _:
                return stub.reply(message, "image", {"Image": {"MediaId": "none"}})

    stub.respond = respond
    answer = await bench.say(openid, "你好")
    assert answer["reply"] is None
    assert answer["error"].startswith("malformed")
    assert (await bench.inbox(openid))[-1]["type"] == "error"


async def test_a_server_error_shows_the_error_bubble(bench: Bench) -> None:
    openid = await bench.follower()

    async def respond(_message: dict[str, Any]) -> web.Response:
        return web.Response(status=500, text="success")

    bench.stub.respond = respond
    answer = await bench.say(openid, "你好")
    assert (answer["error"], answer["tries"]) == ("http 500", 1)
    assert (await bench.inbox(openid))[-1]["type"] == "error"


@pytest.mark.parametrize("parallel", [False, True])
async def test_a_repeat_is_the_identical_request_and_is_shown_once(bench: Bench, parallel: bool) -> None:
    _echo(bench)
    openid = await bench.follower()
    before = len(await bench.inbox(openid))
    answer = await bench.say(openid, "提交", repeat=3, parallel=parallel)
    assert [reply["reply"]["content"] for reply in answer["replies"]] == ["收到：提交"] * 3
    assert bench.stub.bodies[-1] == bench.stub.bodies[-2] == bench.stub.bodies[-3]
    assert len(await bench.inbox(openid)) == before + 1


async def test_one_follower_is_served_in_order_and_another_does_not_wait(bench: Bench) -> None:
    first, second = await bench.follower("oFirst"), await bench.follower("oSecond")
    release = asyncio.Event()

    async def respond(message: dict[str, Any]) -> str:
        if message["Content"] == "慢":
            await release.wait()
        return bench.stub.text(message, message["Content"])

    bench.stub.respond = respond
    bench.stub.received.clear()
    await bench.say(first, "慢", wait=False)
    await bench.say(first, "快", wait=False)
    assert (await bench.say(second, "我"))["reply"]["content"] == "我"
    assert "快" not in [message["Content"] for message in bench.stub.received]
    release.set()
    last = (await bench.inbox(first, wait=5))[-1]["seq"]
    texts = [item["content"] for item in await bench.inbox(first)]
    if len(texts) < 2:
        texts += [item["content"] for item in await bench.inbox(first, after=last, wait=5)]
    assert texts == ["慢", "快"]


@pytest.mark.parametrize("way", ["signature", "msg_signature", "nonce", "body", "app_id", "key", "plain"])
async def test_a_tampered_callback_is_one_the_account_can_refuse(bench: Bench, way: str) -> None:
    openid = await bench.follower()
    answer = await bench.say(openid, "你好", tamper=way)
    assert answer["status"] == 403


async def test_a_picture_arrives_with_its_address_and_can_be_fetched(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.sim("POST", "/send", {"openid": openid, "type": "image", "base64": PNG})
    message = bench.stub.received[-1]
    assert message["MsgType"] == "image"
    async with bench.http.get(message["PicUrl"]) as response:
        assert response.content_type == "image/png"
    token = (await bench.stable_token())["access_token"]
    params = {"access_token": token, "media_id": message["MediaId"]}
    async with bench.http.get(f"{bench.simulator.url}/cgi-bin/media/get", params=params) as response:
        assert await response.read() == base64.b64decode(PNG)
        assert "filename" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ({"type": "click", "key": "ENROL"}, {"Event": "CLICK", "EventKey": "ENROL"}),
        ({"type": "view", "url": "http://x/h5"}, {"Event": "VIEW", "EventKey": "http://x/h5"}),
        (
            {"type": "location", "latitude": 26.6, "longitude": 106.7, "label": "贵阳"},
            {"MsgType": "location", "Location_X": "26.6", "Label": "贵阳"},
        ),
        ({"type": "voice"}, {"MsgType": "voice", "Format": "amr"}),
        ({"type": "link", "title": "t", "url": "http://x"}, {"MsgType": "link", "Url": "http://x"}),
        (
            {
                "type": "event",
                "event": "scancode_push",
                "key": "K",
                "fields": {"ScanCodeInfo": {"ScanType": "qrcode"}},
            },
            {"Event": "scancode_push", "ScanCodeInfo": {"ScanType": "qrcode"}},
        ),
        ({"type": "text", "content": "A", "msgmenu_id": "7"}, {"Content": "A", "bizmsgmenuid": "7"}),
    ],
)
async def test_each_act_becomes_its_callback(
    bench: Bench, act: dict[str, Any], expected: dict[str, Any]
) -> None:
    openid = await bench.follower()
    await bench.sim("POST", "/send", {"openid": openid} | act)
    assert expected.items() <= bench.stub.received[-1].items()


async def test_two_clicks_in_one_second_never_share_the_key_of_duplicates(bench: Bench) -> None:
    openid = await bench.follower()
    for _ in range(3):
        await bench.sim("POST", "/send", {"openid": openid, "type": "click", "key": "ENROL"})
    assert len({message["CreateTime"] for message in bench.stub.events("CLICK")}) == 3


async def test_a_scan_is_subscribe_for_a_stranger_and_scan_for_a_follower(bench: Bench) -> None:
    made = await bench.sim("POST", "/qrcodes", {"scene": "class-7"})
    openid = await bench.follower(follow=False)
    answer = await bench.sim("POST", "/scan", {"openid": openid, "content": made["url"]})
    assert answer["kind"] == "scene"
    assert bench.stub.received[-1]["EventKey"] == "qrscene_class-7"
    assert bench.stub.received[-1]["Ticket"] == made["ticket"]
    await bench.sim("POST", "/send", {"openid": openid, "type": "scan", "scene": "class-7"})
    assert bench.stub.received[-1]["Event"] == "SCAN"
    assert bench.stub.received[-1]["EventKey"] == "class-7"


async def test_the_address_check_and_arbitrary_bytes_reach_the_callback(bench: Bench) -> None:
    assert (await bench.sim("POST", "/verify-url", {}))["ok"]
    answer = await bench.sim(
        "POST",
        "/raw-callback",
        {"body": "<xml>", "query": {"timestamp": "1", "nonce": "2", "signature": "x"}},
    )
    assert answer["status"] == 403


async def test_one_who_left_gets_nothing_and_can_come_back(bench: Bench) -> None:
    _echo(bench)
    openid = await bench.follower()
    seen = len(await bench.inbox(openid))
    await bench.sim("POST", f"/followers/{openid}/unfollow")
    assert bench.stub.received[-1]["Event"] == "unsubscribe"
    assert len(await bench.inbox(openid)) == seen
    await bench.sim("POST", "/send", {"openid": openid, "type": "text", "content": "x"}, status=409)
    answer = await bench.sim("POST", f"/followers/{openid}/follow", {})
    assert answer["reply"]["content"] == "收到：subscribe"


async def test_during_a_key_rotation_either_key_may_be_used_and_is_answered_with(bench: Bench) -> None:
    _echo(bench)
    openid = await bench.follower()
    previous = "Z" * 42 + "A"
    bench.stub.config = bench.stub.config.model_copy(update={"aes_key": previous})
    answer = await bench.say(openid, "旧钥匙", aes_key=previous)
    assert answer["reply"]["content"] == "收到：旧钥匙"

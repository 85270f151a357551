"""What tests ask of the simulator under /sim: faults, traffic, waiting, memory across a restart."""

import asyncio
import base64
import io
from pathlib import Path

import aiohttp
import pytest

from simulator import SimulatorConfig, start
from simulator.api.qrcode import picture
from tests.simulator.conftest import SECRET, Bench, Lab, account


async def test_an_errcode_fault_strikes_as_often_as_it_was_told(bench: Bench) -> None:
    await bench.api("user/get")
    await bench.sim(
        "POST", "/faults", {"path": "/cgi-bin/user", "kind": "errcode", "value": 40001, "times": 2}
    )
    codes = [(await bench.api("user/get")).get("errcode") for _ in range(3)]
    assert codes == [40001, 40001, None]
    assert (await bench.sim("GET", "/faults"))["faults"][0]["hits"] == 2


async def test_http_and_garbage_faults_come_as_such(bench: Bench) -> None:
    await bench.api("user/get")
    url, params = f"{bench.simulator.url}/cgi-bin/user/get", {"access_token": bench.token}
    await bench.sim("POST", "/faults", {"kind": "http", "value": 503})
    async with bench.http.get(url, params=params) as response:
        assert response.status == 503
    await bench.sim("POST", "/faults", {"kind": "garbage"})
    async with bench.http.get(url, params=params) as response:
        assert response.status == 200
        assert "<html>" in await response.text()


async def test_a_timeout_fault_gives_no_answer(bench: Bench) -> None:
    await bench.api("user/get")
    await bench.sim("POST", "/faults", {"kind": "timeout", "value": 20})
    timeout = aiohttp.ClientTimeout(total=0.2)
    url, params = f"{bench.simulator.url}/cgi-bin/user/get", {"access_token": bench.token}
    with pytest.raises(TimeoutError):
        async with bench.http.get(url, params=params, timeout=timeout):
            pass


@pytest.mark.parametrize(("kind", "arrived"), [("drop_after", 1), ("drop_before", 0)])
async def test_a_dropped_connection_may_or_may_not_have_had_its_effect(
    bench: Bench, kind: str, arrived: int
) -> None:
    openid = await bench.follower()
    await bench.api("user/get")
    await bench.sim("POST", "/faults", {"path": "/cgi-bin/message", "kind": kind})
    body = {"touser": openid, "msgtype": "text", "text": {"content": "x"}}
    with pytest.raises(aiohttp.ClientError):
        await bench.api("message/custom/send", body)
    assert len(await bench.inbox(openid)) == arrived


async def test_faults_can_be_taken_back(bench: Bench) -> None:
    await bench.sim("POST", "/faults", {"kind": "errcode", "value": -1, "times": None})
    await bench.sim("DELETE", "/faults")
    assert "total" in await bench.api("user/get")


async def test_the_record_shows_both_ways_decrypted_and_without_secrets(bench: Bench) -> None:
    async def respond(message: dict[str, str]) -> str:
        return bench.stub.text(message, "好的")

    bench.stub.respond = respond
    openid = await bench.follower()
    await bench.say(openid, "你好")
    await bench.api("user/info", openid=openid)
    callbacks = (await bench.sim("GET", "/traffic?direction=callback"))["exchanges"]
    assert "你好" in callbacks[-1]["xml"]
    assert "好的" in callbacks[-1]["reply_xml"]
    calls = (await bench.sim("GET", "/traffic?direction=api"))["exchanges"]
    assert [call["path"] for call in calls] == ["/cgi-bin/stable_token", "/cgi-bin/user/info"]
    assert SECRET not in str(calls)
    assert bench.token not in str(calls)


async def test_the_inbox_can_be_waited_for(bench: Bench) -> None:
    openid = await bench.follower()
    waiting = asyncio.create_task(bench.inbox(openid, wait=20))
    body = {"touser": openid, "msgtype": "text", "text": {"content": "来了"}}
    await bench.api("message/custom/send", body)
    items = await waiting
    assert [item["content"] for item in items] == ["来了"]
    assert await bench.inbox(openid, after=items[-1]["seq"]) == []


async def test_the_stream_tells_of_new_bubbles(bench: Bench) -> None:
    openid = await bench.follower()
    async with bench.http.get(f"{bench.simulator.url}/sim/stream") as stream:
        await stream.content.readline()
        await bench.say(openid, "流")
        async with asyncio.timeout(5):
            while "流" not in (line := (await stream.content.readline()).decode()):
                pass
    assert line.startswith("data: ")


async def test_bad_requests_are_explained(bench: Bench) -> None:
    openid = await bench.follower()
    assert "type" in (await bench.sim("POST", "/send", {"openid": openid}, status=400))["error"]
    await bench.sim("POST", "/send", {"openid": "oX", "type": "text", "content": "x"}, status=404)
    await bench.sim("POST", "/send", {"openid": openid, "type": "scan", "scene": "none"}, status=404)
    await bench.sim("POST", "/send", {"openid": openid, "type": "image", "base64": "eA=="}, status=415)
    await bench.sim("POST", "/followers", {"openid": openid}, status=409)
    await bench.sim("POST", "/clock", {}, status=400)
    await bench.sim("GET", "/inbox/oX", status=404)


async def test_a_picture_of_a_code_is_scanned(bench: Bench) -> None:
    pytest.importorskip("zxingcpp")
    openid = await bench.follower()
    made = await bench.sim("POST", "/qrcodes", {"scene": "enrol"})
    for text, kind in ((made["url"], "scene"), ("http://127.0.0.1/c/abc", "url")):
        form = aiohttp.FormData({"openid": openid})
        form.add_field("file", io.BytesIO(picture(text)), filename="qr.png")
        async with bench.http.post(f"{bench.simulator.url}/sim/scan", data=form) as response:
            assert (await response.json())["kind"] == kind
    refused = {"openid": openid, "content": "javascript:alert(1)"}
    await bench.sim("POST", "/scan", refused, status=404)


async def test_a_reset_begins_anew_and_numbers_go_on(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.say(openid, "一")
    before = (await bench.sim("GET", f"/chat/{openid}"))["last"]
    await bench.sim("POST", "/clock", {"advance": 99})
    await bench.sim("POST", "/reset")
    assert (await bench.sim("GET", "/followers"))["followers"] == []
    assert (await bench.sim("GET", "/clock"))["offset"] == 0
    await bench.follower(openid)
    assert (await bench.sim("GET", f"/chat/{openid}"))["last"] > before


async def test_a_state_folder_keeps_followers_chats_pictures_and_tokens(lab: Lab, tmp_path: Path) -> None:
    bench = await lab.bench(state_dir=tmp_path)
    openid = await bench.follower()
    png = base64.b64encode(picture("x")).decode()
    await bench.sim("POST", "/send", {"openid": openid, "type": "image", "base64": png})
    await bench.api("menu/create", {"button": [{"type": "click", "name": "报名", "key": "K"}]})
    chat = (await bench.sim("GET", f"/chat/{openid}"))["items"]
    await bench.simulator.stop()
    config = SimulatorConfig(accounts=(bench.stub.config,), state_dir=tmp_path)
    bench.simulator = await start(config, host="127.0.0.1", port=0)
    try:
        assert (await bench.sim("GET", f"/chat/{openid}"))["items"] == chat
        async with bench.http.get(bench.simulator.url + chat[-1]["url"]) as response:
            assert await response.read() == picture("x")
        assert (await bench.api("user/get"))["total"] == 1
        assert (await bench.sim("GET", "/accounts"))["accounts"][0]["menu"] is not None
    finally:
        await bench.simulator.stop()


async def test_the_phone_page_needs_nothing_from_elsewhere(bench: Bench) -> None:
    async with bench.http.get(bench.simulator.url + "/") as response:
        assert response.status == 200
        page = await response.text()
    assert 'lang="zh-CN"' in page
    assert "https://" not in page


async def test_two_accounts_do_not_see_each_others_followers(lab: Lab) -> None:
    other = account(name="other", app_id="wxother", original_id="gh_other", title="分中心")
    bench = await lab.bench(others=(other,))
    await bench.sim("POST", "/followers", {"openid": "oElse", "account": "other"})
    assert (await bench.api("user/info", openid="oElse"))["errcode"] == 40003
    assert {a["name"] for a in (await bench.sim("GET", "/accounts"))["accounts"]} == {"main", "other"}

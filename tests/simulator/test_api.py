"""The platform's API: tokens, sending with its quotas, media, menu, codes, users, and its errcodes."""

import json
from typing import Any

import aiohttp
import pytest

from tests.simulator.conftest import SECRET, Bench, Lab

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
HOUR = 3600


def _text(openid: str, content: str = "您好") -> dict[str, Any]:
    return {"touser": openid, "msgtype": "text", "text": {"content": content}}


def _template(openid: str, **changes: Any) -> dict[str, Any]:
    data = {"thing1": {"value": "质量安全员"}, "time2": {"value": "2024年6月1日"}}
    return {"touser": openid, "template_id": "ADMITTED", "url": "http://x/h5", "data": data} | changes


async def _advance(bench: Bench, seconds: float) -> None:
    await bench.sim("POST", "/clock", {"advance": seconds})


async def test_the_stable_token_is_the_same_for_all_until_its_last_five_minutes(bench: Bench) -> None:
    first = await bench.stable_token()
    assert (await bench.stable_token())["access_token"] == first["access_token"]
    assert len(first["access_token"]) <= 512
    await _advance(bench, 7200 - 299)
    second = await bench.stable_token()
    assert second["access_token"] != first["access_token"]
    bench.token = first["access_token"]
    assert "ip_list" in await bench.api("getcallbackip")
    await _advance(bench, 300)
    assert (await bench.api("getcallbackip"))["errcode"] == 42001


async def test_a_forced_refresh_kills_the_token_before_and_is_rationed(bench: Bench) -> None:
    bench.token = (await bench.stable_token())["access_token"]
    assert "access_token" in await bench.stable_token(force_refresh=True)
    assert (await bench.api("getcallbackip"))["errcode"] == 40001
    assert (await bench.stable_token(force_refresh=True))["errcode"] == 45011
    for _ in range(19):
        await _advance(bench, 31)
        assert "access_token" in await bench.stable_token(force_refresh=True)
    await _advance(bench, 31)
    assert (await bench.stable_token(force_refresh=True))["errcode"] == 45009
    await _advance(bench, 24 * HOUR)
    assert "access_token" in await bench.stable_token(force_refresh=True)


async def test_the_plain_token_changes_with_each_call_and_the_one_before_lives_five_minutes(
    bench: Bench,
) -> None:
    query = {"grant_type": "client_credential", "appid": bench.stub.config.app_id, "secret": SECRET}
    tokens = []
    for _ in range(2):
        async with bench.http.get(f"{bench.simulator.url}/cgi-bin/token", params=query) as response:
            tokens.append((await response.json())["access_token"])
    bench.token = tokens[0]
    assert "ip_list" in await bench.api("get_api_domain_ip")
    await _advance(bench, 301)
    assert (await bench.api("get_api_domain_ip"))["errcode"] == 42001
    bench.token = tokens[1]
    assert "ip_list" in await bench.api("get_api_domain_ip")


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx0"}, 40013),
        ({"secret": "no"}, 40125),
        ({"grant_type": "x"}, 40002),
        ({"secret": ""}, 41004),
    ],
)
async def test_wrong_credentials_are_named(bench: Bench, changes: dict[str, str], errcode: int) -> None:
    assert (await bench.stable_token(**changes))["errcode"] == errcode


async def test_a_missing_or_wrong_access_token_is_refused(bench: Bench) -> None:
    bench.token = "wrong"
    assert (await bench.api("user/get"))["errcode"] == 40001
    async with bench.http.get(f"{bench.simulator.url}/cgi-bin/user/get") as response:
        assert response.headers["Content-Type"] == "application/json; encoding=utf-8"
        assert (await response.json())["errcode"] == 41001


async def test_a_text_opens_five_messages_in_48_hours(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.say(openid, "你好")
    await _advance(bench, 61)
    for _ in range(5):
        assert (await bench.api("message/custom/send", _text(openid)))["errcode"] == 0
    assert (await bench.api("message/custom/send", _text(openid)))["errcode"] == 45047
    await bench.say(openid, "还在吗")
    await _advance(bench, 48 * HOUR)
    bench.token = ""
    assert (await bench.api("message/custom/send", _text(openid)))["errcode"] == 45015
    assert [item["via"] for item in await bench.inbox(openid)] == ["custom"] * 5


@pytest.mark.parametrize("act", [{"type": "click", "key": "K"}, {"type": "scan", "scene": "s"}, None])
async def test_a_menu_click_a_scan_or_a_follow_opens_three_in_a_minute(
    bench: Bench, act: dict[str, Any] | None
) -> None:
    await bench.sim("POST", "/qrcodes", {"scene": "s"})
    openid = await bench.follower()
    if act is not None:
        await _advance(bench, 61)
        await bench.sim("POST", "/send", {"openid": openid} | act)
    codes = [(await bench.api("message/custom/send", _text(openid)))["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 45047]
    await _advance(bench, 61)
    assert (await bench.api("message/custom/send", _text(openid)))["errcode"] == 45015


async def test_custom_messages_of_every_kind_are_shown(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.say(openid, "你好")
    picture = await _upload(bench, PNG)
    kinds: list[dict[str, Any]] = [
        {"msgtype": "image", "image": {"media_id": picture["media_id"]}},
        {"msgtype": "news", "news": {"articles": [{"title": "准考证", "url": "http://x/t", "picurl": ""}]}},
        {
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "满意吗",
                "list": [{"id": "1", "content": "满意"}],
                "tail_content": "",
            },
        },
    ]
    for kind in kinds:
        assert (await bench.api("message/custom/send", {"touser": openid} | kind))["errcode"] == 0
    shown = await bench.inbox(openid)
    assert [item["type"] for item in shown] == ["image", "news", "msgmenu"]
    assert shown[1]["articles"][0]["title"] == "准考证"
    assert shown[2]["list"] == [{"id": "1", "content": "满意"}]


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "长" * 700}}, 45002),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"msgtype": "news", "news": {"articles": [{"title": "a"}, {"title": "b"}]}}, 45008),
        ({"msgtype": "poem"}, 40008),
        ({"touser": "oNobody", "msgtype": "text", "text": {"content": "x"}}, 40003),
    ],
)
async def test_bad_custom_messages_are_refused_and_cost_nothing(
    bench: Bench, body: dict[str, Any], errcode: int
) -> None:
    openid = await bench.follower()
    assert (await bench.api("message/custom/send", {"touser": openid} | body))["errcode"] == errcode
    quotas = await bench.sim("GET", f"/quotas/{openid}")
    assert quotas["windows"]["subscribe"]["left"] == 3


async def test_escaped_json_is_shown_escaped_as_on_the_platform(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.api("getcallbackip")
    url, params = f"{bench.simulator.url}/cgi-bin/message/custom/send", {"access_token": bench.token}
    body = _text("OPENID", "你好") | {"touser": openid}
    raw = json.dumps(body)
    async with bench.http.post(url, params=params, data=raw) as response:
        assert (await response.json())["errcode"] == 0
    assert (await bench.inbox(openid))[-1]["content"] == r"\u4f60\u597d"


async def test_a_template_message_is_shown_and_its_receipt_reaches_the_callback(bench: Bench) -> None:
    openid = await bench.follower()
    answer = await bench.api("message/template/send", _template(openid))
    card = (await bench.inbox(openid))[-1]
    assert card["title"] == "报名审核通过"
    assert card["fields"][0] == {"label": "报名项目", "value": "质量安全员"}
    receipt = await bench.received("TEMPLATESENDJOBFINISH")
    assert (receipt["MsgID"], receipt["Status"]) == (str(answer["msgid"]), "success")


async def test_a_template_message_with_the_same_id_is_sent_once_in_ten_minutes(bench: Bench) -> None:
    openid = await bench.follower()
    body = _template(openid, client_msg_id="outbox-1")
    first = await bench.api("message/template/send", body)
    assert await bench.api("message/template/send", body) == first
    assert len(await bench.inbox(openid)) == 1
    await _advance(bench, 601)
    assert (await bench.api("message/template/send", body))["msgid"] != first["msgid"]
    assert len(await bench.inbox(openid)) == 2


async def test_a_blocked_template_message_is_reported_not_shown(bench: Bench) -> None:
    openid = await bench.follower()
    await bench.sim("PATCH", f"/followers/{openid}", {"template_outcome": "failed:user block"})
    assert (await bench.api("message/template/send", _template(openid)))["errcode"] == 0
    assert (await bench.received("TEMPLATESENDJOBFINISH"))["Status"] == "failed:user block"
    assert await bench.inbox(openid) == []


@pytest.mark.parametrize("value", ["一二三四五六七八九十一二三四五六七八九十一", "两\n行", ""])
async def test_a_field_too_long_or_with_a_line_break_or_empty_is_refused(bench: Bench, value: str) -> None:
    openid = await bench.follower()
    data = {"thing1": {"value": value}, "time2": {"value": "2024年6月1日"}}
    assert (await bench.api("message/template/send", _template(openid, data=data)))["errcode"] == 47003


async def test_templates_need_a_known_template_and_a_follower(bench: Bench) -> None:
    openid = await bench.follower()
    gone = await bench.follower("oGone", follow=False)
    codes = [
        (await bench.api("message/template/send", body))["errcode"]
        for body in (_template(openid, template_id="NONE"), _template(gone), _template("oNobody"))
    ]
    assert codes == [40037, 43004, 40003]


async def test_a_subscription_notice_needs_a_grant_and_uses_it_up(bench: Bench) -> None:
    openid = await bench.follower()
    body = {"touser": openid, "template_id": "ADMITTED", "data": _template(openid)["data"]}
    assert (await bench.api("message/subscribe/bizsend", body))["errcode"] == 43101
    await bench.sim("POST", f"/followers/{openid}/grants", {"template_id": "ADMITTED"})
    assert bench.stub.events("subscribe_msg_popup_event")
    assert (await bench.api("message/subscribe/bizsend", body))["errcode"] == 0
    assert (await bench.received("subscribe_msg_sent_event"))["SubscribeMsgSentEvent"]["List"][
        "ErrorCode"
    ] == "0"
    assert (await bench.api("message/subscribe/bizsend", body))["errcode"] == 43101


async def test_a_mass_send_reaches_each_follower_four_times_a_month(bench: Bench) -> None:
    people = [await bench.follower("oA"), await bench.follower("oB")]
    text = {"msgtype": "text", "text": {"content": "通知"}}
    for round_ in range(5):
        answer = await bench.api("message/mass/send", {"touser": people, "clientmsgid": f"m{round_}"} | text)
        assert answer["errcode"] == 0
    await bench.received("MASSSENDJOBFINISH")
    assert len(await bench.inbox("oA")) == 4
    repeated = await bench.api("message/mass/send", {"touser": people, "clientmsgid": "m4"} | text)
    assert (repeated["errcode"], repeated["msg_id"]) == (45065, answer["msg_id"])
    assert (await bench.api("message/mass/get", {"msg_id": answer["msg_id"]}))["msg_status"] == "SEND_SUCCESS"
    assert (await bench.api("message/mass/send", {"touser": ["oA"]} | text))["errcode"] == 40130
    long_id = {"touser": people, "clientmsgid": "x" * 64}
    assert (await bench.api("message/mass/send", long_id | text))["errcode"] == 45067


async def test_a_mass_send_to_a_tag_reaches_those_who_carry_it(bench: Bench) -> None:
    await bench.follower("oA")
    await bench.follower("oB")
    tag = (await bench.api("tags/create", {"tag": {"name": "学员"}}))["tag"]["id"]
    await bench.api("tags/members/batchtagging", {"openid_list": ["oB"], "tagid": tag})
    body = {"filter": {"is_to_all": False, "tag_id": tag}, "msgtype": "text", "text": {"content": "开班"}}
    await bench.api("message/mass/sendall", body)
    receipt = await bench.received("MASSSENDJOBFINISH")
    assert (receipt["TotalCount"], receipt["SentCount"], receipt["ErrorCount"]) == ("1", "1", "0")
    assert (await bench.inbox("oB"))[-1]["via"] == "mass"
    assert await bench.inbox("oA") == []
    assert (await bench.api("tags/get"))["tags"] == [{"id": tag, "name": "学员", "count": 1}]


async def _upload(bench: Bench, data: bytes, kind: str = "image") -> dict[str, Any]:
    await bench.api("getcallbackip")
    form = aiohttp.FormData()
    form.add_field("media", data, filename="a.png", content_type="image/png")
    params = {"access_token": bench.token, "type": kind}
    url = f"{bench.simulator.url}/cgi-bin/media/upload"
    async with bench.http.post(url, data=form, params=params) as response:
        answer: dict[str, Any] = await response.json(content_type=None)
        return answer


async def test_media_live_three_days(bench: Bench) -> None:
    openid = await bench.follower()
    media_id = (await _upload(bench, PNG))["media_id"]
    await _advance(bench, 3 * 24 * HOUR - 60)
    await bench.say(openid, "在")
    bench.token = ""
    body = {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}}
    assert (await bench.api("message/custom/send", body))["errcode"] == 0
    await _advance(bench, 120)
    assert (await bench.api("message/custom/send", body))["errcode"] == 40007
    assert (await bench.api("media/get", media_id=media_id))["errcode"] == 40007


@pytest.mark.parametrize(
    ("data", "kind", "errcode"),
    [
        (b"GIF or not", "image", 40005),
        (b"", "image", 44001),
        (PNG, "poem", 40004),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "image", 45001),
    ],
)
async def test_bad_uploads_are_refused(bench: Bench, data: bytes, kind: str, errcode: int) -> None:
    assert (await _upload(bench, data, kind))["errcode"] == errcode


def _click(name: str, key: str = "K") -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


async def test_a_menu_is_kept_and_can_be_removed(bench: Bench) -> None:
    assert (await bench.api("menu/get"))["errcode"] == 46003
    menu = {"button": [_click("报名"), {"name": "服务", "sub_button": [_click("人工客服")]}]}
    assert (await bench.api("menu/create", menu))["errcode"] == 0
    assert (await bench.api("menu/get"))["menu"]["button"][1]["sub_button"][0]["name"] == "人工客服"
    assert (await bench.sim("GET", "/accounts"))["accounts"][0]["menu"]["button"][0]["name"] == "报名"
    assert (await bench.api("menu/delete"))["errcode"] == 0
    assert (await bench.api("menu/get"))["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([_click("一")] * 4, 40016),
        ([_click("一二三四五")], 40018),
        ([{"name": "组", "sub_button": [_click("甲")] * 6}], 40023),
        ([{"name": "组", "sub_button": [_click("一二三四五六七八九")]}], 40025),
        ([_click("键", "k" * 129)], 40019),
        ([{"type": "view", "name": "页", "url": "javascript:alert(1)"}], 40055),
        ([{"type": "dance", "name": "页"}], 40017),
    ],
)
async def test_a_menu_beyond_the_limits_is_refused(bench: Bench, buttons: list[Any], errcode: int) -> None:
    assert (await bench.api("menu/create", {"button": buttons}))["errcode"] == errcode


async def test_scene_codes_are_made_shown_and_run_out(bench: Bench) -> None:
    body = {
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "enrol"}},
        "expire_seconds": 600,
    }
    made = await bench.api("qrcode/create", body)
    url = f"{bench.simulator.url}/cgi-bin/showqrcode"
    async with bench.http.get(url, params={"ticket": made["ticket"]}) as response:
        assert response.content_type == "image/png"
    assert [code["scene"] for code in (await bench.sim("GET", "/qrcodes"))["qrcodes"]] == ["enrol"]
    await _advance(bench, 601)
    async with bench.http.get(url, params={"ticket": made["ticket"]}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": ""}}},
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}},
        {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}},
        {
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "x"}},
            "expire_seconds": 2_592_001,
        },
        {"action_name": "QR_DANCE"},
    ],
)
async def test_a_scene_code_beyond_the_limits_is_refused(bench: Bench, body: dict[str, Any]) -> None:
    assert (await bench.api("qrcode/create", body))["errcode"] != 0


async def test_followers_are_listed_and_described(bench: Bench) -> None:
    await bench.sim("POST", "/qrcodes", {"scene": "class-7"})
    await bench.sim("POST", "/followers", {"openid": "oA", "follow": True, "scene": "class-7"})
    await bench.follower("oB", follow=False)
    assert (await bench.api("user/get"))["data"] == {"openid": ["oA"]}
    found = await bench.api("user/info", openid="oA")
    assert (found["subscribe"], found["qr_scene_str"]) == (1, "class-7")
    assert (await bench.api("user/info", openid="oB"))["subscribe"] == 0
    assert (await bench.api("user/info", openid="oC"))["errcode"] == 40003


async def test_a_daily_quota_ends_calls_until_it_is_cleared_or_the_day_is_over(lab: Lab) -> None:
    bench = await lab.bench(daily_limits={"/cgi-bin/user/get": 2})
    codes = [(await bench.api("user/get")).get("errcode") for _ in range(3)]
    assert codes == [None, None, 45009]
    assert (await bench.sim("GET", "/quotas"))["accounts"]["main"]["/cgi-bin/user/get"]["calls"] == 2
    await bench.api("clear_quota", {"appid": bench.stub.config.app_id})
    assert "total" in await bench.api("user/get")
    await bench.api("user/get")
    await _advance(bench, 24 * HOUR)
    bench.token = ""
    assert "total" in await bench.api("user/get")


async def test_wrong_method_bad_json_and_unknown_paths_are_answered_as_errcodes(bench: Bench) -> None:
    assert (await bench.api("message/custom/send"))["errcode"] == 43002
    assert (await bench.api("user/get", {"x": 1}))["errcode"] == 43001
    assert (await bench.api("not/there"))["errcode"] == 40066
    url, params = f"{bench.simulator.url}/cgi-bin/menu/create", {"access_token": bench.token}
    async with bench.http.post(url, params=params, data="{") as response:
        assert (await response.json())["errcode"] == 47001

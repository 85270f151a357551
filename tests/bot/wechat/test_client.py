"""The client against a scripted WeChat on loopback: what it asks, and what it makes of what comes back."""

import json

import pytest

from bot.wechat.client import AccountClient, WeChatAnswerError
from tests.bot.wechat.conftest import Platform
from tests.bot.wechat.sealing import OPENID

SEND = "/cgi-bin/message/custom/send"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def test_a_text_goes_out_as_raw_utf8_with_the_token(platform: Platform, client: AccountClient) -> None:
    await client.message.send_text(OPENID, "证书已发放 \U0001f389")
    (request,) = platform.to(SEND)
    assert request.query == {"access_token": "token-1"}
    assert request.content_type == "application/json"
    assert "证书已发放 \U0001f389".encode() in request.body
    assert json.loads(request.body) == {
        "touser": OPENID,
        "msgtype": "text",
        "text": {"content": "证书已发放 \U0001f389"},
    }


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_request_made_once_more(
    platform: Platform, client: AccountClient, errcode: int
) -> None:
    platform.answer(SEND, {"errcode": errcode, "errmsg": "invalid credential"})
    await client.message.send_text(OPENID, "您好")
    assert [request.query["access_token"] for request in platform.to(SEND)] == ["token-1", "token-2"]
    assert platform.tokens_given == 2
    first, second = platform.to(SEND)
    assert first.body == second.body


async def test_a_token_that_is_refused_again_ends_the_matter(
    platform: Platform, client: AccountClient
) -> None:
    platform.answer(SEND, *[{"errcode": 40001, "errmsg": "invalid credential"}] * 9)
    with pytest.raises(WeChatAnswerError) as refused:
        await client.message.send_text(OPENID, "您好")
    assert refused.value.errcode == 40001
    assert len(platform.to(SEND)) == 2
    assert platform.tokens_given == 2


async def test_a_template_message_carries_its_client_msg_id(
    platform: Platform, client: AccountClient
) -> None:
    platform.answer("/cgi-bin/message/template/send", {"errcode": 0, "errmsg": "ok", "msgid": 200228332})
    answer = await client.message.send_template(
        OPENID, "T1", {"thing1": {"value": "质量安全员"}}, "https://example.cn/h5", client_msg_id="n-1"
    )
    (request,) = platform.to("/cgi-bin/message/template/send")
    assert answer["msgid"] == 200228332
    assert json.loads(request.body) == {
        "touser": OPENID,
        "template_id": "T1",
        "data": {"thing1": {"value": "质量安全员"}},
        "url": "https://example.cn/h5",
        "client_msg_id": "n-1",
    }


async def test_a_mass_message_goes_by_tag_or_to_a_list_and_carries_its_id(
    platform: Platform, client: AccountClient
) -> None:
    content = {"msgtype": "text", "text": {"content": "开班通知"}}
    await client.message.send_mass_to_tag(2, content, clientmsgid="b-1")
    await client.message.send_mass_to_tag(None, content, clientmsgid="b-2")
    await client.message.send_mass_to(["o1", "o2"], content, clientmsgid="b-3")
    await client.message.preview_mass("o1", content)
    bodies = [json.loads(request.body) for request in platform.asked if "/mass/" in request.path]
    assert bodies[0] == {"filter": {"is_to_all": False, "tag_id": 2}, **content, "clientmsgid": "b-1"}
    assert bodies[1]["filter"] == {"is_to_all": True}
    assert bodies[2]["touser"] == ["o1", "o2"]
    assert bodies[3] == {"touser": "o1", **content}
    with pytest.raises(ValueError, match="63 bytes"):
        await client.message.send_mass_to_tag(2, content, clientmsgid="n" * 64)
    with pytest.raises(ValueError, match="10,000"):
        await client.message.send_mass_to(["o1"], content, clientmsgid="b-4")


async def test_an_upload_is_whole_again_after_the_token_was_replaced(
    platform: Platform, client: AccountClient
) -> None:
    path = "/cgi-bin/media/upload"
    platform.answer(path, {"errcode": 42001, "errmsg": "expired"}, {"type": "image", "media_id": "M-1"})
    assert (
        await client.media.upload_bytes("image", PNG, filename="证书.png", content_type="image/png") == "M-1"
    )
    for request in platform.to(path):
        assert request.content_type == "multipart/form-data"
        assert request.query["type"] == "image"
        assert PNG in request.body
        assert b'name="media"; filename="__.png"' in request.body
        assert b"Content-Type: image/png" in request.body


async def test_menu_scene_code_and_tags_are_one_awaited_call_each(
    platform: Platform, client: AccountClient
) -> None:
    menu = {"button": [{"type": "click", "name": "我要报名", "key": "ENROL"}]}
    await client.menu.create(menu)
    platform.answer(
        "/cgi-bin/qrcode/create", {"ticket": "T", "expire_seconds": 600, "url": "http://weixin.qq.com/q/x"}
    )
    code = await client.qrcode.create_temporary("class-12", seconds=600)
    await client.qrcode.create_permanent("desk")
    platform.answer("/cgi-bin/tags/get", {"tags": [{"id": 2, "name": "考生", "count": 3}]})
    assert await client.tag.get() == [{"id": 2, "name": "考生", "count": 3}]
    assert json.loads(platform.to("/cgi-bin/menu/create")[0].body) == menu
    assert "我要报名".encode() in platform.to("/cgi-bin/menu/create")[0].body
    temporary, permanent = (json.loads(request.body) for request in platform.to("/cgi-bin/qrcode/create"))
    assert temporary == {
        "action_name": "QR_STR_SCENE",
        "expire_seconds": 600,
        "action_info": {"scene": {"scene_str": "class-12"}},
    }
    assert permanent["action_name"] == "QR_LIMIT_STR_SCENE"
    assert code["url"] == "http://weixin.qq.com/q/x"
    with pytest.raises(ValueError, match="30 days"):
        await client.qrcode.create_temporary("a", seconds=2_592_001)
    with pytest.raises(ValueError, match="1–64"):
        await client.qrcode.create_permanent("a" * 65)


async def test_no_menu_is_none_and_any_other_refusal_an_error(
    platform: Platform, client: AccountClient
) -> None:
    platform.answer(
        "/cgi-bin/menu/get", {"errcode": 46003, "errmsg": "menu no exist"}, {"errcode": 48001, "errmsg": ""}
    )
    assert await client.menu.get() is None
    with pytest.raises(WeChatAnswerError) as refused:
        await client.menu.get()
    assert refused.value.errcode == 48001


async def test_the_token_goes_to_no_other_host(platform: Platform, client: AccountClient) -> None:
    with pytest.raises(ValueError, match="not WeChat's API"):
        await client.get("https://example.com/cgi-bin/user/get")
    with pytest.raises(ValueError, match="not WeChat's API"):
        await client.get("https://api.weixin.qq.com.example.com/cgi-bin/user/get")
    assert platform.asked == []


def test_blocking_corners_of_the_library_are_closed(client: AccountClient) -> None:
    with pytest.raises(AttributeError):
        client.media.get_url("M-1")

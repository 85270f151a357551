"""What the delivery loop is told about each way in which sending can go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.wechat import client as client_module
from bot.wechat import transport as transport_module
from bot.wechat.account import WeChatAccount
from bot.wechat.client import AccountClient
from bot.wechat.messenger import WeChatMessenger
from bot.wechat.tokens import TokenStore
from bot.wechat.transport import Transport
from services.ports import MediaGoneError, MediaTooLargeError, MediaUnavailableError, Messenger, Reaction
from tests.bot.wechat.conftest import Platform, make_account
from tests.bot.wechat.sealing import OPENID
from tests.bot.wechat.test_client import PNG, SEND
from tests.bot.wechat.test_errcodes import LINES
from tests.bot.wechat.test_tokens import STABLE

TEMPLATE = "/cgi-bin/message/template/send"
SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
UPLOAD = "/cgi-bin/media/upload"
GET = "/cgi-bin/media/get"
Script = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
def messenger(client: AccountClient) -> Messenger:
    return WeChatMessenger({"main": client})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    monkeypatch.setattr(client_module, "MEDIA_TIMEOUT", aiohttp.ClientTimeout(total=0.2))


def says(body: bytes, *, status: int = 200, kind: str = "text/plain") -> Script:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=kind)

    return answer


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stall(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(1)
    return web.json_response({"errcode": 0})


async def stop_halfway(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"errcode":')
    assert request.transport is not None
    request.transport.close()
    return response


async def test_what_wechat_took_is_ok_with_its_msgid(platform: Platform, messenger: Messenger) -> None:
    platform.answer(TEMPLATE, {"errcode": 0, "errmsg": "ok", "msgid": 200228332})
    sent = await messenger.send_template(
        "main", OPENID, "T1", {"thing1": "质量安全员"}, url=None, client_msg_id="outbox-1"
    )
    assert (sent.reaction, sent.msgid) == (Reaction.OK, "200228332")
    assert (await messenger.send_text("main", OPENID, "您好")).reaction is Reaction.OK


@pytest.mark.parametrize(
    ("errcode", "reaction"),
    [
        (int(code), Reaction.MISCONFIGURED if reaction is Reaction.REFRESH_TOKEN else reaction)
        for codes, reaction in LINES
        for code in codes.split()
    ],
)
async def test_every_errcode_comes_out_as_its_reaction(
    platform: Platform, messenger: Messenger, errcode: int, reaction: Reaction
) -> None:
    platform.answer(SEND, *[{"errcode": errcode, "errmsg": "words"}] * 2)
    sent = await messenger.send_text("main", OPENID, "您好")
    assert sent.reaction is reaction
    assert sent.errcode == errcode


async def test_a_subscription_notice_goes_to_its_own_address_and_a_refused_one_says_so(
    platform: Platform, messenger: Messenger
) -> None:
    platform.answer(
        SUBSCRIPTION, {"errcode": 0}, {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
    )
    for reaction in (Reaction.OK, Reaction.GRANT_GONE):
        sent = await messenger.send_subscription(
            "main", OPENID, "S1", {"thing1": "质量安全员"}, url="https://a.cn/c/1"
        )
        assert sent.reaction is reaction
    assert '"thing1": {"value": "质量安全员"}'.encode() in platform.to(SUBSCRIPTION)[0].body


async def test_a_mass_duplicate_keeps_the_first_msg_id(platform: Platform, messenger: Messenger) -> None:
    platform.answer(TEMPLATE, {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": 3147483654})
    sent = await messenger.send_template("main", OPENID, "T1", {}, url=None, client_msg_id="outbox-1")
    assert (sent.reaction, sent.msgid) == (Reaction.DUPLICATE, "3147483654")


@pytest.mark.parametrize(
    ("script", "reaction"),
    [
        (hang_up, Reaction.UNKNOWN),
        (stall, Reaction.UNKNOWN),
        (stop_halfway, Reaction.UNKNOWN),
        (says(b"<html>hello</html>", kind="text/html"), Reaction.UNKNOWN),
        (says(b""), Reaction.UNKNOWN),
        (says(b"[]"), Reaction.UNKNOWN),
        (says(b'{"errcode":"zero"}'), Reaction.UNKNOWN),
        (says(b'{"a":"' + b"x" * 1_100_000 + b'"}'), Reaction.UNKNOWN),
        (says(b"[" * 100_000), Reaction.UNKNOWN),
        (says(b"bad gateway", status=502), Reaction.UNKNOWN),
        (says(b"timeout", status=504), Reaction.UNKNOWN),
        (says(b"oops", status=500), Reaction.RETRY),
        (says(b"later", status=503), Reaction.RETRY),
        (says(b"what", status=404), Reaction.MISCONFIGURED),
        (says('{"errcode":0,"errmsg":"ok 中\x01"}'.encode()), Reaction.OK),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_it_is_never_said_that_a_message_did_not_leave_when_it_may_have(
    platform: Platform, messenger: Messenger, script: Script, reaction: Reaction
) -> None:
    await messenger.send_text("main", OPENID, "一")
    platform.answer(SEND, script)
    assert (await messenger.send_text("main", OPENID, "二")).reaction is reaction
    assert len(platform.to(SEND)) == 2


async def test_without_a_connection_nothing_left(
    account: WeChatAccount, transport: Transport, tokens: TokenStore, unused_tcp_port: int
) -> None:
    await tokens.current("main")
    away = make_account(api_url=f"http://127.0.0.1:{unused_tcp_port}")
    sent = await WeChatMessenger({"main": AccountClient(away, transport, tokens)}).send_text(
        "main", OPENID, "您好"
    )
    assert sent.reaction is Reaction.RETRY


@pytest.mark.parametrize(
    ("script", "reaction"),
    [
        (hang_up, Reaction.RETRY),
        (says(b"garbage"), Reaction.RETRY),
        (says(b"oops", status=500), Reaction.RETRY),
        (says(b'{"errcode":-1,"errmsg":"busy"}'), Reaction.RETRY),
        (says(b'{"errcode":40164,"errmsg":"invalid ip"}'), Reaction.MISCONFIGURED),
        (says(b'{"errcode":40125,"errmsg":"invalid appsecret"}'), Reaction.MISCONFIGURED),
        (says(b'{"errcode":40001,"errmsg":"invalid appsecret"}'), Reaction.MISCONFIGURED),
        (says(b'{"errcode":45009,"errmsg":"reach max api daily quota limit"}'), Reaction.PAUSE_DAY),
    ],
)
async def test_without_a_token_no_message_leaves(
    platform: Platform, messenger: Messenger, script: Script, reaction: Reaction
) -> None:
    platform.answer(STABLE, script)
    assert (await messenger.send_text("main", OPENID, "您好")).reaction is reaction
    assert platform.to(SEND) == []


async def test_what_needs_a_person_is_an_alarm_in_words_and_without_secrets(
    platform: Platform, messenger: Messenger
) -> None:
    platform.answer(SEND, {"errcode": 40164, "errmsg": "invalid ip 1.2.3.4 rid: 1"})
    with capture_logs() as logs:
        await messenger.send_text("main", OPENID, "您好")
    (alarm,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert "白名单" in alarm["explanation"]
    assert "token-1" not in str(logs)
    assert OPENID not in str(logs)


async def test_a_dropped_connection_names_no_token(platform: Platform, messenger: Messenger) -> None:
    platform.answer(SEND, hang_up)
    assert "token-1" not in (await messenger.send_text("main", OPENID, "您好")).errmsg


async def test_a_picture_is_uploaded_and_sent(platform: Platform, messenger: Messenger) -> None:
    platform.answer(UPLOAD, {"type": "image", "media_id": "M-1"})
    assert (await messenger.send_image("main", OPENID, PNG, "certificate.png")).reaction is Reaction.OK
    assert b'"media_id": "M-1"' in platform.to(SEND)[0].body


@pytest.mark.parametrize(
    "answer", [hang_up, says(b"garbage"), {"type": "image"}, {"errcode": -1, "errmsg": "busy"}]
)
async def test_a_picture_that_could_not_be_uploaded_was_surely_not_sent(
    platform: Platform, messenger: Messenger, answer: Script
) -> None:
    platform.answer(UPLOAD, answer)
    assert (await messenger.send_image("main", OPENID, PNG, "certificate.png")).reaction is Reaction.RETRY
    assert platform.to(SEND) == []


async def test_an_account_that_is_not_set_up_is_an_outcome_too(messenger: Messenger) -> None:
    assert (await messenger.send_text("nobody", OPENID, "您好")).reaction is Reaction.MISCONFIGURED
    with pytest.raises(MediaUnavailableError):
        await messenger.fetch_media("nobody", "M-1", max_bytes=1)


async def test_a_photo_arrives_whole_whatever_it_is_called(platform: Platform, messenger: Messenger) -> None:
    photo = b"\xff\xd8\xff" + bytes(range(256)) * 2000
    platform.answer(
        GET, says(photo, kind="text/plain"), {"errcode": 40001, "errmsg": "x"}, says(photo, kind="image/jpeg")
    )
    assert await messenger.fetch_media("main", "M-1", max_bytes=len(photo)) == photo
    assert await messenger.fetch_media("main", "M-1", max_bytes=len(photo)) == photo
    assert platform.to(GET)[0].query == {"access_token": "token-1", "media_id": "M-1"}


async def test_a_photo_that_wechat_forgot_is_gone_whatever_the_content_type(
    platform: Platform, messenger: Messenger
) -> None:
    gone = b' {"errcode":40007,"errmsg":"invalid media_id"}'
    platform.answer(
        GET, says(gone, kind="text/plain"), says(gone, kind="image/jpeg"), says(gone, kind="application/json")
    )
    for _ in range(3):
        with pytest.raises(MediaGoneError):
            await messenger.fetch_media("main", "M-1", max_bytes=10)


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536

    async for chunk in chunks():
        await response.write(chunk)
    return response


@pytest.mark.parametrize("script", [says(b"x" * 1001), says(b"x" * 200_000), endless])
async def test_a_photo_over_the_cap_is_given_up(
    platform: Platform, messenger: Messenger, script: Script
) -> None:
    platform.answer(GET, script)
    with pytest.raises(MediaTooLargeError):
        await messenger.fetch_media("main", "M-1", max_bytes=1000)


@pytest.mark.parametrize(
    "script",
    [
        hang_up,
        stop_halfway,
        stall,
        says(b""),
        says(b'{"video_url":"http://a.cn/v"}'),
        says(b"{broken"),
        says(b"oops", status=500),
        says(b'{"errcode":-1,"errmsg":"busy"}'),
        says(b'{"errcode":48001,"errmsg":"api unauthorized"}'),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_photo_that_did_not_come_may_be_asked_for_again(
    platform: Platform, messenger: Messenger, script: Script
) -> None:
    # Twice, because a request that changes nothing is repeated on a connection that was closed meanwhile.
    platform.answer(GET, script, script)
    with pytest.raises(MediaUnavailableError):
        await messenger.fetch_media("main", "M-1", max_bytes=1000)


async def test_one_connection_serves_many_messages(platform: Platform, messenger: Messenger) -> None:
    ports: set[int] = set()

    async def note(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.json_response({"errcode": 0})

    platform.answer(SEND, *[note] * 5)
    for _ in range(5):
        await messenger.send_text("main", OPENID, "您好")
    assert len(ports) == 1
    assert transport_module.TIMEOUT.total == 10
    assert transport_module.TIMEOUT.sock_connect == 3

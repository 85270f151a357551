"""The callback address over real HTTP: what WeChat, and what a forger, gets for an answer."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bot.wechat import webhook
from bot.wechat.webhook import Webhook
from handlers.chat.messages import HandOver, Inbound, NoReply, OtherEvent, Reply, TextMessage, TextReply
from tests.bot.wechat import sealing
from tests.bot.wechat.conftest import make_account
from tests.bot.wechat.test_codec import OTHER_EVENTS, OTHER_MESSAGES
from tests.conftest import FixedClock

NOW = 1_795_226_400
Client = TestClient[web.Request, web.Application]


@dataclass
class RecordingPipeline:
    """Takes note, and answers as told."""

    reply: Reply = field(default_factory=NoReply)
    error: Exception | None = None
    seen: list[Inbound] = field(default_factory=list)

    async def answer(self, inbound: Inbound) -> Reply:
        self.seen.append(inbound)
        if self.error:
            raise self.error
        return self.reply


@pytest.fixture
def pipeline() -> RecordingPipeline:
    return RecordingPipeline()


@pytest.fixture
async def http(pipeline: RecordingPipeline) -> AsyncIterator[Client]:
    accounts = {"main": make_account(), "open": make_account(name="open", mode="plain", aes_keys=())}
    app = web.Application()
    Webhook(accounts, pipeline, FixedClock()).add_routes(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def post_sealed(
    http: Client,
    xml: str,
    changes: dict[str, str] | None = None,
    *,
    aes_key: str = sealing.AES_KEY,
    at: int = NOW,
) -> tuple[int, str]:
    encrypted = sealing.encrypt(xml, aes_key=aes_key)
    query = sealing.query(at, encrypted=encrypted) | (changes or {})
    async with http.post("/wechat/main", params=query, data=sealing.envelope(encrypted).encode()) as response:
        return response.status, await response.text()


async def post(http: Client, path: str, body: bytes, query: dict[str, str] | None = None) -> tuple[int, str]:
    async with http.post(path, params=sealing.query(NOW) if query is None else query, data=body) as response:
        return response.status, await response.text()


TEXT = sealing.message("text", "<Content><![CDATA[菜单]]></Content>")


async def test_wechat_may_bind_the_address_and_nobody_else(http: Client) -> None:
    query = sealing.query(NOW) | {"echostr": "5921940693384818207"}
    async with http.get("/wechat/main", params=query) as response:
        assert (response.status, await response.text()) == (200, "5921940693384818207")
        assert response.content_type == "text/plain"
    async with http.get("/wechat/main", params=query | {"signature": "0" * 40}) as response:
        assert response.status == 403
    async with http.get("/wechat/main") as response:
        assert response.status == 403
    async with http.get("/wechat/nobody", params=query) as response:
        assert response.status == 404


@pytest.mark.parametrize("aes_key", [sealing.AES_KEY, sealing.OLD_AES_KEY])
async def test_an_encrypted_question_gets_an_answer_encrypted_with_the_same_key(
    http: Client, pipeline: RecordingPipeline, aes_key: str
) -> None:
    pipeline.reply = TextReply(text="您好，请选择：1 报名")
    status, answer = await post_sealed(http, TEXT, aes_key=aes_key)
    encrypted = sealing.element(answer, "Encrypt")
    xml, app_id = sealing.decrypt(encrypted, aes_key=aes_key)
    assert (status, app_id) == (200, sealing.APP_ID)
    assert sealing.element(xml, "Content") == "您好，请选择：1 报名"
    assert sealing.element(xml, "ToUserName") == sealing.OPENID
    assert sealing.element(xml, "FromUserName") == sealing.ORIGINAL_ID
    assert sealing.element(answer, "MsgSignature") == sealing.sha1_of_sorted(
        sealing.TOKEN, sealing.element(answer, "TimeStamp"), sealing.element(answer, "Nonce"), encrypted
    )
    (inbound,) = pipeline.seen
    assert isinstance(inbound, TextMessage)
    assert inbound.content == "菜单"


async def test_in_plain_mode_question_and_answer_are_plain(http: Client, pipeline: RecordingPipeline) -> None:
    pipeline.reply = HandOver()
    status, answer = await post(http, "/wechat/open", TEXT.encode())
    assert (status, sealing.element(answer, "MsgType")) == (200, "transfer_customer_service")
    assert pipeline.seen[0].account == "open"


@pytest.mark.parametrize("kind", OTHER_MESSAGES)
async def test_every_message_kind_is_answered(http: Client, kind: str) -> None:
    assert await post_sealed(http, sealing.message(kind, OTHER_MESSAGES[kind])) == (200, "success")


@pytest.mark.parametrize("name", [*OTHER_EVENTS, "subscribe", "unsubscribe"])
async def test_every_event_is_answered(http: Client, name: str) -> None:
    assert await post_sealed(http, sealing.event(name, OTHER_EVENTS.get(name, ""))) == (200, "success")


async def test_an_event_nobody_knows_is_logged_and_answered_success(
    http: Client, pipeline: RecordingPipeline
) -> None:
    with capture_logs() as logs:
        assert await post_sealed(http, sealing.event("something_of_the_future")) == (200, "success")
    assert isinstance(pipeline.seen[0], OtherEvent)
    assert [entry["event"] for entry in logs] == ["wechat.event.unknown"]


async def test_a_repeat_is_not_refused_but_given_to_the_pipeline_under_the_same_key(
    http: Client, pipeline: RecordingPipeline
) -> None:
    encrypted = sealing.encrypt(TEXT)
    query, body = sealing.query(NOW - 15, encrypted=encrypted), sealing.envelope(encrypted).encode()
    assert [(await post(http, "/wechat/main", body, query))[0] for _ in range(3)] == [200] * 3
    assert len({inbound.dedupe_key for inbound in pipeline.seen}) == 1


async def test_a_replay_with_another_body_is_forged(http: Client, pipeline: RecordingPipeline) -> None:
    query = sealing.query(NOW, encrypted=sealing.encrypt(TEXT))
    body = sealing.envelope(sealing.encrypt(TEXT)).encode()
    assert (await post(http, "/wechat/main", body, query))[0] == 403
    assert pipeline.seen == []


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("signature", {"signature": "0" * 40}),
        ("signature missing", {"signature": ""}),
        ("msg_signature", {"msg_signature": "0" * 40}),
        ("timestamp", {"timestamp": str(NOW + 1)}),
        ("nonce", {"nonce": "1"}),
    ],
)
async def test_a_forged_callback_is_403_with_one_log_line_and_no_secret(
    http: Client, pipeline: RecordingPipeline, what: str, changes: dict[str, str]
) -> None:
    with capture_logs() as logs:
        status, answer = await post_sealed(http, TEXT, changes)
    assert (status, answer, pipeline.seen) == (403, "refused", [])
    (entry,) = logs
    assert (entry["event"], entry["account"], entry["status"]) == ("wechat.callback.refused", "main", 403)
    assert entry["remote"] == "127.0.0.1"
    assert not any(
        secret in str(entry) for secret in (sealing.TOKEN, sealing.AES_KEY, sealing.OPENID, "菜单")
    )


async def test_the_mode_is_ours_to_decide(http: Client, pipeline: RecordingPipeline) -> None:
    encrypted = sealing.encrypt(TEXT)
    sealed = sealing.envelope(encrypted).encode()
    assert (await post(http, "/wechat/main", TEXT.encode()))[0] == 403
    assert (await post(http, "/wechat/open", sealed, sealing.query(NOW, encrypted=encrypted)))[0] == 403
    assert pipeline.seen == []


async def test_a_recorded_callback_is_stale_after_an_hour_and_a_slow_clock_is_forgiven(http: Client) -> None:
    assert (await post_sealed(http, TEXT, at=NOW - 3599))[0] == 200
    assert (await post_sealed(http, TEXT, at=NOW - 3601))[0] == 403
    assert (await post_sealed(http, TEXT, at=NOW + 3601))[0] == 200


async def test_signed_but_senseless_is_400(http: Client) -> None:
    assert (await post_sealed(http, "<xml><a/></xml>"))[0] == 400
    assert (await post(http, "/wechat/main", b"<xml>"))[0] == 400
    assert (await post(http, "/wechat/open", b"\xff"))[0] == 400
    assert (await post(http, "/wechat/open", b"<!DOCTYPE xml><xml/>"))[0] == 400


def _bombs() -> dict[str, bytes]:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return {
        "a billion laughs": f'<!DOCTYPE xml [<!ENTITY l0 "ha">{lol}]><xml><a>&l9;</a></xml>'.encode(),
        "one long entity many times": (
            f'<!DOCTYPE xml [<!ENTITY a "{"x" * 20_000}">]><xml><a>{"&a;" * 10_000}</a></xml>'.encode()
        ),
        "a file of this machine": (
            b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>'
        ),
        "a DTD from elsewhere": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><a/></xml>',
        "as deep as 64 KiB go": b"<xml>" + b"<a>" * 9_000 + b"</a>" * 9_000 + b"</xml>",
        "a tag as long as 64 KiB": b"<xml><" + b"a" * 65_000 + b"/></xml>",
        "a thousand attributes": b"<xml><a " + b" ".join(b'b%d="c"' % n for n in range(5_000)) + b"/></xml>",
    }


@pytest.mark.parametrize("bomb", _bombs())
async def test_an_xml_bomb_is_refused_at_once(http: Client, bomb: str) -> None:
    body = _bombs()[bomb]
    assert len(body) <= 64 * 1024
    begun = time.process_time()
    plain, _ = await post(http, "/wechat/open", body)
    sealed, _ = await post_sealed(http, body.decode())
    assert (plain, sealed) in ((400, 400), (400, 413))  # sealed it may be longer than 64 KiB
    assert time.process_time() - begun < 1


async def test_a_body_over_64_kib_is_413_whether_its_length_is_told_or_not(http: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b"x" * 1024

    assert (await post(http, "/wechat/main", b"x" * 65537))[0] == 413
    async with http.post("/wechat/main", params=sealing.query(NOW), data=chunks()) as response:
        assert response.status == 413
    bomb = gzip.compress(b"x" * 10_000_000)
    headers = {"Content-Encoding": "gzip"}
    async with http.post("/wechat/main", params=sealing.query(NOW), data=bomb, headers=headers) as response:
        assert response.status == 413


async def test_a_body_that_does_not_come_is_408(http: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "BODY_SECONDS", 0.05)
    never = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b"<xml>"
        await never.wait()

    async with http.post("/wechat/main", params=sealing.query(NOW), data=trickle()) as response:
        assert response.status == 408


async def test_a_body_that_lies_about_its_encoding_is_400(http: Client) -> None:
    headers = {"Content-Encoding": "gzip"}
    async with http.post(
        "/wechat/open", params=sealing.query(NOW), data=b"no gzip", headers=headers
    ) as response:
        assert response.status == 400


async def test_a_caller_who_hangs_up_in_mid_body_is_one_log_line(pipeline: RecordingPipeline) -> None:
    # A real runner: the test server cancels its handlers, production lets them end.
    app = web.Application()
    account = make_account(name="open", mode="plain", aes_keys=())
    Webhook({"open": account}, pipeline, FixedClock()).add_routes(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    query = "&".join(f"{name}={value}" for name, value in sealing.query(NOW).items())
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(
            f"POST /wechat/open?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<xml>".encode()
        )
        await writer.drain()
        # Long enough for the handler to begin; a request that never began leaves no line, and needs none.
        await asyncio.sleep(0.2)
        writer.close()
        async with asyncio.timeout(10):
            while not logs:  # noqa: ASYNC110 - a log line sets no event
                await asyncio.sleep(0.01)
    await runner.cleanup()
    assert [(entry["event"], entry["status"]) for entry in logs] == [("wechat.callback.refused", 400)]
    assert pipeline.seen == []


async def test_our_own_failure_leaves_wechat_reason_to_repeat_and_names_nobody(
    http: Client, pipeline: RecordingPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "SILENCE_SECONDS", 0.05)
    pipeline.error = RuntimeError("database is away")
    with capture_logs() as logs:
        status, answer = await post_sealed(http, TEXT)
    assert (status, answer) == (503, "busy")
    (entry,) = logs
    assert entry["event"] == "wechat.callback.failed"
    assert sealing.OPENID not in str(entry)

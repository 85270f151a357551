"""Whatever is posted, signed or not: a 4xx, or an answer, and never a 5xx."""

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.wechat.webhook import Webhook
from handlers.chat.messages import TextReply
from tests.bot.wechat import sealing
from tests.bot.wechat.conftest import make_account
from tests.bot.wechat.test_webhook import NOW, RecordingPipeline
from tests.conftest import FixedClock

Runner = asyncio.Runner
Client = TestClient[web.Request, web.Application]

BODIES = [
    sealing.message("text", "<Content><![CDATA[菜单]]></Content>"),
    sealing.message("image", "<PicUrl>http://a.cn/p</PicUrl><MediaId>M-1</MediaId>"),
    sealing.event("subscribe", "<EventKey>qrscene_1</EventKey>"),
    sealing.event("MASSSENDJOBFINISH", "<MsgID>1</MsgID><TotalCount>1</TotalCount>"),
    sealing.event("subscribe_msg_popup_event", "<E><List><T>1</T></List></E>"),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real body, cut short, with bits flipped, or with something pushed in; or nothing like one."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    body = bytearray(draw(st.sampled_from(BODIES)).encode())
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(body) - 1))
        body[place] ^= 1 << draw(st.integers(0, 7))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(body)))
        body[place:place] = draw(
            st.sampled_from([b"<", b"]]>", b"<a>", b"\x00", b"\xed\xa0\x80", b"<!DOCTYPE x>", b"&"])
        )
    return bytes(body[: draw(st.integers(0, len(body)))]) if draw(st.booleans()) else bytes(body)


@pytest.fixture(scope="module")
def posted() -> Iterator[tuple[Runner, Client]]:
    """One server for all examples, on a loop of its own."""
    accounts = {"main": make_account(), "open": make_account(name="open", mode="plain", aes_keys=())}
    pipeline = RecordingPipeline(reply=TextReply(text="好"))

    async def start() -> Client:
        app = web.Application()
        Webhook(accounts, pipeline, FixedClock()).add_routes(app)
        client = TestClient(TestServer(app))
        await client.start_server()
        return client

    with asyncio.Runner() as runner:
        client = runner.run(start())
        yield runner, client
        runner.run(client.close())


def _status(posted: tuple[Runner, Client], path: str, query: dict[str, str], body: bytes) -> int:
    runner, client = posted

    async def send() -> int:
        async with client.post(path, params=query, data=body) as response:
            await response.read()
            return response.status

    with capture_logs() as logs:
        status = runner.run(send())
    assert (status == 200) == (logs == [] or logs[0]["event"] == "wechat.event.unknown")
    return status


relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(body=damaged())
def test_a_damaged_body_in_plain_mode(posted: tuple[Runner, Client], body: bytes) -> None:
    assert _status(posted, "/wechat/open", sealing.query(NOW), body) in (200, 400, 403)


@relaxed
@given(body=damaged())
def test_a_damaged_body_around_the_encryption(posted: tuple[Runner, Client], body: bytes) -> None:
    assert _status(posted, "/wechat/main", sealing.query(NOW), body) in (400, 403)


@relaxed
@given(body=damaged())
def test_a_damaged_body_inside_a_good_encryption(posted: tuple[Runner, Client], body: bytes) -> None:
    encrypted = sealing.encrypt(body.decode(errors="replace"))
    query = sealing.query(NOW, encrypted=encrypted)
    assert _status(posted, "/wechat/main", query, sealing.envelope(encrypted).encode()) in (200, 400, 403)


@relaxed
@given(
    encrypted=st.text(
        st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="<&]"), max_size=200
    )
)
def test_a_signed_ciphertext_that_is_none(posted: tuple[Runner, Client], encrypted: str) -> None:
    query = sealing.query(NOW, encrypted=encrypted.strip())
    assert _status(posted, "/wechat/main", query, sealing.envelope(encrypted).encode()) in (400, 403)


@relaxed
@given(
    path=st.sampled_from(["main", "open", "nobody", "%00", "..%2f"]),
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "openid"]),
        st.text(max_size=50),
    ),
)
def test_a_query_that_nobody_signed(posted: tuple[Runner, Client], path: str, query: dict[str, str]) -> None:
    query = {name: value.encode(errors="replace").decode() for name, value in query.items()}
    assert _status(posted, f"/wechat/{path}", query, BODIES[0].encode()) in (403, 404)

"""`/wechat/{account}`: what arrives from WeChat is proved, read, answered.

In this order, each failure one status and one log line `wechat.callback.refused`:

====  =====================================================================================================
404   no such account
403   the query's `signature` is not ours, or its `timestamp` is older than an hour; before the body is read
413   the body is longer than 64 KiB
408   the body did not arrive within 3 s
400   the body is no callback of the platform
403   safe mode: no `Encrypt`, wrong `msg_signature`, no key opens it, another app id.
      Plain mode: an `Encrypt`. Both: addressed to another original id
====  =====================================================================================================

**Repeats.** WeChat repeats a callback within 15 s with the same signature, timestamp and nonce; it is not refused as
a replay but answered by the pipeline, which finds its dedupe key and gives the stored reply. The hour is for what
somebody recorded and sends when the dedupe rows may be gone. A timestamp ahead of our clock is accepted: only WeChat
can sign it.

**Replayed with changes.** In safe mode `msg_signature` covers the body, so a changed body is 403. In plain mode
nothing covers the body: whoever has one signed query can put any body under it for an hour. That is WeChat's protocol,
the reason why safe is the default and why plain mode is for the test account; a change under a used dedupe key has no
effect, it gets the stored reply.

**Our own failure.** When the pipeline raises, nothing is answered for longer than WeChat waits, and then 503. Any
answer in time would end it: `success` as dealt with, an error with a bubble that the account is out of service. So
WeChat repeats it, and the transaction that rolled back gets another try.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog
from aiohttp import web

from bot.wechat.account import WeChatAccount
from bot.wechat.codec import EVENTS, to_inbound
from bot.wechat.crypto import ForgedCallbackError, check_signature, open_sealed, seal
from bot.wechat.replies import render
from bot.wechat.xml import MalformedCallbackError, read_fields
from handlers.chat.messages import Inbound, OtherEvent, Reply
from services.ports import Clock

MAX_BODY_BYTES = 64 * 1024
BODY_SECONDS = 3.0
OLDEST = timedelta(hours=1)
#: WeChat repeats a callback only when nothing came back within 5 s; any answer, an error too, would end it.
SILENCE_SECONDS = 5.5

log = structlog.get_logger(__name__)


class Pipeline(Protocol):
    """What answers: dedupe, the person's lock, the unit of work, the deadline (`bot.pipeline`)."""

    async def answer(self, inbound: Inbound) -> Reply:
        """The reply to give now; a repeat gets the stored one. May raise: then WeChat repeats."""
        ...


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Webhook:
    """The callback address of all our accounts."""

    def __init__(self, accounts: Mapping[str, WeChatAccount], pipeline: Pipeline, clock: Clock) -> None:
        self._accounts = accounts
        self._pipeline = pipeline
        self._clock = clock

    def add_routes(self, app: web.Application) -> None:
        """Put GET and POST `/wechat/{account}` into `app`."""
        app.router.add_get("/wechat/{account}", self._guarded_greet, allow_head=False)
        app.router.add_post("/wechat/{account}", self._guarded_take)

    async def _guarded_greet(self, request: web.Request) -> web.Response:
        try:
            return self._greet(request)
        except _RefusedError as refusal:
            return _refuse(request, refusal)

    async def _guarded_take(self, request: web.Request) -> web.Response:
        try:
            return await self._take(request)
        except _RefusedError as refusal:
            return _refuse(request, refusal)

    def _greet(self, request: web.Request) -> web.Response:
        """WeChat's check of the address: echo `echostr`, which comes in plain text in both modes."""
        self._authenticate(request)
        return web.Response(
            text=request.query.get("echostr", ""), headers={"X-Content-Type-Options": "nosniff"}
        )

    async def _take(self, request: web.Request) -> web.Response:
        account = self._authenticate(request)
        fields, aes_key = _open(account, request, await _body(request))
        try:
            inbound = to_inbound(account, fields)
        except MalformedCallbackError as error:
            raise _RefusedError(400, error.reason) from error
        except ForgedCallbackError as error:
            raise _RefusedError(403, error.reason) from error
        if isinstance(inbound, OtherEvent) and inbound.event.lower() not in EVENTS:
            log.info("wechat.event.unknown", account=account.name, event_type=inbound.event[:64])
        try:
            reply = await self._pipeline.answer(inbound)
            xml = render(
                reply, to_openid=inbound.openid, from_id=fields.get("ToUserName", ""), at=self._clock.now()
            )
        except Exception:
            log.exception(
                "wechat.callback.failed",
                account=account.name,
                kind=type(inbound).__name__,
                follower=_pseudonym(inbound.openid),
            )
            await asyncio.sleep(SILENCE_SECONDS)
            return web.Response(status=503, text="busy", headers={"Retry-After": "5"})
        if xml is None:
            return web.Response(text="success")
        if aes_key is not None:
            moment = int(self._clock.now().timestamp())
            xml = seal(account, xml, aes_key=aes_key, timestamp=moment, nonce=secrets.token_hex(8))
        return web.Response(text=xml, content_type="application/xml")

    def _authenticate(self, request: web.Request) -> WeChatAccount:
        account = self._accounts.get(request.match_info["account"])
        if account is None:
            raise _RefusedError(404, "unknown account")
        timestamp = request.query.get("timestamp", "")
        try:
            check_signature(
                account,
                signature=request.query.get("signature", ""),
                timestamp=timestamp,
                nonce=request.query.get("nonce", ""),
            )
        except ForgedCallbackError as error:
            raise _RefusedError(403, error.reason) from error
        if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 11:
            raise _RefusedError(403, "timestamp")
        if int(timestamp) < (self._clock.now() - OLDEST).timestamp():
            raise _RefusedError(403, "stale")
        return account


def _open(account: WeChatAccount, request: web.Request, body: bytes) -> tuple[dict[str, str], str | None]:
    """The callback's fields, and the AES key that opened them (None in plain mode)."""
    try:
        fields = read_fields(body)
        encrypted = fields.get("Encrypt")
        if account.mode == "plain":
            if encrypted is not None:
                raise ForgedCallbackError("encrypted in plain mode")
            return fields, None
        if not encrypted:
            raise ForgedCallbackError("plain text in safe mode")
        xml, aes_key = open_sealed(
            account,
            encrypted,
            msg_signature=request.query.get("msg_signature", ""),
            timestamp=request.query.get("timestamp", ""),
            nonce=request.query.get("nonce", ""),
        )
        return read_fields(xml), aes_key
    except MalformedCallbackError as error:
        raise _RefusedError(400, error.reason) from error
    except ForgedCallbackError as error:
        raise _RefusedError(403, error.reason) from error


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _RefusedError(413, "too long")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise _RefusedError(413, "too long")
    except TimeoutError as error:
        raise _RefusedError(408, "body too slow") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise _RefusedError(400, f"broken body: {type(error).__name__}") from error
    return bytes(body)


def _refuse(request: web.Request, refusal: _RefusedError) -> web.Response:
    log.warning(
        "wechat.callback.refused",
        account=request.match_info["account"][:64],
        method=request.method,
        status=refusal.status,
        reason=refusal.reason,
        remote=request.remote,
    )
    response = web.Response(status=refusal.status, text="refused")
    if refusal.status in (408, 413):
        # The rest of the body is not worth reading.
        response.force_close()
    return response


def _pseudonym(openid: str) -> str:
    return hashlib.sha256(openid.encode()).hexdigest()[:12]

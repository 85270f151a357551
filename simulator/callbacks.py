"""Callbacks to the account: signed, encrypted, in order for each follower, repeated like the platform does."""

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from simulator import crypto, passive, xml
from simulator.config import AccountConfig
from simulator.inbound import Inbound
from simulator.state import Follower
from simulator.world import World
from simulator.xml import ReplyError

#: What the follower sees when the account gives no proper answer.
OUT_OF_SERVICE = "该公众号暂时无法提供服务"


@dataclass(frozen=True)
class Envelope:
    """A signed request; repeats send exactly the same one."""

    query: dict[str, str]
    body: str
    xml: str
    aes_key: str


@dataclass
class Outcome:
    """What came of one callback.

    `error` is None, `timeout`, `connection: …`, `http N` or `malformed: …`; `reply` what the follower saw.
    """

    reply: dict[str, Any] | None = None
    tries: int = 0
    error: str | None = None
    status: int | None = None
    body: str = ""
    reply_xml: str | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)


def seal(account: AccountConfig, openid: str, plain: str, *, aes_key: str | None = None) -> Envelope:
    """Sign `plain` for the account's callback, and encrypt it in safe mode."""
    key = aes_key or account.aes_key
    # The signature's time is real, whatever the virtual clock says: the other side checks its age.
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    query = {
        "signature": crypto.signature(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": openid,
    }
    if account.mode == "plain":
        return Envelope(query, plain, plain, key)
    encrypted = crypto.encrypt(plain, aes_key=key, app_id=account.app_id)
    query |= {
        "encrypt_type": "aes",
        "msg_signature": crypto.signature(account.token, timestamp, nonce, encrypted),
    }
    body = xml.write({"ToUserName": account.original_id, "Encrypt": encrypted})
    return Envelope(query, body, plain, key)


class Courier:
    """Delivers callbacks. One follower's callbacks never overtake each other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        """Drop what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run a delivery without waiting for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def deliver(
        self,
        account: AccountConfig,
        follower: Follower,
        inbound: Inbound,
        *,
        envelope: Envelope | None = None,
        repeat: int = 1,
        parallel: bool = False,
    ) -> Outcome:
        """Deliver one callback when the follower's earlier ones are done, and show the reply.

        With `repeat` the identical request is delivered that many times more or at once (`parallel`);
        the follower sees the first reply only, as on the platform.
        """
        envelope = envelope or seal(account, follower.openid, inbound.xml)
        async with self._lanes[follower.openid]:
            runs = [self._attempts(account, follower, envelope) for _ in range(repeat)]
            outcomes = list(await asyncio.gather(*runs)) if parallel else [await run for run in runs]
            first = next((outcome for outcome in outcomes if outcome.reply), outcomes[0])
            self._show(follower, inbound, first)
        first.replies = [_summary(outcome) for outcome in outcomes]
        return first

    async def notify(self, account: AccountConfig, openid: str, plain: str) -> None:
        """Deliver a receipt; nobody waits for its answer."""
        envelope = seal(account, openid, plain)
        async with self._lanes[openid]:
            await self._attempts(account, None, envelope)

    async def post(self, url: str, query: dict[str, str], body: bytes, content_type: str) -> tuple[int, str]:
        """Send an arbitrary request once; status and body of the answer."""
        timeout = aiohttp.ClientTimeout(total=self._world.config.callback_timeout)
        headers = {"Content-Type": content_type}
        async with self._connections.post(
            url, params=query, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status, (await response.read()).decode("utf-8", "replace")

    async def get(self, url: str, query: dict[str, str]) -> tuple[int, str]:
        """Send the address check, or any GET, once; status and body of the answer."""
        timeout = aiohttp.ClientTimeout(total=self._world.config.callback_timeout)
        async with self._connections.get(
            url, params=query, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status, (await response.read()).decode("utf-8", "replace")

    @property
    def _connections(self) -> aiohttp.ClientSession:
        """The connection pool, opened when it is first needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def _attempts(
        self, account: AccountConfig, follower: Follower | None, envelope: Envelope
    ) -> Outcome:
        outcome = Outcome()
        config = self._world.config
        while outcome.tries < config.callback_tries:
            outcome.tries += 1
            if await self._attempt(account, envelope, outcome):
                self._read(account, follower, envelope, outcome)
                break
            if outcome.error != "timeout" and outcome.tries < config.callback_tries:
                await asyncio.sleep(config.connect_pause)
        return outcome

    async def _attempt(self, account: AccountConfig, envelope: Envelope, outcome: Outcome) -> bool:
        """One try; False when it has to be repeated."""
        exchange = self._world.traffic.record(
            at=self._world.clock.now().isoformat(),
            direction="callback",
            method="POST",
            path=account.callback_url,
            query=dict(envelope.query),
            request=envelope.body,
            xml=envelope.xml,
            attempt=outcome.tries,
            account=account.name,
            openid=envelope.query.get("openid"),
        )
        try:
            status, body = await self.post(
                account.callback_url, envelope.query, envelope.body.encode(), "text/xml"
            )
        except TimeoutError:
            outcome.error = exchange.error = "timeout"
            return False
        except (aiohttp.ClientError, OSError) as error:
            outcome.error = exchange.error = f"connection: {error}"
            return False
        outcome.status, outcome.body, outcome.error = status, body, None
        exchange.status, exchange.response = status, body
        if status == 200:
            try:
                exchange.reply_xml = passive.open_envelope(body, account, envelope.aes_key)
            except ReplyError:
                exchange.reply_xml = None
            outcome.reply_xml = exchange.reply_xml
        return True

    def _read(
        self, account: AccountConfig, follower: Follower | None, envelope: Envelope, outcome: Outcome
    ) -> None:
        if outcome.status != 200:
            outcome.error = f"http {outcome.status}"
            return
        if follower is None:
            return
        try:
            plain = passive.open_envelope(outcome.body, account, envelope.aes_key)
            if plain is not None:
                outcome.reply = passive.understand(self._world, follower, account, plain)
        except ReplyError as error:
            outcome.error = f"malformed: {error}"

    def _show(self, follower: Follower, inbound: Inbound, outcome: Outcome) -> None:
        if not follower.following or not inbound.expects_reply:
            return
        if outcome.reply is not None:
            payload = {key: value for key, value in outcome.reply.items() if key != "type"}
            self._world.say(follower, via="passive", type=outcome.reply["type"], payload=payload)
        elif outcome.error is not None:
            self._world.say(follower, via="platform", type="error", payload={"content": OUT_OF_SERVICE})


def _summary(outcome: Outcome) -> dict[str, Any]:
    return {
        "reply": outcome.reply,
        "tries": outcome.tries,
        "error": outcome.error,
        "status": outcome.status,
        "body": outcome.body,
        "reply_xml": outcome.reply_xml,
    }

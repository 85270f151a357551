"""Access tokens: one for each account, shared by all processes through PostgreSQL, renewed by one at a time.

Renewal: the row is locked in a transaction of its own, read again, and WeChat is asked while the lock is held (at
most 10 s), so that a process that dies gives the lock back by dying. While the old token still serves (WeChat accepts
both during the last 5 minutes) the others go on with it and do not wait.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.wechat.account import WeChatAccount
from bot.wechat.transport import GarbageAnswerError, Transport, TransportError
from services.ports import Clock
from storage.repositories.tokens import AccessTokenRepository, StoredToken

#: WeChat hands out a new token from here on, and accepts the old one until it expires.
RENEW_BEFORE = timedelta(minutes=5)
#: How long a process trusts its copy; a token that another process replaced is found out by 40001 before.
CACHE_FOR = timedelta(seconds=20)
#: Between two requests in the last minutes, when WeChat's clock gives the old token again or the request fails.
ASK_AGAIN_AFTER = timedelta(seconds=20)
FORCE_APART = timedelta(seconds=30)
FORCE_A_DAY = 20
MAX_TOKEN_CHARACTERS = 512
_SHANGHAI = ZoneInfo("Asia/Shanghai")

log = structlog.get_logger(__name__)


class Cipher(Protocol):
    """What encrypts at rest; `context` is authenticated with the content and must be the same to decrypt."""

    def encrypt(self, plain: bytes, /, *, context: bytes) -> bytes:
        """`plain`, unreadable without the key."""
        ...

    def decrypt(self, blob: bytes, /, *, context: bytes) -> bytes:
        """What was encrypted. Raises when the key or the context is another."""
        ...


class TokenRefusedError(Exception):
    """WeChat gives no token: wrong id or secret, an IP that is not listed, too many requests, or busy (-1)."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


@dataclass(frozen=True)
class _Cached:
    token: str
    version: int
    expires_at: datetime
    read_at: datetime


class TokenStore:
    """The access tokens of our accounts. One instance a process; any number of processes."""

    def __init__(
        self,
        accounts: Mapping[str, WeChatAccount],
        sessions: async_sessionmaker[AsyncSession],
        cipher: Cipher,
        transport: Transport,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._cipher = cipher
        self._transport = transport
        self._clock = clock
        self._cache: dict[str, _Cached] = {}
        self._asked_at: dict[str, datetime] = {}
        # One database connection a process is enough to wait with.
        self._turns = {name: asyncio.Lock() for name in accounts}

    async def current(self, account: str) -> str:
        """A token that WeChat accepts now; without any SQL while this process's copy is fresh.

        Raises:
            KeyError: no such account.
            TokenRefusedError, TransportError: there is none, and WeChat gave none.
        """
        if cached := self._fresh(account):
            return cached.token
        async with self._turns[account]:
            if cached := self._fresh(account):
                return cached.token
            async with self._sessions() as session:
                stored = await AccessTokenRepository(session).find(account)
            cached = self._remember(stored)
            if cached and not self._due(account, cached, stored):
                return cached.token
            if cached:
                return await self._renew_early(account, cached)
            return await self._renew_now(account)

    async def invalidate(self, account: str, failed: str) -> str:
        """WeChat refused `failed`: the token to use instead.

        Compare and swap: only when `failed` is still the stored token is WeChat asked, first in normal mode and, if it
        gives the same one, with force_refresh as far as WeChat's limits allow (30 s apart, 20 a day).

        Raises:
            TokenRefusedError: WeChat refused, or a force_refresh is needed and not allowed now (errcode 45011 within
                30 s of the last, 45009 after 20 in a day).
            TransportError: WeChat could not be reached.
        """
        async with self._turns[account]:
            if (cached := self._fresh(account)) and cached.token != failed:
                return cached.token
            lost: Exception | None = None
            async with self._sessions.begin() as session:
                tokens = AccessTokenRepository(session)
                stored = await tokens.lock(account)
                known = self._remember(stored)
                if known and known.token != failed:
                    return known.token
                fresh, stored = await self._ask(stored, force=False)
                if fresh == failed:
                    stored = self._spend_force(stored)
                    try:
                        fresh, stored = await self._ask(stored, force=True)
                    except (TokenRefusedError, TransportError) as error:
                        # It counts against the day's 20 all the same, so what was spent is saved.
                        lost = error
                await tokens.save(stored)
            if lost is not None:
                raise lost
            self._remember(stored)
            log.info("wechat.token.replaced", account=account, version=stored.version)
            return fresh

    def _fresh(self, account: str) -> _Cached | None:
        cached = self._cache.get(account)
        now = self._clock.now()
        if cached is None or not (timedelta(0) <= now - cached.read_at < CACHE_FOR):
            return None
        if cached.expires_at - now <= RENEW_BEFORE and self._may_ask(account):
            return None
        return cached if cached.expires_at > now else None

    def _may_ask(self, account: str) -> bool:
        asked_at = self._asked_at.get(account)
        return asked_at is None or self._clock.now() - asked_at >= ASK_AGAIN_AFTER

    def _due(self, account: str, cached: _Cached, stored: StoredToken | None) -> bool:
        now = self._clock.now()
        if cached.expires_at - now > RENEW_BEFORE or not self._may_ask(account):
            return False
        return not (stored and stored.refreshed_at and now - stored.refreshed_at < ASK_AGAIN_AFTER)

    async def _renew_early(self, account: str, serving: _Cached) -> str:
        """Renew while the old token serves: not if another does, and a failure costs nothing."""
        self._asked_at[account] = self._clock.now()
        try:
            async with self._sessions.begin() as session:
                tokens = AccessTokenRepository(session)
                stored = await tokens.lock_if_free(account)
                if stored is None or stored.version != serving.version:
                    return serving.token
                token, stored = await self._ask(stored, force=False)
                await tokens.save(stored)
        except Exception as error:
            log.warning("wechat.token.renewal_failed", account=account, error=str(error))
            return serving.token
        self._remember(stored)
        return token

    async def _renew_now(self, account: str) -> str:
        """There is no valid token: wait for the lock, look again, ask."""
        async with self._sessions.begin() as session:
            tokens = AccessTokenRepository(session)
            stored = await tokens.lock(account)
            if cached := self._remember(stored):
                return cached.token
            token, stored = await self._ask(stored, force=False)
            await tokens.save(stored)
        self._remember(stored)
        return token

    async def _ask(self, stored: StoredToken, *, force: bool) -> tuple[str, StoredToken]:
        account = self._accounts[stored.account]
        asked_at = self._clock.now()
        token, seconds = await fetch_stable_token(self._transport, account, force=force)
        before = self._decrypt(stored) if stored.app_id == account.app_id else None
        self._asked_at[stored.account] = asked_at
        return token, replace(
            stored,
            app_id=account.app_id,
            token=self._cipher.encrypt(token.encode(), context=_context(account)),
            expires_at=asked_at + timedelta(seconds=seconds),
            refreshed_at=asked_at,
            version=stored.version + (token != before),
        )

    def _spend_force(self, stored: StoredToken) -> StoredToken:
        now = self._clock.now()
        today = now.astimezone(_SHANGHAI).date()
        times = stored.forced_times if stored.forced_on == today else 0
        used_up = times >= FORCE_A_DAY
        if used_up or (stored.forced_at and now - stored.forced_at < FORCE_APART):
            log.error("wechat.token.force_refused", account=stored.account, forced_today=times)
            # As WeChat would say it: what waits half a minute only must not rest until tomorrow.
            raise TokenRefusedError(45009 if used_up else 45011, "force_refresh is not allowed now")
        return replace(stored, forced_at=now, forced_on=today, forced_times=times + 1)

    def _remember(self, stored: StoredToken | None) -> _Cached | None:
        """Into the cache, if it is a valid token of the account's app id. The same version is not decrypted again."""
        account = self._accounts[stored.account] if stored else None
        if stored is None or account is None or stored.token is None or stored.expires_at is None:
            return None
        if stored.app_id != account.app_id or stored.expires_at <= self._clock.now():
            return None
        known = self._cache.get(stored.account)
        token = known.token if known and known.version == stored.version else self._decrypt(stored)
        if token is None:
            return None
        cached = _Cached(token, stored.version, stored.expires_at, self._clock.now())
        self._cache[stored.account] = cached
        return cached

    def _decrypt(self, stored: StoredToken) -> str | None:
        if stored.token is None:
            return None
        try:
            return self._cipher.decrypt(
                stored.token, context=_context(self._accounts[stored.account])
            ).decode()
        except Exception as error:
            # Keys were changed without rotation: a token is easily had again.
            log.warning("wechat.token.unreadable", account=stored.account, error=type(error).__name__)
            return None


async def fetch_stable_token(transport: Transport, account: WeChatAccount, *, force: bool) -> tuple[str, int]:
    """Ask `POST /cgi-bin/stable_token`: the token and for how many seconds it holds.

    In normal mode WeChat gives every caller the same token until its last 5 minutes; `force` makes a new one, and the
    old one is void at once.

    Raises:
        TokenRefusedError: WeChat answered with an errcode.
        TransportError: no answer, or garbage.
    """
    asked = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.app_secret,
        "force_refresh": force,
    }
    content = json.dumps(asked).encode()
    url = account.api_url.rstrip("/") + "/cgi-bin/stable_token"
    answer = await transport.exchange("POST", url, body=lambda: content)
    if errcode := answer.get("errcode", 0):
        if not isinstance(errcode, int):
            raise GarbageAnswerError("errcode is no number")
        raise TokenRefusedError(errcode, str(answer.get("errmsg", "")))
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
        raise GarbageAnswerError("no access_token")
    if not isinstance(seconds, int) or not 0 < seconds <= 86400:
        raise GarbageAnswerError("no expires_in")
    return token, seconds


def _context(account: WeChatAccount) -> bytes:
    return b"access_token:" + account.name.encode()

"""Giving, opening, using and closing one-time links."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from services.errors import NotFoundError
from services.unit_of_work import Tools, Work
from storage.repositories.links import LinkRepository
from storage.tables import OneTimeLink

#: Of a token and of a browser's secret: nobody finds one by trying, so nobody has to be slowed down.
_BITS: Final = 160
_TOKEN: Final = b"one_time_links.token"
_BROWSER: Final = b"one_time_links.browser"
#: How long a link that was given waits to be opened …
WAITS: Final = timedelta(hours=2)
#: … and how long the browser that opened it may go on: whoever writes a long text takes a break.
OPENED_LASTS: Final = timedelta(hours=12)


class LinkPurpose(StrEnum):
    """What a link opens; `.path` is where its page stands, the token follows."""

    FORM = "form"
    DATA = "data"
    APPEAL = "appeal"

    @property
    def path(self) -> str:
        """Below the public address, with a slash at its end."""
        return {
            LinkPurpose.FORM: "/h5/forms/",
            LinkPurpose.DATA: "/h5/data/",
            LinkPurpose.APPEAL: "/h5/appeals/",
        }[self]


class LinkGoneError(NotFoundError):
    """Wrong, expired, closed, or another browser's: whoever asks is told nothing of which."""

    def __init__(self) -> None:
        super().__init__("link.gone")


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link that may be used; `opened` is False as long as nobody has opened it."""

    id: UUID
    purpose: LinkPurpose
    follower_id: UUID
    enrolment_id: UUID | None
    facts: Mapping[str, Any]
    opened: bool


def new_browser(tools: Tools) -> str:
    """A secret for a browser that has none yet; it goes into a cookie that no script can read."""
    return _random(tools)


class LinkService:
    """One-time links of followers."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.links = LinkRepository(work.session)

    def give(
        self,
        purpose: LinkPurpose,
        *,
        follower_id: UUID,
        enrolment_id: UUID | None = None,
        facts: Mapping[str, Any] | None = None,
        waits: timedelta = WAITS,
    ) -> str:
        """A new address, to be sent to this follower and to nobody else; good until it is opened, for `waits`."""
        token = _random(self.work.tools)
        self.links.add(
            OneTimeLink(
                token_digest=self.work.tools.keyring.digest(token, context=_TOKEN),
                purpose=purpose.value,
                follower_id=follower_id,
                enrolment_id=enrolment_id,
                facts=dict(facts or {}),
                expires_at=self.work.now + waits,
                created_at=self.work.now,
            )
        )
        return f"{self.work.tools.public_url}{purpose.path}{token}"

    async def look(self, token: str, purpose: LinkPurpose, *, browser: str) -> Link:
        """What a GET may know; changes nothing. Raises LinkGoneError."""
        return self._view(await self._usable(token, purpose, browser))

    async def open(self, token: str, purpose: LinkPurpose, *, browser: str) -> Link:
        """Bind it to this browser; again by the same browser: no change. Raises LinkGoneError."""
        row = await self._usable(token, purpose, browser, for_update=True)
        if not browser:
            raise LinkGoneError
        if row.browser_digest is None:
            row.browser_digest = self.work.tools.keyring.digest(browser, context=_BROWSER)
            row.opened_at, row.expires_at = self.work.now, self.work.now + OPENED_LASTS
        return self._view(row)

    async def use(self, token: str, purpose: LinkPurpose, *, browser: str) -> Link:
        """The link, opened by this browser and locked until the end of this unit of work. Raises LinkGoneError."""
        row = await self._usable(token, purpose, browser, for_update=True)
        if row.browser_digest is None:
            raise LinkGoneError
        return self._view(row)

    async def close(self, link: Link, by: str) -> None:
        """It has served: close it, and with it all other links to the same thing. `by` says why."""
        row = await self.work.session.get_one(OneTimeLink, link.id)
        row.closed_at, row.closed_by = self.work.now, by
        if link.enrolment_id is not None:
            await self.close_all(link.enrolment_id, link.purpose, by)

    async def close_all(self, enrolment_id: UUID, purpose: LinkPurpose, by: str) -> None:
        """Close every link of this purpose that is about this enrolment."""
        await self.links.close_all(enrolment_id, purpose.value, at=self.work.now, by=by)

    async def _usable(
        self, token: str, purpose: LinkPurpose, browser: str, *, for_update: bool = False
    ) -> OneTimeLink:
        if not token.isascii() or not browser.isascii():
            raise LinkGoneError
        digests = self.work.tools.keyring.digests(token, context=_TOKEN)
        row = await self.links.find(digests, purpose.value, for_update=for_update)
        if row is None or row.closed_at is not None or row.expires_at <= self.work.now:
            raise LinkGoneError
        if row.browser_digest is not None and not self._is_browser(row.browser_digest, browser):
            raise LinkGoneError
        return row

    def _is_browser(self, kept: bytes, browser: str) -> bool:
        digests = self.work.tools.keyring.digests(browser, context=_BROWSER)
        return any(hmac.compare_digest(kept, digest) for digest in digests)

    @staticmethod
    def _view(row: OneTimeLink) -> Link:
        return Link(
            id=row.id,
            purpose=LinkPurpose(row.purpose),
            follower_id=row.follower_id,
            enrolment_id=row.enrolment_id,
            facts=row.facts,
            opened=row.browser_digest is not None,
        )


def _random(tools: Tools) -> str:
    number = tools.entropy.bits(_BITS)
    return base64.urlsafe_b64encode(number.to_bytes(_BITS // 8, "big")).decode().rstrip("=")

"""The platform in memory: who follows what, what was said, which codes, media and quotas exist."""

import secrets
from typing import Any

from simulator import media
from simulator.clock import Clock
from simulator.config import AccountConfig, SimulatorConfig, TemplateConfig
from simulator.errors import ApiError, ControlError
from simulator.faults import FaultPlan
from simulator.media import Medium
from simulator.signal import Signal
from simulator.state import AccountState, ChatItem, Follower, PlatformState, SceneQr
from simulator.traffic import Traffic

#: Bubbles kept for one follower.
CHAT_LENGTH = 1_000


class World:
    """All state of one running platform. Everything happens on one event loop; no locks are needed."""

    def __init__(self, config: SimulatorConfig, state: PlatformState | None = None) -> None:
        self.config = config
        self.clock = Clock()
        self.faults = FaultPlan()
        self.traffic = Traffic()
        #: Rings when a chat, a menu, the followers or the QR codes change.
        self.changed = Signal()
        #: Where the phone and PicUrl reach this platform; set when it listens.
        self.base_url = "http://127.0.0.1:8090"
        self._configured = {account.name: account for account in config.accounts}
        self._templates: dict[str, dict[str, TemplateConfig]] = {}
        self.state = PlatformState()
        self._adopt(state or PlatformState())

    def _adopt(self, state: PlatformState) -> None:
        self.state = state
        self.clock.offset = state.clock_offset
        for name, account in self._configured.items():
            state.accounts.setdefault(name, AccountState(name))
            self._templates[name] = {template.template_id: template for template in account.templates}
        state.next_id = max(state.next_id, secrets.randbelow(10**6))

    def reset(self) -> None:
        """Begin anew: no followers, media, tokens, menus, faults; real time; numbers go on."""
        fresh = PlatformState(chat_seq=self.state.chat_seq, next_id=self.state.next_id)
        self.faults.clear()
        self.traffic.clear()
        self._adopt(fresh)
        self.changed.notify()

    # --- accounts -----------------------------------------------------------------------------

    @property
    def accounts(self) -> list[AccountConfig]:
        """Every configured account."""
        return list(self._configured.values())

    def account(self, name: str | None) -> AccountConfig:
        """The account of that name; the first one when no name is given."""
        if name is None:
            return self.config.accounts[0]
        try:
            return self._configured[name]
        except KeyError:
            raise ControlError(f"no account named {name!r}", status=404) from None

    def account_by_app_id(self, app_id: str) -> AccountConfig | None:
        """The account with that AppID."""
        return next((a for a in self._configured.values() if a.app_id == app_id), None)

    def account_by_token(self, token: str) -> AccountConfig:
        """Whose access token it is.

        Raises:
            ApiError: 40001 unknown or replaced, 42001 expired.
        """
        now = self.clock.time()
        for name, state in self.state.accounts.items():
            if token in state.tokens.issued and name in self._configured:
                state.tokens.check(token, now)
                return self._configured[name]
        raise ApiError(40001, "invalid credential, access_token is invalid or not latest")

    def of(self, account: AccountConfig) -> AccountState:
        """What that account has made here."""
        return self.state.accounts[account.name]

    def set_callback_url(self, name: str, url: str) -> None:
        """Send that account's callbacks elsewhere from now on."""
        self._configured[name] = self.account(name).model_copy(update={"callback_url": url})

    def template(self, account: AccountConfig, template_id: str) -> TemplateConfig | None:
        """A template of the account's private list."""
        return self._templates[account.name].get(template_id)

    def templates(self, account: AccountConfig) -> list[TemplateConfig]:
        """The account's private list."""
        return list(self._templates[account.name].values())

    def add_template(self, account: AccountConfig, template: TemplateConfig) -> None:
        """Add to the account's private list, or replace."""
        self._templates[account.name][template.template_id] = template

    # --- followers ----------------------------------------------------------------------------

    def add_follower(self, *, nickname: str, account: AccountConfig, openid: str | None) -> Follower:
        """A new phone; it does not follow yet."""
        openid = openid or "o" + secrets.token_urlsafe(20)[:27].replace("-", "x")
        if openid in self.state.followers:
            raise ControlError(f"openid {openid!r} exists", status=409)
        follower = Follower(openid=openid, nickname=nickname, account=account.name)
        self.state.followers[openid] = follower
        self.changed.notify()
        return follower

    def follower(self, openid: str) -> Follower:
        """The follower of that openid, for control requests."""
        try:
            return self.state.followers[openid]
        except KeyError:
            raise ControlError(f"no follower with openid {openid!r}", status=404) from None

    def follower_of(self, account: AccountConfig, openid: object) -> Follower:
        """The follower an API call names.

        Raises:
            ApiError: 40003 unless the openid is known to that account.
        """
        follower = self.state.followers.get(openid) if isinstance(openid, str) else None
        if follower is None or follower.account != account.name:
            raise ApiError(40003, "invalid openid")
        return follower

    def followers_of(self, account: AccountConfig) -> list[Follower]:
        """Who follows that account now, in the order of arrival."""
        return [f for f in self.state.followers.values() if f.account == account.name and f.following]

    # --- chats --------------------------------------------------------------------------------

    def say(
        self, follower: Follower, *, via: str, type: str, payload: dict[str, Any], sent: bool = False
    ) -> ChatItem:
        """Put a bubble into the follower's chat."""
        self.state.chat_seq += 1
        item = ChatItem(
            seq=self.state.chat_seq,
            openid=follower.openid,
            direction="sent" if sent else "received",
            via=via,
            type=type,
            at=self.clock.time(),
            payload=payload,
        )
        chat = self.state.chats.setdefault(follower.openid, [])
        chat.append(item)
        del chat[:-CHAT_LENGTH]
        self.changed.notify()
        return item

    def chat(self, openid: str, *, after: int = 0, received_only: bool = False) -> list[ChatItem]:
        """Bubbles numbered above `after`, oldest first."""
        return [
            item
            for item in self.state.chats.get(openid, ())
            if item.seq > after and (not received_only or item.direction == "received")
        ]

    # --- media, codes, numbers ----------------------------------------------------------------

    def keep_medium(self, account: AccountConfig, medium: Medium) -> Medium:
        """Store a file of that account."""
        self.state.media[medium.media_id] = medium
        self.state.media_owner[medium.media_id] = account.name
        return medium

    def medium_of(self, account: AccountConfig, media_id: object) -> Medium:
        """A file the account may use.

        Raises:
            ApiError: 40007 when it never was, is another account's, or its three days are over.
        """
        medium = self.state.media.get(media_id) if isinstance(media_id, str) else None
        if medium is None or self.state.media_owner.get(medium.media_id) != account.name:
            raise ApiError(40007, "invalid media_id")
        if medium.expired(self.clock.time()):
            raise ApiError(40007, "invalid media_id")
        return medium

    def receive_file(
        self, account: AccountConfig, kind: str, data: bytes, filename: str, type: str
    ) -> Medium:
        """Store a file a follower sends; the same checks as an upload."""
        return self.keep_medium(account, media.admit(kind, data, filename, type, self.clock.time()))

    def media_url(self, media_id: str) -> str:
        """Where the picture can be seen without a token, as PicUrl gives it."""
        return f"{self.base_url}/sim/media/{media_id}"

    def find_qr(self, account: AccountConfig, text: str) -> SceneQr | None:
        """A scene QR by its scene, ticket or URL; the newest when several carry the scene."""
        for qr in reversed(self.of(account).qrcodes.values()):
            if text in {qr.scene, qr.ticket, qr.url}:
                return qr
        return None

    def next_id(self) -> int:
        """A 64-bit message number, never given twice."""
        self.state.next_id += 1
        return 24_000_000_000_000_000 + self.state.next_id

    def count_call(self, account: AccountConfig, path: str) -> None:
        """Count one API call of today.

        Raises:
            ApiError: 45009 when today's quota for `path` is used up.
        """
        state = self.of(account)
        if state.calls_on != self.clock.day():
            state.calls_on, state.calls = self.clock.day(), {}
        limit = self.config.daily_limit(path)
        if limit is not None and state.calls.get(path, 0) >= limit:
            raise ApiError(45009, "reach max api daily quota limit")
        state.calls[path] = state.calls.get(path, 0) + 1

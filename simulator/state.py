"""What the platform remembers about accounts and followers; plain data, so that it can be written down."""

from dataclasses import dataclass, field
from typing import Any

from simulator.media import Medium
from simulator.quotas import Windows
from simulator.tokens import TokenBook


@dataclass
class ChatItem:
    """One thing in a chat.

    `via` says how it came: `passive`, `custom`, `template`, `mass`, `preview`, `notice` (subscription
    message), `platform` (the platform's own words) or `follower`. `payload` depends on `type`.
    """

    seq: int
    openid: str
    direction: str  # received | sent, from the follower's side
    via: str
    type: str
    at: float
    payload: dict[str, Any]


@dataclass
class Follower:
    """A person's phone as one account knows it."""

    openid: str
    nickname: str
    account: str
    following: bool = False
    subscribed_at: float = 0.0
    subscribe_scene: str = "ADD_SCENE_SEARCH"
    qr_scene: str = ""
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    windows: Windows = field(default_factory=Windows)
    #: Template id → subscription notices the follower agreed to and that are not yet used.
    grants: dict[str, int] = field(default_factory=dict)
    #: How the platform reports on template messages: success, failed:user block, failed: system failed.
    template_outcome: str = "success"
    #: Month → mass messages received, and the CreateTime last used by each event key.
    mass_received: dict[str, int] = field(default_factory=dict)
    event_times: dict[str, int] = field(default_factory=dict)


@dataclass
class SceneQr:
    """A parametric QR code; `until` is virtual POSIX seconds, None for a permanent one."""

    ticket: str
    url: str
    scene: str
    permanent: bool
    until: float | None

    def expired(self, now: float) -> bool:
        """Whether a temporary code has run out."""
        return self.until is not None and now >= self.until


@dataclass
class Tag:
    """A label an account gives its followers."""

    id: int
    name: str


@dataclass
class Draft:
    """An article that an account keeps to send it."""

    media_id: str
    title: str
    digest: str
    content: str
    url: str
    thumb_media_id: str


@dataclass
class MassJob:
    """One mass send and what its receipt said."""

    msg_id: int
    status: str
    clientmsgid: str | None


@dataclass
class AccountState:
    """What one official account has made on the platform."""

    name: str
    menu: dict[str, Any] | None = None
    tokens: TokenBook = field(default_factory=TokenBook)
    qrcodes: dict[str, SceneQr] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    mass_jobs: dict[int, MassJob] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    #: "openid client_msg_id" → (msgid, virtual seconds), for ten minutes.
    client_msg_ids: dict[str, tuple[int, float]] = field(default_factory=dict)
    #: Calls made on `calls_on`, by API path.
    calls: dict[str, int] = field(default_factory=dict)
    calls_on: str = ""
    #: Month → clear_quota calls.
    quota_clears: dict[str, int] = field(default_factory=dict)


@dataclass
class PlatformState:
    """Everything that survives a restart when a state directory is given."""

    accounts: dict[str, AccountState] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    chats: dict[str, list[ChatItem]] = field(default_factory=dict)
    media: dict[str, Medium] = field(default_factory=dict)
    media_owner: dict[str, str] = field(default_factory=dict)
    chat_seq: int = 0
    next_id: int = 0
    clock_offset: float = 0.0

"""What the services need from outside, as protocols: clock, randomness, files, the messenger.

The composition root (`bot.app`) puts the real ones in; tests put fakes in for these and for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Room(Protocol):
    """The space of a disk."""

    @property
    def total(self) -> int:
        """Bytes."""
        ...

    @property
    def free(self) -> int:
        """Bytes that may still be written."""
        ...


class FileStore(Protocol):
    """Encrypted files by key (a local folder or S3)."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep `content` encrypted under `key`; an existing key is overwritten."""
        ...

    async def get(self, key: str) -> bytes:
        """The plain bytes. Raises `storage.files.FileMissingError`, `storage.crypto.DecryptionError`."""
        ...

    async def key_age(self, key: str) -> int | None:
        """Under which secret key it is: 0 the first, None under none of ours. Raises as `get`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget `key`; a missing one is no error."""
        ...

    async def room(self) -> Room | None:
        """The disk that the files lie on; None where there is no end to see (a bucket). Raises `FileStoreError`."""
        ...


class Reaction(StrEnum):
    """What to do about WeChat's answer; the table from errcode to reaction is `bot.wechat.errcodes`."""

    OK = "ok"
    RETRY = "retry"  #: transient: back off with jitter, at most 5 tries, same client_msg_id
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a reaction's name, no secret
    MISCONFIGURED = "misconfigured"  #: open the circuit, alarm, nothing lost
    BAD_OPENID = "bad_openid"  #: drop, flag the openid
    UNSUBSCRIBED = "unsubscribed"
    BLOCKED = "blocked"
    GRANT_GONE = "grant_gone"  #: clear the subscription grant
    NO_WINDOW = "no_window"  #: no customer-service window or quota: template instead, or wait for the person
    PAUSE_DAY = "pause_day"
    PAUSE_MINUTE = "pause_minute"
    DEAD = "dead"  #: dead letter, alarm
    TOO_OFTEN = "too_often"  #: this person gets too much: delay
    DUPLICATE = "duplicate"  #: sent before; WeChat returned the first msg_id
    QUOTA_GONE = "quota_gone"
    UPLOAD_AGAIN = "upload_again"
    TOO_LONG = "too_long"
    CAPABILITY_OFF = "capability_off"
    UNKNOWN = "unknown"  #: sent or not, nobody knows (timeout, dropped connection after the request left)


@dataclass(frozen=True, kw_only=True)
class SendOutcome:
    """What came of one attempt to send."""

    reaction: Reaction
    errcode: int = 0
    errmsg: str = ""
    msgid: str | None = None


@dataclass(frozen=True, kw_only=True)
class MassContent:
    """What a mass message carries: a text, or the media id of a picture or an article."""

    #: text, picture, article.
    kind: str
    text: str = ""
    media_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Article:
    """An article of a mass message; `cover_id` is that of an added picture."""

    title: str
    digest: str
    text: str
    link: str
    cover_id: str


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """What came of an upload; `media_id` is empty unless it is `OK`."""

    outcome: SendOutcome
    media_id: str = ""


class MassMessenger(Protocol):
    """WeChat's mass sends. None of them raises for an answer of WeChat's."""

    async def send_mass(
        self, account: str, openids: Sequence[str], content: MassContent, *, client_msg_id: str
    ) -> SendOutcome:
        """To 2–10,000 openids; the same id sent twice within a day gives DUPLICATE with the first msgid."""
        ...

    async def preview_mass(self, account: str, openid: str, content: MassContent) -> SendOutcome:
        """The mass message to one person, which counts for nothing."""
        ...

    async def mass_status(self, account: str, msgid: str) -> str:
        """What became of a mass message, in WeChat's word; empty when it does not say now."""
        ...

    async def add_picture(self, account: str, picture: bytes, filename: str) -> Uploaded:
        """Keep a picture at WeChat's for good."""
        ...

    async def add_article(self, account: str, article: Article) -> Uploaded:
        """Keep an article at WeChat's as a draft."""
        ...


class Messenger(MassMessenger, Protocol):
    """WeChat's sending side, one method a message kind. None of them raises for an answer of WeChat's."""

    async def send_text(self, account: str, openid: str, text: str) -> SendOutcome:
        """Customer-service text (`message/custom/send`)."""
        ...

    async def send_image(self, account: str, openid: str, picture: bytes, filename: str) -> SendOutcome:
        """Upload as temporary media, then send as a customer-service picture."""
        ...

    async def send_template(
        self,
        account: str,
        openid: str,
        template_id: str,
        fields: dict[str, str],
        *,
        url: str | None,
        client_msg_id: str,
    ) -> SendOutcome:
        """Template message (`message/template/send`); `fields` are key → value, already linted."""
        ...

    async def send_subscription(
        self, account: str, openid: str, template_id: str, fields: dict[str, str], *, url: str | None
    ) -> SendOutcome:
        """Subscription notice (`message/subscribe/bizsend`); it has no id, so it is sent once at most."""
        ...

    async def fetch_media(self, account: str, media_id: str, *, max_bytes: int) -> bytes:
        """A picture that a person sent. Raises `MediaGoneError`, `MediaTooLargeError`, `MediaUnavailableError`."""
        ...


class SceneCodes(Protocol):
    """QR codes of WeChat's that open an official account with a scene."""

    async def address(self, account: str, scene: str, *, seconds: int) -> str:
        """What a temporary code says that holds for so long (at most 30 days). Raises `SceneCodeUnavailableError`."""
        ...


class SceneCodeUnavailableError(Exception):
    """WeChat could not be reached, or gave no code; worth another try later."""


class MediaGoneError(Exception):
    """WeChat no longer has the media (40007, or older than 3 days)."""


class MediaTooLargeError(Exception):
    """The media is larger than the cap; nothing of it was kept."""


class MediaUnavailableError(Exception):
    """WeChat could not be reached or answered nonsense; worth another try."""

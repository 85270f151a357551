"""What crosses the border of broadcasts 群发."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from storage.broadcast_states import (
    BroadcastKind,
    BroadcastState,
    ChunkState,
    ContentKind,
    RecipientState,
    TestState,
)

__all__ = [
    "Audience",
    "AudienceNames",
    "BroadcastDetail",
    "BroadcastKind",
    "BroadcastLine",
    "BroadcastPage",
    "BroadcastState",
    "ChunkLine",
    "ChunkState",
    "Content",
    "ContentKind",
    "Draft",
    "NamesReport",
    "Picture",
    "Progress",
    "ReasonLine",
    "RecipientState",
    "Reckoning",
    "TestLine",
    "TestState",
]


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is sent. A text has `text`; a picture nothing besides; an article all of it, and a picture as its cover.

    A personal message has `text` with fields in braces, and `short`, its one line where only a template message goes.
    """

    kind: ContentKind = ContentKind.TEXT
    text: str = ""
    title: str = ""
    digest: str = ""
    #: Behind 阅读原文 of an article.
    link: str = ""
    short: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """As it is kept."""
        return cls(**{**kept, "kind": ContentKind(kept["kind"])})

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "kind": self.kind.value}


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whom it is for, of the organisation's own people (B9); empty means all of them."""

    scheme_ids: tuple[str, ...] = ()
    #: Values of `EnrolmentState`.
    states: tuple[str, ...] = ()
    class_id: UUID | None = None
    sitting_id: UUID | None = None
    #: Through which organisation they enrolled.
    through_id: UUID | None = None
    #: How their 所在地 begins: 四川省成都市.
    region: str = ""
    tag: str = ""
    #: Only those of the uploaded file of names.
    named: bool = False
    #: Whoever got a broadcast within so many days is left out; 0: nobody is for that.
    rest_days: int = 3

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """As it is kept."""
        ids = {
            key: UUID(kept[key]) if kept[key] else None for key in ("class_id", "sitting_id", "through_id")
        }
        lists = {key: tuple(kept[key]) for key in ("scheme_ids", "states")}
        return cls(**{**kept, **ids, **lists})

    def kept(self) -> dict[str, Any]:
        """As JSON."""
        return {
            key: str(value) if isinstance(value, UUID) else list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }


@dataclass(frozen=True, kw_only=True)
class AudienceNames:
    """An audience in words, for a page."""

    schemes: tuple[str, ...]
    states: tuple[str, ...]
    class_title: str
    sitting: str
    through: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An uploaded picture."""

    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything of a broadcast that may be written."""

    account: str
    kind: BroadcastKind
    title: str
    content: Content
    audience: Audience
    #: A new picture; None: the one that there is stays.
    picture: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """The live count: how many match, who is left out and why, how many would get it."""

    matched: int
    gone: int
    recent: int
    full: int
    recipients: int
    rest_days: int
    monthly: int


@dataclass(frozen=True, kw_only=True)
class NamesReport:
    """What a file of names came to."""

    filename: str
    rows: int
    known: int
    #: Row number → what is wrong: unknown (or another organisation's), twice, no number in it.
    unknown: tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class BroadcastLine:
    """One in a list."""

    id: UUID
    number: int
    title: str
    kind: BroadcastKind
    state: BroadcastState
    recipients: int
    created_by: str
    created_at: datetime
    due_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BroadcastPage:
    """Some of them, the newest first."""

    items: tuple[BroadcastLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is, in recipients."""

    total: int
    waiting: int
    #: In a batch on its way, or in the outbox.
    under_way: int
    #: WeChat took it; for some it also said that it arrived.
    taken: int
    delivered: int
    failed: int
    unknown: int
    skipped: int
    cancelled: int

    @property
    def over(self) -> int:
        """Whose turn is past."""
        return self.total - self.waiting - self.under_way


@dataclass(frozen=True, kw_only=True)
class ReasonLine:
    """Why so many did not get it."""

    state: RecipientState
    errcode: int | None
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class ChunkLine:
    """One batch with what WeChat reported of it."""

    number: int
    size: int
    state: ChunkState
    msgid: str | None
    attempts: int
    errcode: int | None
    errmsg: str
    accepted_at: datetime | None
    total: int | None
    filtered: int | None
    sent: int | None
    errors: int | None


@dataclass(frozen=True, kw_only=True)
class TestLine:
    """One test to oneself."""

    __test__ = False

    staff_name: str
    state: TestState
    at: datetime
    errcode: int | None
    errmsg: str


@dataclass(frozen=True, kw_only=True)
class BroadcastDetail:
    """Everything of one."""

    line: BroadcastLine
    account: str
    content: Content
    audience: Audience
    #: What a personal message says to one of its recipients; the text itself else.
    preview: str
    has_picture: bool
    revision: int
    #: Of text and recipients; empty before it is submitted.
    fingerprint: str
    left_out: Mapping[str, int]
    submitted_by: str
    submitted_at: datetime | None
    #: Who wrote or submitted it, by id: they don't approve it.
    authors: frozenset[str]
    approved_by: str
    approved_at: datetime | None
    reason: str
    finished_at: datetime | None
    names: int
    progress: Progress
    reasons: tuple[ReasonLine, ...]
    chunks: tuple[ChunkLine, ...]
    tests: tuple[TestLine, ...]
    #: Only held back by the quiet hours: until then.
    quiet_until: datetime | None
    #: How many failed whom a retry may reach.
    retriable: int

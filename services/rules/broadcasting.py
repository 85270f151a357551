"""Broadcasts 群发: which state may follow which, how a batch is cut, what an answer means, when too much fails. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.ports import Reaction
from services.rules.localtime import SHANGHAI

#: People of one call of `message/mass/send` (platform rule: 2–10,000).
MOST_OF_A_CHUNK: Final = 10_000
LEAST_OF_A_CHUNK: Final = 2
#: Mass messages that a follower gets in a calendar month (platform rule); what is beyond is dropped by WeChat.
MONTHLY: Final = 4
#: Personal messages of one broadcast that wait in the outbox at a time: a broadcast never stands before a reminder.
MOST_IN_OUTBOX: Final = 200
#: WeChat knows a `clientmsgid` for a day; stay inside.
REPEAT_WITHIN: Final = timedelta(hours=23)
MAX_TRIES: Final = 5
#: More than this part failed, of at least so many: it pauses by itself.
FAILURE_LIMIT: Final = 0.05
FEWEST_TO_JUDGE: Final = 20
#: MASSSENDJOBFINISH comes within minutes; after this time WeChat is asked, and asked again.
ASK_AFTER: Final = timedelta(minutes=30)
ASK_AGAIN: Final = timedelta(hours=1)
#: WeChat says that nothing reaches them: who is none, who left, who refuses messages.
UNREACHABLE_CODES: Final = (40003, 43004, 43019, 48002, 50005)
#: UTF-8 bytes of a text, and what an article may have (platform rules).
TEXT_BYTES: Final = 2048
TITLE_LENGTH: Final = 32
DIGEST_LENGTH: Final = 128
ARTICLE_LENGTH: Final = 20_000
SHORT_LENGTH: Final = 20
#: Fields of a personal message, as staff write them.
FIELDS: Final = ("姓名", "报名号", "项目")


class Verb(StrEnum):
    """What may be done to a broadcast."""

    EDIT = "edit"
    SUBMIT = "submit"
    FREEZE = "freeze"
    APPROVE = "approve"
    REFUSE = "refuse"
    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FINISH = "finish"
    RETRY = "retry"


#: (state, verb) → the state after it; what is not here is refused.
TRANSITIONS: Final[Mapping[tuple[str, Verb], str]] = {
    ("draft", Verb.EDIT): "draft",
    ("submitted", Verb.EDIT): "draft",
    ("approved", Verb.EDIT): "draft",
    ("draft", Verb.SUBMIT): "freezing",
    ("freezing", Verb.FREEZE): "submitted",
    ("submitted", Verb.APPROVE): "approved",
    ("submitted", Verb.REFUSE): "draft",
    ("approved", Verb.REFUSE): "draft",
    ("approved", Verb.SCHEDULE): "approved",
    ("approved", Verb.START): "running",
    ("running", Verb.PAUSE): "paused",
    ("paused", Verb.RESUME): "running",
    ("draft", Verb.CANCEL): "cancelled",
    ("freezing", Verb.CANCEL): "cancelled",
    ("submitted", Verb.CANCEL): "cancelled",
    ("approved", Verb.CANCEL): "cancelled",
    ("running", Verb.CANCEL): "cancelled",
    ("paused", Verb.CANCEL): "cancelled",
    ("running", Verb.FINISH): "finished",
    ("finished", Verb.RETRY): "running",
    ("paused", Verb.RETRY): "paused",
}


def chunk_size(waiting: int) -> int:
    """How many of `waiting` recipients go into the next batch: never so many that one alone is left for the last.

    >>> [chunk_size(count) for count in (2, 10_000, 10_001, 10_002, 25_000)]
    [2, 10000, 9999, 10000, 10000]
    """
    if waiting <= MOST_OF_A_CHUNK:
        return waiting
    return MOST_OF_A_CHUNK - (1 if waiting - MOST_OF_A_CHUNK < LEAST_OF_A_CHUNK else 0)


class ChunkFate(StrEnum):
    """What a try to send a batch comes to."""

    ACCEPTED = "accepted"
    AGAIN = "again"  #: once more, under the same id
    UNKNOWN = "unknown"  #: it may have left, and is never sent again
    FAILED = "failed"
    RELEASE = "release"  #: it did not leave, and nothing leaves for now: the broadcast pauses


@dataclass(frozen=True, kw_only=True)
class ChunkVerdict:
    """What to do after a try."""

    fate: ChunkFate
    delay: timedelta = timedelta(0)
    #: A try under this id may have left.
    may_have_left: bool = False
    #: The broadcast pauses: nothing can be sent for now, whoever it is for.
    pauses: bool = False
    counts: bool = True
    #: The uploaded picture or article is gone.
    upload_again: bool = False


_STANDSTILL: Final = frozenset(
    {Reaction.QUOTA_GONE, Reaction.PAUSE_DAY, Reaction.MISCONFIGURED, Reaction.CAPABILITY_OFF}
)


def judge_chunk(
    reaction: Reaction, *, tries: int, may_have_left: bool, tried_for: timedelta, jitter: float
) -> ChunkVerdict:
    """What an answer means for a batch whose `tries`-th try (from 1) it was; `tried_for` since the first one.

    `may_have_left`: an earlier try under this id may have left. Then only the same id may go again, for that WeChat
    answers 45065 with the first msgid, and no recipient is free for another batch.
    """
    in_time = tried_for < REPEAT_WITHIN
    back_off = timedelta(seconds=5) * float(6 ** (tries - 1)) * (0.5 + jitter / 2)
    if reaction in (Reaction.OK, Reaction.DUPLICATE):
        return ChunkVerdict(fate=ChunkFate.ACCEPTED)
    if reaction is Reaction.PAUSE_MINUTE and in_time:
        return ChunkVerdict(
            fate=ChunkFate.AGAIN, delay=timedelta(minutes=1), may_have_left=may_have_left, counts=False
        )
    if reaction is Reaction.UNKNOWN:
        if in_time:
            return ChunkVerdict(
                fate=ChunkFate.AGAIN,
                delay=min(back_off, timedelta(minutes=15)),
                may_have_left=True,
                counts=False,
            )
        return ChunkVerdict(fate=ChunkFate.UNKNOWN, may_have_left=True)
    if reaction in _STANDSTILL:
        fate = ChunkFate.AGAIN if may_have_left else ChunkFate.RELEASE
        return ChunkVerdict(
            fate=fate, delay=timedelta(hours=1), may_have_left=may_have_left, pauses=True, counts=False
        )
    if reaction in (Reaction.RETRY, Reaction.REFRESH_TOKEN, Reaction.UPLOAD_AGAIN) and tries < MAX_TRIES:
        return ChunkVerdict(
            fate=ChunkFate.AGAIN,
            delay=back_off,
            may_have_left=may_have_left,
            upload_again=reaction is Reaction.UPLOAD_AGAIN,
        )
    return ChunkVerdict(fate=ChunkFate.UNKNOWN if may_have_left else ChunkFate.FAILED)


def too_many_failed(failed: int, decided: int) -> bool:
    """Whether a broadcast pauses by itself; `decided` counts those whose fate is known, failed ones too."""
    return decided >= FEWEST_TO_JUDGE and failed > decided * FAILURE_LIMIT


def month_began(now: datetime) -> datetime:
    """The first moment of the calendar month in which WeChat counts the four."""
    return now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def filled(text: str, fields: Mapping[str, str]) -> str:
    """A personal message with `{姓名}`, `{报名号}`, `{项目}` put in; everything else stays as it was written."""
    for name in FIELDS:
        text = text.replace(f"{{{name}}}", fields.get(name, ""))
    return text


def unknown_fields(text: str) -> tuple[str, ...]:
    """What stands in braces and is no field, so that nobody gets a message with `{性名}` in it."""
    found = []
    rest = text
    while "{" in rest:
        rest = rest.partition("{")[2]
        name, closed, _ = rest.partition("}")
        if closed and len(name) <= 12 and "\n" not in name and name not in FIELDS:
            found.append(name)
    return tuple(found)

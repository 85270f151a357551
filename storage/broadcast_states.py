"""The words that broadcasts 群发 and their parts are kept as. Which may follow which is in `services.rules.broadcasting`."""

from enum import StrEnum


class BroadcastKind(StrEnum):
    """群发的方式"""

    MASS = "mass"  #: one text, picture or article for all: WeChat's mass send, four a follower and month
    PERSONAL = "personal"  #: a message with fields of each one's enrolment: one row in the outbox for each


class ContentKind(StrEnum):
    """群发的内容"""

    TEXT = "text"
    PICTURE = "picture"
    ARTICLE = "article"


class BroadcastState(StrEnum):
    """群发"""

    DRAFT = "draft"
    FREEZING = "freezing"  #: a job writes the row of each recipient
    SUBMITTED = "submitted"  #: frozen; a second person looks at it
    APPROVED = "approved"  #: may be started, or starts by itself at its time
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    """收件人"""

    PENDING = "pending"
    SENDING = "sending"  #: in a batch that is on its way
    QUEUED = "queued"  #: personal: in the outbox
    ACCEPTED = "accepted"  #: WeChat took it
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"  #: left, or had enough this month, since the audience was frozen
    CANCELLED = "cancelled"


class ChunkState(StrEnum):
    """批次: one call of the mass-send API"""

    WAITING = "waiting"  #: for its next try, under the same id
    SENDING = "sending"
    ACCEPTED = "accepted"  #: WeChat gave a msgid; its report is awaited
    FINISHED = "finished"
    FAILED = "failed"
    UNKNOWN = "unknown"
    RELEASED = "released"  #: it never left, and its recipients wait again


class TestState(StrEnum):
    """测试发送; at most once"""

    __test__ = False

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"

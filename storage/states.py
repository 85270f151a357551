"""The words that states are kept as. Which may follow which is decided by the services."""

from enum import StrEnum


class EnrolmentState(StrEnum):
    """报名"""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    ADMITTED = "admitted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    BLOCKED = "blocked"
    #: The one result of this enrolment is published (B2: one application, one verification, one result).
    CONCLUDED = "concluded"


class OrganisationStatus(StrEnum):
    """机构状态"""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class DocumentState(StrEnum):
    """证明材料; `missing` is the absence of a row."""

    FETCHING = "fetching"  #: the picture is being fetched from WeChat and checked
    UPLOADED = "uploaded"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class PaymentState(StrEnum):
    """缴费"""

    DUE = "due"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    SHORT = "short"
    REFUNDED = "refunded"


class ClassState(StrEnum):
    """培训班"""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SittingState(StrEnum):
    """考试场次"""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """座位"""

    BOOKED = "booked"
    WAITLISTED = "waitlisted"
    CHECKED_IN = "checked_in"
    SAT = "sat"
    ABSENT = "absent"
    VOID = "void"


class ResultState(StrEnum):
    """成绩"""

    SCORED = "scored"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class CertificateState(StrEnum):
    """证书; `expired` follows from its date and is never stored."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    REPLACED = "replaced"


class BlacklistState(StrEnum):
    """黑名单; that its time is over follows from `last_on` and is never stored (C7)."""

    PROPOSED = "proposed"  #: the person is being heard
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    LIFTED = "lifted"


class ChangeState(StrEnum):
    """资料变更 (E8)"""

    DRAFT = "draft"  #: begun in the chat, not yet filed
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AttachmentState(StrEnum):
    """附件 of a blacklist entry or of a change"""

    FETCHING = "fetching"
    KEPT = "kept"
    REFUSED = "refused"


class DeliveryState(StrEnum):
    """投递"""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    DEAD = "dead"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class DeliveryDecision(StrEnum):
    """What staff decided about a message that is `unknown` or `dead`"""

    SENT_AGAIN = "sent_again"
    SET_ASIDE = "set_aside"


class StaffRole(StrEnum):
    """工作人员的角色"""

    ADMIN = "admin"  #: everything, staff accounts too
    OFFICER = "officer"  #: reviews, payments, hours, exams, results
    VIEWER = "viewer"  #: reads

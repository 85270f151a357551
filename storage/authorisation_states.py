"""The words that a sub-centre's life is kept as (C1–C5, C10, C12–C14). What may follow what is decided by the services."""

from enum import StrEnum


class RequestState(StrEnum):
    """申请: draft → submitted → on_site → qualified → agreed → granted; returned or failed is an end."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  #: the society reviews the papers
    RETURNED = "returned"  #: refused on paper: everything went back, with the reason
    ON_SITE = "on_site"  #: the papers passed, experts visit
    QUALIFIED = "qualified"  #: the visit found it qualified, the agreement is to be signed
    FAILED = "failed"  #: the visit found it not qualified
    AGREED = "agreed"  #: the agreement is signed, the authorisation is to be issued
    GRANTED = "granted"


class AuthorisationState(StrEnum):
    """授权"""

    ACTIVE = "active"
    SUSPENDED = "suspended"  #: an official investigation (C14)
    ENDED = "ended"


class FileKind(StrEnum):
    """书面申请材料 and what goes with people and findings."""

    APPLICATION_FORM = "application_form"  #: 申请表
    STAFF = "staff"  #: 人员情况
    EQUIPMENT = "equipment"  #: 设备情况
    RULES = "rules"  #: 制度建设情况
    PLAN = "plan"  #: 培训工作方案
    PREMISES = "premises"  #: 场地自有证明
    LEASE = "lease"  #: 租用协议
    UNDERTAKING = "undertaking"  #: 评价员承诺书
    OTHER = "other"


class MemberKind(StrEnum):
    """Who is counted for C1."""

    TEACHER = "teacher"
    ASSESSOR = "assessor"


class FindingKind(StrEnum):
    """查处情况; only `out_of_scope` is counted for C3."""

    OUT_OF_SCOPE = "out_of_scope"
    FEES = "fees"  #: charged is not what was published, or nothing was published (C5)
    AGENTS = "agents"
    LEAKED_PAPERS = "leaked_papers"
    LAX_INVIGILATION = "lax_invigilation"
    UNTRAINED = "untrained"
    OTHER = "other"


class EndingCause(StrEnum):
    """Why an authorisation ends."""

    OUT_OF_SCOPE = "out_of_scope"  #: C3
    AGENTS = "agents"  #: C4
    LEAKED_PAPERS = "leaked_papers"  #: C4
    LAX_INVIGILATION = "lax_invigilation"  #: C4
    UNTRAINED = "untrained"  #: C4: certificates for people not trained and examined
    FAILED_ASSESSMENT = "failed_assessment"  #: C13
    NO_TRAINING = "no_training"  #: C13
    FEW_PEOPLE = "few_people"  #: C13
    INVESTIGATION = "investigation"  #: C14


class ProposalState(StrEnum):
    """A proposed ending; a person decides."""

    OPEN = "proposed"
    ENDED = "ended"  #: decided: the authorisation ended
    KEPT = "kept"  #: decided: a special case, with the reason


class SelfCheckState(StrEnum):
    """年度自查"""

    OPEN = "due"
    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    FAILED = "failed"  #: assessed as not qualified: ending is proposed (C13)
    MISSED = "missed"  #: not handed in by its day: the society decides
    EXCUSED = "excused"  #: missed, and the society lets it go on, with its reason


class ReportState(StrEnum):
    """上报: results of a sitting that the society issues certificates for (C10)."""

    REPORTED = "reported"
    RETURNED = "returned"
    APPROVED = "approved"


class Act(StrEnum):
    """What an organisation must be authorised for (C3)."""

    OPEN_CLASS = "open_class"
    JOIN_CLASS = "join_class"
    ENROL = "enrol"
    ADMIT = "admit"
    EXAMINE = "examine"
    ISSUE = "issue"

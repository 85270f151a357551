"""What becomes of a message to a follower: through which channel, when, and what an answer of WeChat's means.

Pure decisions; who claims, sends and keeps is `services.delivery.service`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from services.ports import Reaction
from services.rules.calendar import next_allowed
from services.rules.localtime import SHANGHAI

#: A try is repeated at most so often (platform rule: back off with jitter, at most 5 tries).
MAX_TRIES: Final = 5
#: WeChat drops a template message with the same client_msg_id within 10 min; stay well inside.
REPEAT_WITHIN: Final = timedelta(minutes=8)
#: WeChat tells within minutes what became of a template message; one that is `unknown` so long after its first send is
#: shown to staff, and holds its person's line no longer.
RECEIPT_WAIT: Final = timedelta(minutes=15)
#: A message without any channel is looked at again after this time, should nobody wake it before.
WAIT: Final = timedelta(hours=6)
#: One who wrote so recently is awake, whatever the hour.
AWAKE: Final = timedelta(minutes=10)
#: UTF-8 bytes of a customer-service text.
TEXT_LIMIT: Final = 2048

_RETRY_FIRST, _RETRY_FACTOR = timedelta(seconds=5), 6
_REPEAT_FIRST, _REPEAT_FACTOR = timedelta(seconds=10), 3


class Channel(StrEnum):
    """How a message goes, as kept in `outbox.channel`."""

    CUSTOMER_SERVICE = "customer_service"
    #: The picture has gone before; what remains is the text, by customer-service message.
    AFTER_PICTURE = "customer_service_after_picture"
    TEMPLATE = "template"
    #: 订阅通知, for which the person has given a grant.
    SUBSCRIPTION = "subscription"
    #: None is open: the follower's next message opens one.
    WAITING = "waiting"

    @property
    def api(self) -> "Channel":
        """The one of WeChat's APIs that it uses, which is what gets paused."""
        return Channel.CUSTOMER_SERVICE if self is Channel.AFTER_PICTURE else self

    @property
    def has_receipt(self) -> bool:
        """WeChat calls back with what became of a message."""
        return self in (Channel.TEMPLATE, Channel.SUBSCRIPTION)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What is known about a follower; times aware."""

    unfollowed: bool
    #: The errcode by which WeChat called them unreachable.
    unreachable_code: int | None
    last_inbound_at: datetime | None
    window_until: datetime | None
    window_left: int


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a message asks for."""

    can_wait: bool
    #: A template is defined, and the account has its id.
    has_template: bool
    #: The person has given a grant for its subscription notice, and the account has its id.
    has_grant: bool = False
    has_picture: bool
    due_at: datetime
    #: No use any more so long after `due_at`; None: of use for ever.
    useful_for: timedelta | None
    #: The channel of the try before.
    channel: Channel | None


@dataclass(frozen=True)
class Send:
    """Send now; `messages` is what it takes from the customer-service window."""

    channel: Channel
    messages: int


@dataclass(frozen=True)
class Hold:
    """Not before `until`; `waiting` when a message of the follower's would help sooner."""

    until: datetime
    waiting: bool = False


@dataclass(frozen=True)
class Refuse:
    """Never: `reason` is unfollowed, unreachable, too_late or no_channel."""

    reason: str


def choose_channel(
    reach: Reach, demand: Demand, now: datetime, paused: Mapping[Channel, datetime]
) -> Send | Hold | Refuse:
    """Subscription notice when granted, customer-service message inside window and quota, template message, or wait.

    `paused` says until when an API is not to be called.
    """
    if reach.unfollowed:
        return Refuse("unfollowed")
    if reach.unreachable_code is not None:
        return Refuse("unreachable")
    if demand.useful_for is not None and now > demand.due_at + demand.useful_for:
        return Refuse("too_late")
    awake = reach.last_inbound_at is not None and now - reach.last_inbound_at < AWAKE
    if demand.can_wait and not awake and (morning := next_allowed(now)) > now:
        return Hold(morning)
    resting = {api: until for api, until in paused.items() if until > now}
    usable = _usable(reach, demand, now)
    for send in usable:
        if send.channel.api not in resting:
            return send
    if usable:
        return Hold(min(resting[send.channel.api] for send in usable))
    return Refuse("no_channel") if demand.useful_for is not None else Hold(now + WAIT, waiting=True)


def _usable(reach: Reach, demand: Demand, now: datetime) -> list[Send]:
    found = list[Send]()
    if demand.has_grant:
        found.append(Send(Channel.SUBSCRIPTION, 0))
    if reach.window_until is not None and reach.window_until > now and reach.window_left > 0:
        if demand.channel is Channel.AFTER_PICTURE:
            found.append(Send(Channel.AFTER_PICTURE, 1))
        else:
            picture = demand.has_picture and reach.window_left > 1
            found.append(Send(Channel.CUSTOMER_SERVICE, 2 if picture else 1))
    if demand.has_template:
        found.append(Send(Channel.TEMPLATE, 0))
    return found


class Fate(StrEnum):
    """What a try comes to."""

    ACCEPTED = "accepted"
    RETRY = "retry"  #: it did not leave: once more after a while, at most `MAX_TRIES` times
    LATER = "later"  #: it did not leave, and this does not count as a try
    REPEAT = "repeat"  #: it may have left: once more under the same id
    UNKNOWN = "unknown"  #: it may have left, and is never sent again
    FAILED = "failed"
    DEAD = "dead"


class Mark(StrEnum):
    """What an answer says about the follower."""

    UNFOLLOWED = "unfollowed"
    UNREACHABLE = "unreachable"


class Rest(StrEnum):
    """What is not called for a while after an answer."""

    CIRCUIT = "circuit"  #: the account as a whole: its configuration is wrong (`services.rules.pacing`)
    API_MINUTE = "api_minute"
    API_HOUR = "api_hour"
    API_DAY = "api_day"  #: until midnight in Shanghai, when WeChat counts anew


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """One line of the table below."""

    fate: Fate
    mark: Mark | None = None
    rest: Rest | None = None
    #: The platform says there is no customer-service window, whatever our ledger says.
    closes_window: bool = False
    #: At least so long until the next try.
    delay: timedelta = timedelta(0)


TREATMENTS: Final[Mapping[Reaction, Treatment]] = {
    Reaction.OK: Treatment(fate=Fate.ACCEPTED),
    Reaction.DUPLICATE: Treatment(fate=Fate.ACCEPTED),
    Reaction.RETRY: Treatment(fate=Fate.RETRY),
    Reaction.REFRESH_TOKEN: Treatment(fate=Fate.RETRY),
    Reaction.UPLOAD_AGAIN: Treatment(fate=Fate.RETRY),
    Reaction.TOO_OFTEN: Treatment(fate=Fate.RETRY, delay=timedelta(hours=1)),
    Reaction.CAPABILITY_OFF: Treatment(fate=Fate.RETRY, rest=Rest.API_HOUR),
    Reaction.MISCONFIGURED: Treatment(fate=Fate.LATER, rest=Rest.CIRCUIT),
    Reaction.NO_WINDOW: Treatment(fate=Fate.LATER, closes_window=True),
    Reaction.PAUSE_DAY: Treatment(fate=Fate.LATER, rest=Rest.API_DAY),
    Reaction.PAUSE_MINUTE: Treatment(fate=Fate.LATER, rest=Rest.API_MINUTE),
    Reaction.BAD_OPENID: Treatment(fate=Fate.FAILED, mark=Mark.UNREACHABLE),
    Reaction.BLOCKED: Treatment(fate=Fate.FAILED, mark=Mark.UNREACHABLE),
    Reaction.UNSUBSCRIBED: Treatment(fate=Fate.FAILED, mark=Mark.UNFOLLOWED),
    Reaction.GRANT_GONE: Treatment(fate=Fate.FAILED),
    Reaction.DEAD: Treatment(fate=Fate.DEAD),
    Reaction.TOO_LONG: Treatment(fate=Fate.DEAD),
    Reaction.QUOTA_GONE: Treatment(fate=Fate.DEAD),
    Reaction.UNKNOWN: Treatment(fate=Fate.UNKNOWN),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do after a try."""

    fate: Fate
    delay: timedelta = timedelta(0)
    mark: Mark | None = None
    rest: Rest | None = None
    closes_window: bool = False
    #: The person takes no such subscription notice any more, whatever our ledger says.
    clears_grant: bool = False

    @property
    def left(self) -> bool:
        """The message counts against the window: it left, or may have."""
        return self.fate in (Fate.ACCEPTED, Fate.UNKNOWN, Fate.REPEAT)


def judge(
    reaction: Reaction, channel: Channel, *, tries: int, repeated: bool, tried_for: timedelta, jitter: float
) -> Verdict:
    """What an answer means for a message whose `tries`-th try (from 1) it was.

    `repeated`: a send under the same id may have left before, so it keeps to its channel and id until that is known.
    `tried_for` is the time since the first send under the id; `jitter`, 0 to 1, spreads the next try.
    """
    treatment = TREATMENTS[reaction]
    fate, delay, closes_window = treatment.fate, treatment.delay, treatment.closes_window
    clears_grant = reaction is Reaction.GRANT_GONE and channel is Channel.SUBSCRIPTION
    if clears_grant:
        fate = Fate.LATER
    if closes_window and channel in (Channel.TEMPLATE, Channel.SUBSCRIPTION):
        # No answer that a template message should get; without a window to close it would go in circles.
        fate, closes_window = Fate.RETRY, False
    if repeated and fate in (Fate.RETRY, Fate.LATER):
        fate = Fate.UNKNOWN
    if fate is Fate.RETRY:
        delay = max(delay, _spread(_RETRY_FIRST, _RETRY_FACTOR, tries, jitter))
        fate = Fate.RETRY if tries < MAX_TRIES else Fate.DEAD
    elif fate is Fate.UNKNOWN:
        delay = _spread(_REPEAT_FIRST, _REPEAT_FACTOR, tries, jitter)
        if may_repeat(channel, tries=tries, tried_for=tried_for + delay):
            fate = Fate.REPEAT
    return Verdict(
        fate=fate,
        delay=delay,
        mark=treatment.mark,
        rest=treatment.rest,
        closes_window=closes_window,
        clears_grant=clears_grant,
    )


def may_repeat(channel: Channel | None, *, tries: int, tried_for: timedelta) -> bool:
    """Whether a message that may have left may be sent again: under a template's id only, and not for long."""
    return channel is Channel.TEMPLATE and tries < MAX_TRIES and tried_for <= REPEAT_WITHIN


def rest_until(rest: Rest, now: datetime) -> datetime:
    """When a rest that begins `now` (aware) is over."""
    if rest is Rest.API_DAY:
        tomorrow = now.astimezone(SHANGHAI).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(0), SHANGHAI)
    return now + (timedelta(hours=1) if rest is Rest.API_HOUR else timedelta(minutes=1))


def goes_without_picture(reaction: Reaction, tries: int) -> bool:
    """Whether the text goes alone after the picture before it was answered so: its link shows the same paper.

    A picture that may have left is not sent twice; one that cannot be sent is not tried for ever.
    """
    fate = TREATMENTS[reaction].fate
    if fate is Fate.RETRY:
        return tries > 2
    return fate in (Fate.UNKNOWN, Fate.DEAD) or reaction is Reaction.GRANT_GONE


def fit_text(text: str) -> str:
    """At most `TEXT_LIMIT` bytes of UTF-8, cut between characters and ended with … when it is longer."""
    encoded = text.encode()
    if len(encoded) <= TEXT_LIMIT:
        return text
    return encoded[: TEXT_LIMIT - len("…".encode())].decode(errors="ignore") + "…"


def _spread(first: timedelta, factor: int, tries: int, jitter: float) -> timedelta:
    return first * float(factor ** (tries - 1)) * (0.5 + jitter / 2)

"""Access tokens: the one that /cgi-bin/token renews on each call, and the stable one."""

import secrets
from dataclasses import dataclass, field

from simulator.errors import ApiError

#: Seconds a token lives.
LIFETIME = 7200
#: Seconds for which a replaced token is still taken, and before the end of which the stable one renews.
OVERLAP = 300
FORCED_A_DAY = 20
#: Seconds to keep between two forced renewals.
FORCED_GAP = 30


@dataclass
class Token:
    """One access token, good until `until` (virtual POSIX seconds)."""

    value: str
    until: float


@dataclass
class TokenBook:
    """Every token of one account that was good once; the two kinds do not touch each other."""

    issued: dict[str, Token] = field(default_factory=dict)
    plain: str = ""
    stable: str = ""
    forced_at: float | None = None
    forced_on: str = ""
    forced_count: int = 0

    def renew_plain(self, now: float) -> tuple[str, int]:
        """A new token each time; the one before stays good for five minutes."""
        if (before := self.issued.get(self.plain)) is not None:
            before.until = min(before.until, now + OVERLAP)
        self.plain = self._issue(now)
        return self.plain, LIFETIME

    def current_stable(self, now: float) -> tuple[str, int]:
        """The same token for every caller until its last five minutes; then a new one, both good."""
        current = self.issued.get(self.stable)
        if current is None or current.until - now <= OVERLAP:
            self.stable = self._issue(now)
            return self.stable, LIFETIME
        return self.stable, int(current.until - now)

    def force_stable(self, now: float, day: str) -> tuple[str, int]:
        """A new stable token; the one before is worthless at once.

        Raises:
            ApiError: 45011 within 30 s of the last forced renewal, 45009 after 20 of them in a day.
        """
        if self.forced_at is not None and 0 <= now - self.forced_at < FORCED_GAP:
            raise ApiError(45011, "api minute-quota reach limit  must slower  retry next minute")
        if self.forced_on != day:
            self.forced_on, self.forced_count = day, 0
        if self.forced_count >= FORCED_A_DAY:
            raise ApiError(45009, "reach max api daily quota limit")
        self.forced_count += 1
        self.forced_at = now
        self.issued.pop(self.stable, None)
        self.stable = self._issue(now)
        return self.stable, LIFETIME

    def check(self, value: str, now: float) -> None:
        """Take a token that is good now.

        Raises:
            ApiError: 40001 for one that never was or was replaced, 42001 for one that ran out.
        """
        token = self.issued.get(value)
        if token is None:
            raise ApiError(40001, "invalid credential, access_token is invalid or not latest")
        if token.until <= now:
            raise ApiError(42001, "access_token expired")

    def revoke_all(self) -> None:
        """Make every token worthless, as a reset AppSecret does."""
        self.issued.clear()
        self.plain = self.stable = ""

    def _issue(self, now: float) -> str:
        value = secrets.token_urlsafe(102)
        self.issued[value] = Token(value, now + LIFETIME)
        while len(self.issued) > 64:
            self.issued.pop(next(iter(self.issued)))
        return value

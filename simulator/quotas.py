"""Customer-service windows: what a follower's action allows the account to send, and for how long."""

from dataclasses import dataclass, field

from simulator.errors import ApiError

HOUR = 3600.0


@dataclass(frozen=True)
class WindowRule:
    """How many messages an action opens, and for how many seconds."""

    messages: int
    seconds: float


#: The platform's table, by what the follower did.
WINDOW_RULES: dict[str, WindowRule] = {
    "message": WindowRule(5, 48 * HOUR),
    "menu": WindowRule(3, 60.0),
    "subscribe": WindowRule(3, 60.0),
    "scan": WindowRule(3, 60.0),
}


@dataclass
class Window:
    """One opened window: `left` messages until `until` (virtual POSIX seconds)."""

    left: int
    until: float


@dataclass
class Windows:
    """All windows of one follower, at most one a kind of action; a new action renews its kind."""

    open: dict[str, Window] = field(default_factory=dict)

    def renew(self, kind: str, now: float) -> None:
        """Record an action of `kind` (a key of `WINDOW_RULES`)."""
        rule = WINDOW_RULES[kind]
        self.open[kind] = Window(rule.messages, now + rule.seconds)

    def close(self) -> None:
        """Forget every window: the follower left."""
        self.open.clear()

    def spend(self, now: float) -> None:
        """Use up one message, from the window that ends first.

        Raises:
            ApiError: 45015 when no window is open, 45047 when the open ones are used up.
        """
        alive = [window for window in self.open.values() if window.until > now]
        if not alive:
            raise ApiError(45015, "response out of time limit or subscription is canceled")
        usable = [window for window in alive if window.left > 0]
        if not usable:
            raise ApiError(45047, "out of response count limit")
        min(usable, key=lambda window: window.until).left -= 1

    def report(self, now: float) -> dict[str, dict[str, float | int]]:
        """Each open window: messages left and seconds to go."""
        return {
            kind: {"left": window.left, "seconds": round(window.until - now, 3)}
            for kind, window in self.open.items()
            if window.until > now
        }

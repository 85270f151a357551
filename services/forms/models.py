"""What a form page shows, and what it hands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.rules.eligibility import Unmet
from services.rules.errors import InvalidValueError
from services.rules.tables import Grid
from services.schemes.models import Column, FormField, Scheme


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table."""

    column: Column
    value: str
    error: InvalidValueError | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One question on the page."""

    field: FormField
    #: Fingerprint of the answer that is shown; comes back with what is handed in.
    seen: str
    answered: bool
    #: Need not be answered.
    optional: bool = False
    #: What stands in its place to write: never an answer of a sensitive kind. Of a choice the number of its option.
    value: str = ""
    #: Numbers of the options that are ticked.
    chosen: frozenset[str] = frozenset()
    rows: tuple[Row, ...] = ()
    #: An answer of a sensitive kind, masked.
    masked: str = ""
    #: Why staff sent it back.
    reason: str = ""
    error: InvalidValueError | None = None
    #: What was answered elsewhere since the page was opened, as people read it; what was typed here stands in `value`.
    theirs: str = ""

    @property
    def wrong(self) -> bool:
        """Something has to be done about it before it can be kept."""
        return self.error is not None or bool(self.theirs)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A draft on a page: what is asked for now, what else is open, and what is answered and may be changed."""

    scheme: Scheme
    number: int
    now: tuple[Entry, ...]
    open: tuple[Entry, ...]
    answered: tuple[Entry, ...]
    #: What already stands in the way of an application, whatever is still answered.
    unmet: tuple[Unmet, ...] = ()
    #: Years and counts that are too few for one way to apply.
    short: tuple[Unmet, ...] = ()
    #: It was submitted or given up since the page was opened: nothing can be kept any more.
    closed: bool = False
    #: Labels of what was kept just now.
    kept: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them, in the order of the page."""
        return (*self.now, *self.open, *self.answered)

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """Those that could not be kept."""
        return tuple(entry for entry in self.entries if entry.wrong)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a page hands in, by field key. What is not in it was not on the page."""

    texts: Mapping[str, str] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    #: Of two answers, the one that was given elsewhere is to stay.
    theirs: frozenset[str] = frozenset()

    def typed(self, key: str) -> str | Grid | None:
        """What was typed for this question; None when it was not on the page."""
        return self.grids.get(key, self.texts.get(key))


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What came of it."""

    sheet: Sheet
    #: Everything was kept and the page is closed.
    done: bool

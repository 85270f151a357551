"""The journey as it is told: who said what to whom, in the order in which it happened."""

import sys
from typing import Final, TextIO

#: A message longer than this many lines is told by its beginning.
_LINES: Final = 14
_WIDTH: Final = 8

APPLICANT: Final = "学员"
ACCOUNT: Final = "公众号"
STAFF: Final = "工作人员"
STRANGER: Final = "路人"


class Transcript:
    """Writes the lines to a stream; None keeps silent."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    @classmethod
    def on_stdout(cls) -> "Transcript":
        """For people."""
        return cls(sys.stdout)

    def chapter(self, title: str) -> None:
        """What comes next."""
        self._write(f"\n── {title} " + "─" * max(4, 60 - 2 * len(title)))

    def line(self, who: str, said: str) -> None:
        """`who` said this; further lines stand below the first."""
        lines = said.strip().splitlines() or [""]
        if len(lines) > _LINES:
            rest = len(lines) - _LINES + 1
            lines = [*lines[: _LINES - 1], f"……（还有 {rest} 行）"]
        margin = " " * (_WIDTH + 3)
        head = f"「{who}」" + " " * (_WIDTH + 1 - 2 * len(who) - 2)
        self._write(head + f"\n{margin}".join(lines))

    def note(self, text: str) -> None:
        """What nobody says: time passes, a file is read."""
        self._write(f"           （{text}）")

    def _write(self, text: str) -> None:
        if self._out is not None:
            self._out.write(text + "\n")
            self._out.flush()

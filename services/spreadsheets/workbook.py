"""Opening an xlsx from outside in a process of its own: whatever hides in it, only that process ends.

The library that reads it holds a sheet densely and ends its process when memory runs out, which a file of a few
kilobytes can bring about: one cell in a far corner, one long text that a million cells show. So a child reads it, with
limits on memory, time and what it may give back.
"""

import io
import pickle
import subprocess
import sys
from typing import Final, cast

from python_calamine import CalamineError, CalamineWorkbook

#: Address space of the child. A sheet of two million cells needs half of it.
MEMORY_BYTES: Final = 768 * 1024 * 1024
SECONDS: Final = 30
#: Characters in all cells together: far more than 20,000 rows of a table have.
MAX_CHARACTERS: Final = 30_000_000


class UnreadableWorkbookError(Exception):
    """It is no workbook, it is broken, or it does not stay within the limits."""


def read_first_sheet(content: bytes) -> list[list[object]]:
    """The cells of the first sheet from A1 on, empty ones as "". Blocking: call it in a thread.

    Raises:
        UnreadableWorkbookError: see there.
    """
    try:
        # Isolated: its own folder is not on its path, so nothing of ours is imported by another's name.
        child = subprocess.run(  # noqa: S603 - this very file
            [sys.executable, "-I", __file__], input=content, capture_output=True, timeout=SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise UnreadableWorkbookError from error
    return cast(list[list[object]], pickle.loads(child.stdout))  # noqa: S301 - written by `_child` below


def _child() -> None:
    """In the child: content in at the standard input, rows out at the standard output."""
    _limit_memory()
    content = sys.stdin.buffer.read()
    try:
        with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, ValueError):
        sys.exit(1)
    if sum(len(cell) for row in rows for cell in row if isinstance(cell, str)) > MAX_CHARACTERS:
        sys.exit(1)
    pickle.dump(rows, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _child()

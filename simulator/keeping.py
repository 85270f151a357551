"""Keeping the platform's memory in a folder, so that a demo goes on after a restart."""

import asyncio
import json
import os
from dataclasses import fields, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from simulator.state import PlatformState
from simulator.world import World

_STATE: TypeAdapter[PlatformState] = TypeAdapter(PlatformState)
_FILE = "state.json"
_MEDIA = "media"
#: Seconds between looks at whether there is anything to write.
_INTERVAL = 1.0


class StateFileError(Exception):
    """The state folder holds something this version cannot read; remove it to begin anew."""


def load(folder: Path) -> PlatformState:
    """What an earlier run left; an empty state when there is nothing."""
    file = folder / _FILE
    if not file.exists():
        return PlatformState()
    try:
        state = _STATE.validate_json(file.read_bytes())
    except ValidationError as error:
        raise StateFileError(f"{file} cannot be read: {error.error_count()} errors") from error
    kept = {}
    for media_id, medium in state.media.items():
        path = folder / _MEDIA / media_id
        if path.exists():
            kept[media_id] = replace(medium, data=path.read_bytes())
    state.media = kept
    return state


class Keeper:
    """Writes the state when it changed: new media files first, then the index, each atomically."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._written = b""
        self._media: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write in the background."""
        (self._folder / _MEDIA).mkdir(parents=True, exist_ok=True)
        self._media = {path.name for path in (self._folder / _MEDIA).iterdir()}
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Write what is left and end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.save()

    async def save(self) -> None:
        """Write now, if anything changed."""
        state = self._world.state
        state.clock_offset = self._world.clock.offset
        fresh = {key: medium.data for key, medium in state.media.items() if key not in self._media}
        document = _serialise(state)
        if document != self._written:
            await asyncio.to_thread(self._write, document, fresh)
            self._written = document
            self._media |= fresh.keys()
        for gone in self._media - state.media.keys():
            (self._folder / _MEDIA / gone).unlink(missing_ok=True)
            self._media.discard(gone)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL)
            await self.save()

    def _write(self, document: bytes, media: dict[str, bytes]) -> None:
        for media_id, data in media.items():
            _replace(self._folder / _MEDIA / media_id, data)
        _replace(self._folder / _FILE, document)


def _serialise(state: PlatformState) -> bytes:
    bare = PlatformState(**{field.name: getattr(state, field.name) for field in fields(state)})
    bare.media = {key: replace(medium, data=b"") for key, medium in state.media.items()}
    return json.dumps(_STATE.dump_python(bare, mode="json"), ensure_ascii=False).encode()


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)

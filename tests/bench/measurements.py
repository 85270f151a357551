"""All measurements, each in a database of its own."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from tests.bench import answering, scale
from tests.bench.figures import Figure
from tests.bench.sizes import Sizes
from tests.conftest import copied

#: Gives the address of a fresh database, which is dropped afterwards.
Fresh = Callable[[], AbstractAsyncContextManager[str]]
Measurement = Callable[[Fresh, Path, Sizes], Awaitable[dict[str, Figure]]]


def _in_one(measure: Callable[[str, Path, Sizes], Awaitable[dict[str, Figure]]]) -> Measurement:
    async def measured(fresh: Fresh, folder: Path, sizes: Sizes) -> dict[str, Figure]:
        async with fresh() as database_url:
            return await measure(database_url, folder, sizes)

    return measured


MEASUREMENTS: Final[Mapping[str, Measurement]] = {
    "callbacks": _in_one(answering.measure),
    "sends": scale.measure,
}


async def measure(
    cluster_url: str, template: str, folder: Path, sizes: Sizes, names: Iterable[str] = tuple(MEASUREMENTS)
) -> dict[str, Figure]:
    """Those of MEASUREMENTS that are named; `template` is a migrated, empty database of the cluster."""
    found: dict[str, Figure] = {}
    for name in names:
        found |= await MEASUREMENTS[name](lambda: copied(cluster_url, template), folder, sizes)
    return found

"""All measurements, each in a database of its own."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.bench import answering
from tests.bench.figures import Figure
from tests.bench.sizes import Sizes
from tests.conftest import copied

#: (address of a fresh database, a folder, sizes) → figures by name.
Measurement = Callable[[str, Path, Sizes], Awaitable[dict[str, Figure]]]

MEASUREMENTS: Final[Mapping[str, Measurement]] = {"callbacks": answering.measure}


async def measure(
    cluster_url: str, template: str, folder: Path, sizes: Sizes, names: Iterable[str] = tuple(MEASUREMENTS)
) -> dict[str, Figure]:
    """Those of MEASUREMENTS that are named; `template` is a migrated, empty database of the cluster."""
    found: dict[str, Figure] = {}
    for name in names:
        async with copied(cluster_url, template) as url:
            found |= await MEASUREMENTS[name](url, folder, sizes)
    return found

"""An installation for each story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path) as made:
        yield made

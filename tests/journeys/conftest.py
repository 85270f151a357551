"""An installation for each story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation
from tests.journeys.console import Console, sign_in


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def desk(site: Installation) -> AsyncIterator[Console]:
    """The association's officer at their desk."""
    officer = await site.officer()
    assert officer.organisation_id is not None
    async with sign_in(site, officer.organisation_id) as console:
        yield console

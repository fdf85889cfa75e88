from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories import make_shop


@pytest.fixture
def shops(session: Session) -> None:
    """As the settings name them: TB is 1, JD 2."""
    make_shop(session, id=1, slug="tb")
    make_shop(session, id=2, slug="jd", platform="jd", prefix="JD", name="青禾京东店")

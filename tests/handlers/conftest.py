from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, hire_all


@pytest.fixture
def cast(session: Session) -> Cast:
    return hire_all(session)

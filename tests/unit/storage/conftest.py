import pytest

from tests.support.busy import Busy
from townos.testing.space import FakeDisk


@pytest.fixture
def busy() -> Busy:
    """No volume that an operation works on, at first."""
    return Busy()


@pytest.fixture
def disk() -> FakeDisk:
    """A disk with plenty of space."""
    return FakeDisk()

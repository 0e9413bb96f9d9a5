"""What holds for all tests of the pages."""

from collections.abc import Iterator
from functools import partial

import pytest
from argon2 import PasswordHasher

from monitor.accounts import passwords


@pytest.fixture(scope="package", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes that cost little: that they are dear by design is tested in tests/monitor/accounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
        )
        passwords._of_nobody.cache_clear()
        yield
    passwords._of_nobody.cache_clear()

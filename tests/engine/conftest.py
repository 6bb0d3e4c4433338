"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", params=["scalars", "arrays"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every network is trained by this engine, whatever would be quicker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "backprop_tui.engine.generated.quicker_engine.scalars_are_quicker",
            lambda network: request.param == "scalars",
        )
        yield request.param

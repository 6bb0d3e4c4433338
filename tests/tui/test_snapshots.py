"""Every scene looks as it did when it was last looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.scenes import SCENES, Scene, play


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(scene: Scene, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(scene.app(), run_before=partial(play, scene), terminal_size=scene.size)

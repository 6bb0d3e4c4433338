"""Every scene looks as it did when it was last looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenes import SCENES, Scene


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(scene: Scene, snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(scene.app(), press=scene.keys, terminal_size=scene.size)

"""A file that a test writes."""

import pytest

from tests.cli.commands import GOOD


@pytest.fixture
def file(tmp_path):
    def written(content=GOOD, name="network.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written

"""Commands as a person gives them, in this process or from a shell, and a network file that is right."""

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from backprop_tui.cli.main import main

GOOD = """
[network]
inputs = 2

[[network.layers]]
units = 2
activation = "tanh"
weights = [[0.1, 0.2], [0.3, 0.4]]

[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.5, -0.5]]

[training.optimizer]
learning_rate = 0.5

[data]
inputs = [[0.0, 1.0], [1.0, 0.0]]
targets = [[1.0], [0.0]]
"""


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def command(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "backprop_tui", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )


def json_lines(text):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]

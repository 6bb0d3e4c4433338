"""A network file written by hand, and the table of a session in it."""

from __future__ import annotations

from typing import Any

from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import parse

LESSON = """
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

[training]
batch_size = 1

[training.optimizer]
learning_rate = 0.5

[data]
inputs = [[0.0, 1.0], [1.0, 0.0]]
targets = [[1.0], [0.0]]

[session]
version = 1
position = "12:5"
latest = "30:66"
watches = ["dL_do", "loss * 2"]
"""
"""Written by hand."""
STEPS = 2 * (2 * 3 + 1 + (3 + 3) + 2 * (3 + 3) + 9)
"""Two examples a batch of one: z and a of 3 units; L; dL/da, da/dz, delta of the output, its 2 weights and
bias; the same of 2 hidden units; 9 updates."""

TABLE: dict[str, Any] = {
    "version": 1,
    "position": "12:5",
    "latest": f"30:{STEPS}",
    "edits": [
        {"at": "3:5", "set": "w_h1_x2", "to": 0.5},
        {"at": "1:0", "set": "b_o", "to": -1},
        {"at": "2:40", "set": "x2", "to": 2.5, "example": 1},
        {"at": "2:40", "set": "y", "to": 0.25, "example": 0},
        {"at": "0:0", "set": "learning_rate", "to": 0.0},
    ],
    "breakpoints": [
        {"on": "loss < 0.01", "enabled": False, "hits": 3},
        {"on": "dL_dw_o_h1", "enabled": True, "hits": 0},
        {"on": "phase backward"},
    ],
    "watches": ["dL_dw_h1_x1", "abs(z_o) + 1"],
    "look": {"digits": "all", "log_scale": True, "lower": "values", "speed": -3},
}


def lesson():
    return build({key: value for key, value in parse(LESSON).items() if key != "session"})

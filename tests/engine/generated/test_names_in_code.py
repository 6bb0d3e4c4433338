"""Names in generated code: a file's names change no number, and none can smuggle code in."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import documents

from backprop_tui.network.files.build import build
from tests.engine.generated.both_engines import (
    assert_same_bits,
    trainer,
)

NAMES = ["losses", "batch", "t", "t1", "seen", "__debug__", "state", "len", "exp", "math", "ﬁ", "fi", "²x"]


@given(documents(layers=2, units=3), st.permutations(NAMES), st.sampled_from(["inputs", "units", "weights"]))
@settings(max_examples=40)
def test_a_files_names_change_no_number(document, names, what):
    plain_network = build(document)
    network, layers = document["network"], document["network"]["layers"]
    if what == "inputs":
        network["inputs"] = names[: network["inputs"]]
    elif what == "units":
        layers[0]["units"] = names[: layers[0]["units"]]
    else:
        rows = layers[0]["weights"]
        wide = [f"{name}{number}"[-16:] for name in names for number in (5, 6)]
        layers[0]["weight_names"] = [[wide.pop() for _ in row] for row in rows]
    try:
        named = build(document)
    except ValueError:  # a name that the debugger itself refuses
        return
    results = [trainer(one, "scalars") for one in (named, plain_network)]
    (one, first), (other, second) = (subject.advance(subject.initial_state(), 0, 4) for subject in results)
    np.testing.assert_array_equal(first, second)
    assert_same_bits(one, other)


def test_no_name_can_smuggle_code_in():
    """Names that no file may have, given in Python: each becomes an identifier and nothing more."""
    from backprop_tui.engine.generated.scalar_text import scalar_text

    evil = [
        "x = exit()",
        "x\nraise SystemExit",
        "import os;",
        '"""',
        "lambda: 0",
        "",
        "a.b",
        "x#",
        "None",
        "é²",
    ]
    layer = {"units": 1, "activation": "tanh", "weights": [[0.1] * len(evil)]}
    data = {"inputs": [[1.0] * len(evil)], "targets": [[1.0]]}
    plain_network = build({"network": {"inputs": len(evil), "layers": [layer]}, "data": data})
    network = replace(plain_network, input_names=tuple(evil))
    for name in scalar_text(network).inputs:
        assert name.isidentifier()
    results = [trainer(one, "scalars") for one in (network, plain_network)]
    (_, first), (_, second) = (subject.advance(subject.initial_state(), 0, 3) for subject in results)
    assert first == second

"""What a person may type as a number: arithmetic of numbers, and nothing else."""

from math import exp

import pytest

from backprop_tui.history.run import Run
from backprop_tui.lessons.typed import TypedError, number_typed
from backprop_tui.network.files.library import find

RUN = Run(find())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.35", 0.35),
        (".35", 0.35),
        ("+0.35", 0.35),
        ("-0.35", -0.35),
        ("−0.35", -0.35),
        ("−4.6e-2", -0.046),
        ("4.6e−2", 0.046),
        (" 1E3 ", 1000.0),
        ("−0.3558*0.2292·0.5622", -0.3558 * 0.2292 * 0.5622),
        ("0.5 × (1 − 0.5)", 0.25),
        ("−0.2+0.3", -0.2 + 0.3),
        ("(1-0.64)^2/2", (1 - 0.64) ** 2 / 2),
        ("1/(1 + exp(−0.25))", 1 / (1 + exp(-0.25))),
    ],
)
def test_arithmetic(text, value):
    assert number_typed(text, RUN) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a number such as"),
        ("−", "a number such as"),
        ("0,35", "write 0.35 with a point"),
        ("0,5*0,25", r"write 0\.5\*0\.25 with a point"),
        ("0,35 +", "write 0.35 with a point"),
        ("dL_dw2", "numbers only"),
        ("dL/dw2", "numbers only"),
        ("a_h*0.5", "numbers only"),
        ("epoch", "numbers only"),
        ("w3", "nothing is called w3"),
        ("__import__('os')", "a number such as"),
        ("(1).real", "a number such as"),
        ("previous(3)", "a number such as"),
        ("1 < 2", "finite"),
        ("1/0", "finite"),
        ("1e999", "finite"),
        ("0/0", "finite"),
        ("9**9**9", "finite"),
        ("1+" * 999 + "1", "longer than"),
        ("(" * 60 + "1" + ")" * 60, "nested"),
    ],
)
def test_what_is_no_number_is_refused(text, said):
    with pytest.raises(TypedError, match="(?s)" + said):
        number_typed(text, RUN)

"""What the introduction to generated code shows is so."""

import doctest

from backprop_tui.engine import generated


def test_the_introduction_shows_what_happens():
    outcome = doctest.testmod(generated)
    assert outcome.attempted >= 9
    assert outcome.failed == 0

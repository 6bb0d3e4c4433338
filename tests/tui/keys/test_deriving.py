"""The derivation of a slope: enter unfolds it, enter again goes on, escape folds it."""

import pytest

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from tests.tui.keys.seen import LARGE, SMALL, debugger, opened, position, rows, text


async def test_enter_derives_the_slope_that_has_just_run_and_then_goes_on():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "f", "s", "s")
        assert position(app) == "0:7"
        folded = text(app, "chain")
        assert "enter: derive it, then why ‹a_o›" in folded
        await opened(pilot, "enter")
        assert position(app) == "0:7", "it stays where it is"
        first, *others = rows(app, "chain")
        assert first.strip().startswith("enter: on to ‹a_o›  escape: fold")
        assert any("a_o = 1/(1 + e^(−z_o))" in row for row in others)
        await opened(pilot, "enter")
        assert position(app) == "0:4", "where its first term, a_o, was computed"
        await opened(pilot, "backspace")
        assert text(app, "chain") == folded, "coming back, it is folded"


async def test_the_derivation_ends_with_the_units_numbers_and_can_be_scrolled_through():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, *("f", "b", "S", "S", "S"), "3", "enter")
        assert position(app) == "0:12"
        seen = set()
        for _ in range(40):
            seen |= {row.strip() for row in rows(app, "chain")}
            await opened(pilot, "down")
        assert {"= (1 + e^(−z_h))^(−1)", "= 0.5622·(1 − 0.5622)", "= 0.2461"} <= seen
        await opened(pilot, "z")
        zoomed = text(app, "chain")
        for line in debugger(app).view.explanation.derivation:
            assert line.right in zoomed
            assert line.why in zoomed
        assert "= 0.5622·(1 − 0.5622)" in zoomed
        await opened(pilot, "escape")
        assert "derive it" in text(app, "chain"), "folded, and still over the whole screen"
        assert debugger(app).query_one("#chain").size.height > 15
        await opened(pilot, "escape")
        assert debugger(app).query_one("#chain").size.height < 15


async def test_escape_folds_it_and_moving_does():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "f", "s", "s")
        folded = text(app, "chain")
        await opened(pilot, "enter", "escape")
        assert text(app, "chain") == folded
        await opened(pilot, "enter", "s", "S")
        assert text(app, "chain") == folded


async def test_enter_derives_what_is_selected_in_the_listing_and_then_goes_there():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "b", "2", "up", "up", "up")
        view = debugger(app).view
        assert view.cursor.quantity.kind is Kind.ACTIVATION_DERIVATIVE
        await opened(pilot, "enter")
        assert position(app) == "0:15"
        assert "chain rule: the power" in text(app, "chain")
        await opened(pilot, "escape")
        assert debugger(app).view.cursor is not None, "still pointed at"
        assert "derive it" in text(app, "chain")
        await opened(pilot, "enter", "enter")
        assert position(app) == "0:12"
        assert "chain rule: the power" in text(app, "chain"), "it stays unfolded on the way to it"
        await opened(pilot, "enter")
        assert position(app) == "0:2", "where its first term, a_h, was computed"


async def test_a_chosen_term_is_gone_to_at_once():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "b", "3", "enter")
        assert position(app) == "0:13", "from a gradient enter goes to its first term, as ever"
        await opened(pilot, "right", "enter")
        assert position(app) == "0:12", "and from an error signal to the slope that was chosen"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_network_of_ten_layers_can_be_read_row_by_row_in_its_pane(size):
    app = BackpropApp(find("vanishing"))
    async with app.run_test(size=size) as pilot:
        await opened(pilot, "b", "3")
        factors = debugger(app).view.explanation.chain.paths[0].factors
        assert len(factors) == 17
        assert "⋮" in text(app, "chain")
        assert "will go up." in text(app, "chain")
        seen = ""
        for _ in range(30):
            seen += text(app, "chain")
            await opened(pilot, "down")
        assert all(factor.symbol in seen for factor in factors)


async def test_the_frame_says_what_to_press_until_the_first_update_is_over():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        pane = debugger(app).query_one("#chain")
        said = []
        for key in ("", "f", "b", "S", "s", "u", "e"):
            if key:
                await opened(pilot, key)
            said.append(str(pane.border_subtitle or ""))
        assert said == [
            "",
            "next b: send the error back",
            "next u: update the weights",
            "next s: take it again",
            "next u: update the weights",
            "next e: a whole epoch",
            "",
        ]

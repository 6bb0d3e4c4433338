"""Themes: every tone can be read, and what has to be told apart stays apart for the eyes a theme is for."""

import pytest
from colour_vision import MACHADO, apart, ciede2000, contrast, luminance, rgb, seen
from rich.color import ColorType
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.colours.contrast import readable
from backprop_tui.tui.colours.themes import GROUNDS, OURS, domain_colours, names
from backprop_tui.tui.colours.tone_styles import LOOKS, style_of
from backprop_tui.tui.pictures.rows import MINUS, PLUS, Tone
from backprop_tui.tui.settings import Settings

UNKNOWN = {name for name, theme in BUILTIN_THEMES.items() if theme.ansi}
"""Themes of the terminal's own colours."""
MEASURED = [name for name in names() if name not in UNKNOWN]
STROKES = {Tone.FAINT}
"""Tones of lines, never of text; WCAG 1.4.11 asks 3 of what is no text."""
EYES = {
    "backprop-dark": (),
    "backprop-light": (),
    "backprop-red-green": ("protanopia", "deuteranopia"),
    "backprop-blue-yellow": ("tritanopia",),
    "backprop-projector": ("protanopia", "deuteranopia", "tritanopia"),
}
"""The eyes that a theme of ours is for, other than those that see every hue."""
TOLD_APART = (
    (Tone.POSITIVE, Tone.NEGATIVE),
    (Tone.TEXT, Tone.STALE),
    (Tone.TEXT, Tone.MUTED),
    # the four runs of a comparison, and the phases
    (Tone.LOSS, Tone.FORWARD),
    (Tone.LOSS, Tone.BACKWARD),
    (Tone.LOSS, Tone.UPDATE),
    (Tone.FORWARD, Tone.BACKWARD),
    (Tone.FORWARD, Tone.UPDATE),
    (Tone.BACKWARD, Tone.UPDATE),
    # what is reused, and marks, in the middle of the rest
    (Tone.REUSED, Tone.TEXT),
    (Tone.REUSED, Tone.BACKWARD),
    (Tone.REUSED, Tone.MUTED),
    (Tone.WARNING, Tone.TEXT),
    (Tone.WARNING, Tone.MUTED),
    (Tone.POSITIVE, Tone.FAINT),
    (Tone.NEGATIVE, Tone.FAINT),
    *zip(PLUS, MINUS, strict=True),
)
APART = 10.0
"""CIEDE2000; about 2 can just be told side by side."""


def variables(name):
    """What the app has for a theme, as the styles of tones take it."""
    app = BackpropApp(find(), name)
    return app.get_css_variables()


def colours(tone, theme, ground):
    """Text and ground of a tone over one of the theme's grounds, from 0 to 255."""
    style = style_of(tone, theme, Color.parse(theme[ground]))
    return tuple(style.color.triplet), tuple(style.bgcolor.triplet)


def test_contrast_and_difference_are_those_that_were_published():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(
        4.48, abs=0.005
    )  # the well-known near miss
    assert luminance((255, 0, 0)) == pytest.approx(0.2126)
    for one, other, difference in (  # Sharma, Wu and Dalal 2005, table 1
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ):
        assert ciede2000(one, other) == pytest.approx(difference, abs=5e-5)


@pytest.mark.parametrize("deficiency", MACHADO)
def test_greys_look_the_same_to_everybody(deficiency):
    for grey in (0, 64, 128, 255):
        assert seen((grey, grey, grey), deficiency) == pytest.approx([grey] * 3, abs=0.6)


def test_the_hues_that_give_deficiencies_their_names_are_confused():
    """A red and a green of one luminance are far apart for most, and near for those who confuse them."""
    red, green = (190, 90, 60), (110, 125, 60)
    assert apart(red, green) > 35
    assert apart(seen(red, "deuteranopia"), seen(green, "deuteranopia")) < 12
    assert apart(seen(red, "tritanopia"), seen(green, "tritanopia")) > 30


@pytest.mark.parametrize("name", MEASURED)
def test_every_tone_can_be_read(name):
    theme = variables(name)
    for ground in GROUNDS:
        for tone in LOOKS:
            least = 3.0 if tone in STROKES else 4.5
            if tone in STROKES and ground == "panel":
                continue  # the bars have no lines
            assert contrast(*colours(tone, theme, ground)) >= least, (tone, ground)


@pytest.mark.parametrize("name", MEASURED)
def test_what_the_style_sheet_sets_can_be_read(name):
    theme = variables(name)
    for text in ("key", "muted", "wrong", "ink"):
        for ground in ("background", "surface"):
            assert contrast(rgb(hex_of(theme[text], theme)), rgb(hex_of(theme[ground], theme))) >= 4.5, text


def hex_of(value, theme):
    name, _, share = value.partition(" ")
    colour = Color.parse(name)
    if share:
        colour = Color.parse(theme["background"]) + colour.multiply_alpha(
            float(share.removesuffix("%")) / 100
        )
    return colour.hex6


def test_on_the_projector_contrast_is_that_of_level_aaa():
    theme = variables("backprop-projector")
    for ground in GROUNDS:
        for tone in set(LOOKS) - STROKES:
            assert contrast(*colours(tone, theme, ground)) >= 7.0, (tone, ground)
            assert style_of(tone, theme, Color.parse(theme[ground])).bold


@pytest.mark.parametrize(
    ("name", "eyes"), [(name, kind) for name, kinds in EYES.items() for kind in ("all hues", *kinds)]
)
def test_what_has_to_be_told_apart_is_far_apart(name, eyes):
    theme = variables(name)
    for one, other in TOLD_APART:
        (text, ground), (other_text, other_ground) = (
            colours(tone, theme, "background") for tone in (one, other)
        )
        pairs = ((text, other_text), (ground, other_ground))
        look = (lambda colour: colour) if eyes == "all hues" else (lambda colour: seen(colour, eyes))
        least = 8.0 if one in PLUS[:1] else APART  # the faintest cells are next to nothing, by meaning
        assert max(apart(look(a), look(b)) for a, b in pairs) >= least, (one, other)


def test_every_theme_of_ours_is_for_some_eyes_and_has_the_same_colours():
    assert set(EYES) == {theme.name for theme in OURS}
    own = [set(theme.variables) - {"reused-ground", "weight"} for theme in OURS]
    assert all(one == own[0] for one in own)


def test_a_readable_colour_stays_and_another_moves_no_further_than_needed():
    white, grey = Color.parse("#ffffff"), Color.parse("#767676")
    assert readable(grey, [white]) == grey
    moved = readable(Color.parse("#ff8080"), [white])
    assert contrast(moved.rgb, white.rgb) == pytest.approx(4.5, abs=0.35)
    assert contrast(moved.rgb, white.rgb) >= 4.5


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_in_the_terminals_own_colours_the_current_statement_is_black_on_light_or_white_on_dark(name):
    """Whatever the terminal's default is: red, blue and magenta are dark everywhere, the others light."""
    theme = variables(name)
    style = style_of(Tone.NOW, theme, Color.parse(theme["background"]))
    assert style.color.number == (15 if style.bgcolor.number in (1, 4, 5) else 0)


@pytest.mark.parametrize("name", sorted(UNKNOWN))
async def test_what_begins_in_the_terminals_own_colours_is_sent_in_them(name):
    """Set in a file or chosen later: no colour is mixed here, and none of the sixteen is made another."""
    begun, chosen = BackpropApp(find(), name), BackpropApp(find())
    seen = []
    for app in (begun, chosen):
        async with app.run_test(size=(80, 24)) as pilot:
            app.theme = name
            await pilot.press("f", "b")
            await pilot.pause()
            segments = [one for strip in app.screen._compositor.render_strips() for one in strip]
            assert all(
                colour is None or colour.type in (ColorType.DEFAULT, ColorType.STANDARD)
                for one in segments
                for colour in (one.style.color, one.style.bgcolor)
            )
            seen.append([(one.text, one.style.color, one.style.bgcolor) for one in segments])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", sorted(UNKNOWN))
def test_in_the_terminals_own_colours_a_heat_map_lets_its_shades_be_seen(name):
    """They cannot be mixed, so that size is told by ░▒▓█ and strokes: ink on the terminal's ground."""
    theme = variables(name)
    ground = Color.parse(theme["background"])
    for tone in (*PLUS, *MINUS, Tone.NONE):
        style = style_of(tone, theme, ground)
        assert style.bgcolor.is_default
        assert style.color != style.bgcolor or tone is Tone.NONE


def test_a_theme_of_the_terminals_own_colours_is_left_as_it_is():
    assert UNKNOWN
    for name in UNKNOWN:
        assert (
            domain_colours(BUILTIN_THEMES[name])["key"]
            == BUILTIN_THEMES[name].to_color_system().generate()["primary"]
        )


async def test_a_theme_is_chosen_by_its_name_and_t_goes_between_light_and_dark():
    app = BackpropApp(find())
    async with app.run_test() as pilot:
        desk = app._debugger.desk
        desk.looking.show_theme("backprop-red-green")
        assert app.theme == "backprop-red-green"
        await pilot.press("t")
        assert app.theme == "backprop-light"
        await pilot.press("t")
        assert app.theme == "backprop-red-green"
        await pilot.press("colon", *"theme", "space", *"backprop", "minus", *"pr", "tab", "enter")
        assert app.theme == "backprop-projector"
        await pilot.press("t")
        assert app.theme == "backprop-red-green"
        with pytest.raises(ValueError, match=r"no theme nrd \(did you mean nord\?\)"):
            desk.looking.show_theme("nrd")


async def test_t_goes_back_to_the_theme_that_is_set():
    app = BackpropApp(find(), settings=Settings(theme="backprop-projector"))
    async with app.run_test() as pilot:
        await pilot.press("t", "t")
        assert app.theme == "backprop-projector"

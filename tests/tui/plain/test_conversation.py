"""The debugger in lines: the article's figures, every command, and nothing that a person types ends it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.network.files.library import find, names
from backprop_tui.session import stopping
from backprop_tui.session.look import PLAIN
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.keymap import SHIPPED, keymap
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.plain.conversation import Conversation
from backprop_tui.tui.plain.typed import typed
from backprop_tui.tui.settings import Settings


def held(*lines, network=None, own=Settings(), **start):  # noqa: B008 (frozen)
    """What is printed, and the session in the end."""
    printed, waiting = [], list(lines)

    def read(prompt):
        return printed.append(prompt + waiting[0]) or waiting.pop(0) if waiting else None

    conversation = Conversation(Session(find(network)), own, read=read, show=printed.append)
    session, status = conversation.hold(start.get("travel_to", 0), PLAIN, False, start.get("taught"))
    assert status == 0
    return "\n".join(printed), session


def after(text, line):
    """What was printed after a line was typed, up to the next prompt."""
    return re.split(r"\n\d+:\d+> ", text.split(f"> {line}\n", 1)[1])[0]


def test_a_pass_is_told_statement_by_statement_with_the_published_figures():
    text, session = held("f", "b")
    assert after(text, "f").split("\n")[1:5] == [
        "1  z_h = w1·x + b1 = 0.3000·0.5000 + 0.1000 = 0.2500",
        "2  a_h = sigmoid(z_h) = sigmoid(0.2500) = 0.5622",
        "3  z_o = w2·a_h + b2 = 0.7000·0.5622 + 0.2000 = 0.5935",
        "4  a_o = sigmoid(z_o) = sigmoid(0.5935) = 0.6442",
    ]
    assert "5  L = ½(y − a_o)² = ½(1.0000 − 0.6442)² = 0.0633" in after(text, "f")
    for name, value in (("dL/dz_o", "−0.0816"), ("dL/dw2", "−0.0459"), ("dL/dw1", "−0.0070")):
        assert re.search(rf"^\d+  {name} = .* = {value}$", after(text, "b"), re.MULTILINE)
    assert session.position == "0:15"


def test_the_five_factors_are_named_with_what_is_reused():
    text, _ = held("f b S", "3")
    told = after(text, "3")
    assert "chain rule: dL/dw1 = dL/da_o·da_o/dz_o·dz_o/da_h·da_h/dz_h·dz_h/dw1" in told
    assert [line.split(" = ")[-1] for line in told.split("\n") if line.startswith("  factor")] == [
        "−0.3558, reused",
        "0.2292, reused",
        "0.7000",
        "0.2461",
        "0.5000",
    ]


def test_an_empty_line_repeats_the_last_move():
    _, session = held("s", "", "")
    assert session.position == "0:3"
    _, session = held("e", "d", "", "E", "")
    assert session.time == 0


def test_values_are_set_and_taken_back():
    text, session = held("set w1 0.5", "=", "x 1", "s", "ctrl+z", "1")
    assert "✎ w1 = 0.5000" in text
    assert "= 0.5000·1.0000 + 0.1000 = 0.6000" in after(text, "s")
    assert [edit.value for edit in session.edits] == [0.5]


def test_a_question_is_asked_again_until_it_is_answered_or_given_up():
    text, session = held("g", "nowhere", "3:2", "g", "", "s")
    assert "'nowhere' is no position" in text
    assert session.position == "3:3"


def test_what_is_no_command_is_refused_with_the_nearest():
    text, session = held("qiut", "brek loss", "foo", "zz")
    assert "No such command: qiut (did you mean quit?)" in text
    assert "did you mean break?" in text
    assert session.time == 0


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("g 12", "goto 12"),
        (":g 12", "goto 12"),
        ("g 3", "goto 3"),
        ("r 2", "run 2"),
        ("r 30", "run 30"),
        ("X loss < 0.01", "break-if loss < 0.01"),
        ("x unit h", "break unit h"),
        ("w 1/0", "watch 1/0"),
        ("w dL_dw1", "watch dL_dw1"),
        ("/ dL", "search dL"),
        ("i boundary", "picture boundary"),
        (":i slice", "picture slice"),
        ("d 4", "digits 4"),
        ("d all", "digits all"),
        ("= w1 5", "set w1 5"),
        ("a learning_rate=5", "compare learning_rate=5"),
        ("~ b", "other-run b"),
        ("~ c", "other-run c"),
        ("o xor", "open xor"),
        ("v 0:5", "changes 0:5"),
        ("H off", "lesson off"),
        ("ctrl+s mine.toml", "save mine.toml"),
        ("ctrl+e work.md epoch", "export work.md epoch"),
        ("t nord", "theme nord"),
        (":q", "quit"),
        ("f b g 200", "forward, backward, goto 200"),
        ("x c", "break, continue"),
        ("w 5", "watch, loss-pane"),
        ("f b S", "forward, backward, step-back"),
        ("f b brek loss", "brek loss"),
        ("break loss < 1", "break loss < 1"),
        (": ", "command"),
    ],
)
def test_a_key_takes_an_argument_as_its_commands_name_does(line, named):
    assert ", ".join(f"{name} {argument}".strip() for name, argument in typed(line, SHIPPED)) == named


def test_the_keys_that_a_person_chose_take_arguments():
    own = keymap({"goto": ("J",), "search": ()})
    assert [*typed("J 200", own)] == [("goto", "200")]
    assert [*typed(":J 200", own)] == [("goto", "200")]
    _, session = held("J 200", own=Settings(keys={"goto": ("J",)}))
    assert session.position == "199:19"


def test_a_command_line_that_was_asked_for_takes_keys_as_well():
    text, session = held(":", "g 12", ":", "q", "s")
    assert "command> g 12" in text
    assert session.position == "11:19"


def test_what_is_watched_is_answered():
    text, _ = held("watch dL_dw1", "watch dL_dw1", "f b", "w 1/0", "w", "w")
    first, _, again = text.partition("watch dL_dw1\n")[2].partition("watch dL_dw1\n")
    assert first.startswith("watch dL/dw1 = –")
    assert again.startswith("dL/dw1 is watched already")
    assert "watch 1/0 = inf" in after(text, "w 1/0")
    assert "watch dL/db1 = −0.0141" in text
    assert text.endswith("no watch on dL/db1")


def test_what_is_not_there_is_told_each_time_and_by_what_was_typed():
    text, _ = held("search 37", "search 37", "run -3", "run 2:5", "theme nord", "t nope")
    assert text.count('no statement matches "37"') == 2
    assert "'-3' is no number of epochs to run: try run 1000" in text
    assert "'2:5' is no number of epochs" in text
    assert text.count("themes are of the screen; there are no colours here") == 2


@pytest.mark.parametrize("word", ["q", "quit", "escape", ":q", ""])
def test_a_question_is_told_from_a_command_and_is_left_by_the_words_that_leave(word):
    lines = ("break loss < 0.05", "watch loss", "m", word, "s", "g", word, "s", "p", "s", word, "p")
    text, session = held(*lines)
    assert re.search(rf"^number> {word}$", text, re.MULTILINE)
    assert re.search(rf"^goto> {word}$", text, re.MULTILINE)
    assert re.search(rf"^answer> {word}$", text, re.MULTILINE)
    assert "It is 0.5935; not scored." in text
    assert (len(session.breakpoints), session.watches, session.position) == (1, ["loss"], "0:3")


def test_predictions_are_asked_and_judged():
    text, session = held("p", "s", "+", "0.25", "s", "-0.9", "s", "", "p", network=None)
    assert "Right: it is 0.2500." in text
    assert "You said −0.9; it is 0.5622." in text
    assert "It is 0.5935; not scored." in text
    assert "predicted 1/2" in text
    assert session.position == "0:3"


def test_breakpoints_watches_and_values_are_listed_and_taken_away():
    text, session = held(":break loss < 0.05", "watch dL_dw1", "c", "m", "off 1", "9", "2", "", "m", "1", "")
    assert "■ loss < 0.05" in text
    assert "watch dL/dw1 = " in after(text, "c")
    assert "a number from 1 to 2, or off and a number; found 9" in text
    assert not session.watches
    assert not session.breakpoints


def test_a_lesson_is_read_page_by_page_and_answered():
    text, _ = held("]", "]", "A", "-6", "[", "lesson off", "]")
    assert "page 1 of" in after(text, "]")
    assert "−6: right." in after(text, "-6")
    assert "lesson closed" in text


def test_a_run_beside_is_told_and_taken():
    text, session = held("compare learning_rate=5", "e", "~", "4")
    assert "b (learning_rate=5) loss" in after(text, "e")
    assert "debugging b" in after(text, "~")
    assert session.comparing.debugged.name == "b"
    assert session.value("learning_rate") == 5.0


@pytest.mark.parametrize("network", names())
def test_every_pane_and_picture_of_every_network_is_said(network):
    lines = ["fb", "1", "2", "3", "4", "5", "z"]
    lines += [
        line for name in ("flow", "activation", "slice", "weights") for line in (f"picture {name}", "z")
    ]
    text, _ = held(*lines, network=network)
    assert "<" not in after(text, "1")
    names = Session(find(network)).names
    assert after(text, "1").split("\n")[1].startswith("layer 0, input")
    assert "here: " in after(text, "2")
    assert after(text, "3").startswith("dL/d")
    assert f"{names.unit(0, 0)}, a " in after(text, "4")
    for name in ("flow", "activation", "slice", "weights"):
        assert len(after(text, f"picture {name}").split("\n")[1]) > 10


def test_long_moves_and_panes_are_told_short():
    text, _ = held("goto 50", "4", "z", network="digits")
    assert len(after(text, "goto 50").split("\n")) < 6
    assert re.search(r"… [\d,]+ lines more: z says all", after(text, "4"))
    assert len(after(text, "z").split("\n")) > 2000


def test_a_persons_own_digits_and_keys_hold():
    text, session = held("j", "s", own=Settings(digits=6, keys={"step": ("j",)}))
    assert "= 0.250000" in after(text, "j")
    assert session.position == "0:1"
    assert "enter: j runs the next statement" in text


def test_every_command_has_a_line_in_the_help():
    text, _ = held("?")
    assert all(f", {command.name}: " in text for command in COMMANDS)


WORDS = st.one_of(
    st.sampled_from(
        [key for command in COMMANDS for key in command.keys if command.name not in ("save", "run")]
    ),
    st.sampled_from(
        ["", "0.5", "-1", "loss < 1", "w1 3", "+3", "xor", "off 1", "1", "set w1", "break a_h", "!"]
    ),
    st.text(max_size=12).filter(lambda text: "save" not in text),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=25), st.sampled_from(["worked-example", "xor", "dead-relu", "softmax"]))
def test_whatever_is_typed_it_goes_on_and_its_numbers_are_those_of_a_fresh_session(lines, network):
    lines = [line.replace("\n", " ").replace("r", "s") for line in lines]
    text, session = held(*lines, "", "escape", network=network)
    fresh = Session(session.comparing.home.network)
    if not (session.edits or session.comparing.open):
        fresh.jump(session.time)
        assert fresh.position == session.position
        if session.time:
            assert fresh.explain().value == session.explain().value
    assert "Traceback" not in text


@given(st.text(max_size=20))
def test_a_line_means_keys_or_one_command(line):
    found = list(typed(line, SHIPPED))
    assert all(one.argument == "" for one in found[1:])


def test_an_export_that_fails_says_so_below_its_line(tmp_path):
    path = tmp_path / "nowhere" / "work.md"
    text, _ = held(f"export {path}", "s")
    assert f"\nNot exported: {path}: " in "\n" + after(text, f"export {path}")


def test_the_help_in_lines_names_what_stops_a_search():
    text, _ = held("?")
    assert "ctrl+c stops the search" in text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((), ""),
        (("nothing of rank 1",), "This recording: nothing of rank 1"),
        (
            ("nothing of rank 1", "clocks", "uneven"),
            "nothing of rank 1; and 2 more in the picture recorded",
        ),
    ],
)
def test_what_is_to_be_known_of_a_recording_is_told_when_it_is_opened(tmp_path, said, told):
    recorded = (Path(__file__).parents[2] / "recordings" / "float16.toml").read_text("utf-8")
    path = tmp_path / "recorded.toml"
    path.write_text(recorded.replace("[recording]\n", f"[recording]\nsaid = {[*said]}\n"), "utf-8")
    text, _ = held(network=str(path))
    assert text.endswith(told)
    assert text.count("This recording") == bool(said)


def test_a_search_for_what_never_comes_ends_and_can_go_on(monkeypatch):
    monkeypatch.setattr(stopping, "EPOCHS_A_SEARCH", 50)
    text, session = held("break loss < 0", "c", "c")
    first, second = map(int, re.findall(r"no breakpoint up to epoch (\d+): c looks further", text))
    assert first == 50
    assert first + 50 <= second <= len(session.run.timeline.losses) < 20_000
    assert session.position == "0:0"


def test_a_file_of_a_persons_own_is_replaced_when_the_line_is_typed_again(tmp_path):
    mine = tmp_path / "points.csv"
    mine.write_text("x,y\n1,2\n", "utf-8")
    text, _ = held(f"export {mine}")
    assert f"Not exported: {mine}: expected a name that is free, found a file" in text
    assert mine.read_text("utf-8") == "x,y\n1,2\n"
    held(f"export {mine}", f"export {mine}")
    assert "dL/dw1" in mine.read_text("utf-8")


def test_a_condition_that_is_true_already_is_said_to_be():
    text, _ = held("g 200", "X loss < 0.01", "X loss < 0.001", "X changed(w1)")
    assert after(text, "X loss < 0.01") == "● stops when loss < 0.01 becomes true (it is now)"
    assert after(text, "X loss < 0.001") == "● stops when loss < 0.001 becomes true"
    assert after(text, "X changed(w1)") == "● stops when changed(w1) becomes true"  # at each change


def test_a_decimal_comma_is_told_to_be_a_point():
    text, session = held("= w1 0,25", "= lr 3", "= w1 a,b")
    assert "write 0.25 with a point, not with a comma" in after(text, "= w1 0,25")
    assert "did you mean learning_rate?" in after(text, "= lr 3")
    assert "a name and a number, as in w1 0.5" in after(text, "= w1 a,b")
    text, _ = held("= half", network="xor")
    assert "a name and a number, as in w_h1_x1 0.5" in after(text, "= half")
    assert not session.edits


def test_the_run_that_goes_on_without_what_was_set_is_named_once():
    text, _ = held("f", "= w1 0.5", "= w2 2", "ctrl+z", "ctrl+z", "compare optimizer=adam", "= w1 0.25")
    assert after(text, "= w1 0.5") == "✎ w1 = 0.5000  b: without edits"
    assert after(text, "= w2 2") == "✎ w2 = 2.0000"
    assert after(text, "= w1 0.25").startswith("✎ w1 = 0.2500")
    assert "without" not in after(text, "= w1 0.25")  # b is the run with Adam

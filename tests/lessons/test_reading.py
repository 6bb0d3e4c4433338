"""Lesson files: what they say is what is read, and whatever is wrong is refused with its place."""

import re
from pathlib import Path

import pytest
from lesson_files import ONE_PAGE, TWO_PAGES, written

from backprop_tui.lessons import library
from backprop_tui.lessons.checking import PICTURES, demand_shown, faults
from backprop_tui.lessons.lesson_files import read_lesson
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.network.files.library import names as networks
from backprop_tui.tui.pictures.registry import AUTO, NAMES


def test_the_designs_example_is_read_and_can_be_shown(tmp_path):
    lesson = read_lesson(written(tmp_path, TWO_PAGES))
    first, second = lesson.pages
    assert (lesson.title, lesson.network) == ("Why deep sigmoids learn slowly", "vanishing")
    assert first.network == second.network == find("vanishing")
    assert (first.position, first.select, first.picture) == ("0:20", "o", "flow")
    assert second.question.answer == "da_dz_h7_1"
    assert [one.value for one in second.question.choices] == ["a_h7_1", "da_dz_h7_1", "w7"]
    assert list(faults(lesson)) == [None, None]


def test_what_a_page_leaves_out_is_as_on_the_page_before_until_the_network_changes(tmp_path):
    text = (
        'title = "t"\nnetwork = "worked-example"\n'
        '[[pages]]\ntext = "a"\nselect = "h"\nposition = "3:2"\n'
        'picture = "flow"\ncompare = ["learning_rate=5"]\n'
        '[[pages]]\ntext = "b"\n'
        '[[pages]]\ntext = "c"\ncompare = []\n'
        '[[pages]]\ntext = "d"\nnetwork = "xor"\n'
    )
    a, b, c, d = read_lesson(written(tmp_path, text)).pages
    assert (b.position, b.picture, b.compare, b.select) == ("3:2", "flow", ("learning_rate=5",), "")
    assert (c.position, c.compare) == ("3:2", ())
    assert (d.position, d.picture, d.compare) == ("0:0", "flow", ())
    assert a.network is b.network is c.network
    assert d.network == find("xor")


def test_the_tables_of_a_network_may_stand_in_it(tmp_path):
    text = ONE_PAGE.replace('network = "worked-example"\n', "") + (
        '[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = "tanh"\nweights = [[0.5]]\n'
        "biases = [0.0]\n[data]\ninputs = [[2.0]]\ntargets = [[1.0]]\n"
    )
    (page,) = read_lesson(written(tmp_path, text)).pages
    assert page.network.layers[0].activation_name == "tanh"
    assert page.network.data.inputs == ((2.0,),) or page.network.data.inputs[0][0] == 2.0


def test_the_pictures_are_those_of_the_debugger():
    assert (*NAMES, AUTO) == PICTURES


PAGE = '[[pages]]\ntext = "a"\n'
HEAD = 'title = "t"\nnetwork = "worked-example"\n'
WRONG_FORM = {
    "title left out": ('network = "xor"\n' + PAGE, "title", "nothing"),
    "title empty": ('title = " "\nnetwork = "xor"\n' + PAGE, "title", '" "'),
    "title a number": ('title = 3\nnetwork = "xor"\n' + PAGE, "title", "3"),
    "title misspelt": ('titel = "t"\nnetwork = "xor"\n' + PAGE, "titel", "title"),
    "network left out": ('title = "t"\n' + PAGE, "network", "nothing"),
    "network unknown": ('title = "t"\nnetwork = "vanishin"\n' + PAGE, "network", "vanishing"),
    "network a number": ('title = "t"\nnetwork = 3\n' + PAGE, "network", "3"),
    "pages left out": (HEAD, "pages", "nothing"),
    "pages empty": (HEAD + "pages = []", "pages", "0"),
    "pages a text": (HEAD + 'pages = "a"', "pages", '"a"'),
    "text left out": (HEAD + '[[pages]]\ntitle = "a"', "pages[0].text", "nothing"),
    "text empty": (HEAD + '[[pages]]\ntext = "  "', "pages[0].text", '"  "'),
    "text a number": (HEAD + "[[pages]]\ntext = 1", "pages[0].text", "1"),
    "text misspelt": (HEAD + '[[pages]]\ntxt = "a"', "txt", "text"),
    "position a number": (HEAD + PAGE + "position = 3", "pages[0].position", "3"),
    "compare a text": (HEAD + PAGE + 'compare = "a"', "pages[0].compare", '"a"'),
    "compare too many": (HEAD + PAGE + 'compare = ["a", "b", "c", "d"]', "pages[0].compare", "4"),
    "answer left out": (HEAD + PAGE + "[pages.question]", "pages[0].question.answer", "nothing"),
    "hint misspelt": (HEAD + PAGE + '[pages.question]\nanswer = "x"\nhnt = "a"', "pages[0].question", "hint"),
    "one choice": (HEAD + PAGE + '[pages.question]\nanswer = "x"\nchoices = ["x"]', "choices", "1"),
    "a typed figure": (
        HEAD + PAGE + '[pages.question]\nanswer = "-0.0141"',
        "pages[0].question.answer",
        "-0.0141",
    ),
    "a choice of the wrong sort": (
        HEAD + PAGE + '[pages.question]\nanswer = "x"\nchoices = ["x", 3]',
        "pages[0].question.choices",
        "3",
    ),
    "a choice without a value": (
        HEAD + PAGE + '[pages.question]\nanswer = "x"\nchoices = ["x", {label = "a"}]',
        "pages[0].question.choices[1].value",
        "nothing",
    ),
    "a page's network unknown": (HEAD + PAGE + 'network = "nothere"', "pages[0].network", "nothere"),
    "two networks": (HEAD + PAGE + "[data]\ninputs = [[1.0]]\ntargets = [[1.0]]", "data", "both"),
    "text too long": (HEAD + f'[[pages]]\ntext = "{"a" * 20_000}"', "pages[0].text", "20,000"),
    "ten megabytes": (HEAD + f'[[pages]]\ntext = "{"a" * 10_000_000}"', "", "more"),
    "no TOML": ("title = ", "", ""),
    "a network file": ('title = "t"\n[network]\ninputs = 1\nlayers = []', "pages", "nothing"),
}


@pytest.mark.parametrize(("text", "place", "found"), WRONG_FORM.values(), ids=WRONG_FORM)
def test_a_wrong_form_is_refused_with_place_found_and_expected(tmp_path, text, place, found):
    path = written(tmp_path, text)
    with pytest.raises(NetworkError) as caught:
        read_lesson(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert place in message
    assert found in message
    assert "expected " in message
    assert len(message) < 600


WRONG_MEANING = {
    "an unknown name": ('text = "{nothing}"', "pages[1].text", "nothing is called nothing"),
    "a brace alone": ('text = "a { b"', "pages[1].text", "{{ and }} are braces"),
    "no expression": ('text = "{1 +}"', "pages[1].text", "1 +"),
    "no position": ('text = "a"\nposition = "noon"', "pages[1].position", "noon"),
    "a position past the end": ('text = "a"\nposition = "0:99"', "pages[1].position", "19 steps"),
    "a selection": ('text = "a"\nselect = "w3"', "pages[1].select", "w3"),
    "a picture": ('text = "a"\npicture = "flaw"', "pages[1].picture", "flow"),
    "a run beside": ('text = "a"\ncompare = ["learning_rat=5"]', "pages[1].compare[0]", "learning_rate"),
    "a run that is not there": ('text = "{b.loss}"', "pages[1].text", "no run is called b"),
    "an unknown answer": ('text = "a"\n[pages.question]\nanswer = "w9"', "pages[1].question.answer", "w9"),
    "an unknown choice": (
        'text = "a"\n[pages.question]\nanswer = "w1"\nchoices = ["w1", "w9"]',
        "pages[1].question.choices[1]",
        "w9",
    ),
    "a choice of truth for a number": (
        'text = "a"\n[pages.question]\nanswer = "w1"\nchoices = ["w1", "w1 > 0"]',
        "pages[1].question.choices[1]",
        "w1 > 0",
    ),
    "a hint": ('text = "a"\n[pages.question]\nanswer = "w1"\nhint = "{w9}"', "pages[1].question.hint", "w9"),
}


@pytest.mark.parametrize(("page", "place", "found"), WRONG_MEANING.values(), ids=WRONG_MEANING)
def test_what_means_nothing_is_refused_before_anything_runs(tmp_path, page, place, found):
    lesson = read_lesson(written(tmp_path, f"{HEAD}{PAGE}[[pages]]\n{page}"))
    with pytest.raises(NetworkError) as caught:
        demand_shown(lesson)
    assert caught.value.place.startswith(place)
    assert found in str(caught.value)
    assert [one is None for one in faults(lesson)] == [True, False]


NOT_SHOWN = {
    "a number that is not known yet": ('text = "{a_h}"', "pages[1].text", "a_h has no value yet at 0:0"),
    "no right choice": (
        'text = "a"\n[pages.question]\nanswer = "x"\nchoices = ["w1", "w2"]',
        "pages[1].question.choices",
        "none",
    ),
    "two right choices": (
        'text = "a"\n[pages.question]\nanswer = "x"\nchoices = ["x", "1 - x", "w1"]',
        "pages[1].question.choices",
        "0.5 and 0.5",
    ),
}


@pytest.mark.parametrize(("page", "place", "found"), NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_check_finds_what_only_shows_when_it_runs(tmp_path, page, place, found):
    lesson = read_lesson(written(tmp_path, f"{HEAD}{PAGE}[[pages]]\n{page}"))
    demand_shown(lesson)
    fault = list(faults(lesson))[1]
    assert fault is not None
    assert fault.place.startswith(place)
    assert found in str(fault)


def test_what_a_page_keeps_from_the_one_before_is_explained_once(tmp_path):
    pages = '[[pages]]\ntext = "a"\nposition = "0:99"\n[[pages]]\ntext = "b"\n'
    lesson = read_lesson(written(tmp_path, f'{HEAD}{pages}[[pages]]\ntext = "c"\nposition = "0:1"\n'))
    first, second, third = faults(lesson)
    assert "an epoch has 19 steps, not 99" in str(first)
    assert str(second) == 'pages[1].position: expected a position, found "0:99" (as on the page before)'
    assert third is None


@pytest.mark.parametrize("word", ["/etc/hostname", "../net.toml", "sub/../../net.toml", "link.toml"])
def test_a_lesson_reaches_no_file_outside_its_folder(tmp_path, word):
    folder = tmp_path / "lesson"
    folder.mkdir()
    outside = tmp_path / "net.toml"
    outside.write_text(
        'title = "secret"\n[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = "tanh"\n'
        "weights = [[0.5]]\nbiases = [0.0]\n[data]\ninputs = [[2.0]]\ntargets = [[1.0]]\n"
    )
    (folder / "link.toml").symlink_to(outside)
    path = written(folder, f'title = "t"\nnetwork = "{word}"\n{PAGE}')
    with pytest.raises(NetworkError) as caught:
        read_lesson(path)
    assert caught.value.place.startswith("network")
    assert "secret" not in str(caught.value)
    tables = '[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = "tanh"\n'
    path = written(folder, f'title = "t"\n{PAGE}{tables}[data]\ncsv = "{word}"\n')
    with pytest.raises(NetworkError, match="the lesson's own folder") as caught:
        read_lesson(path)
    assert caught.value.place == "data.csv"


def test_a_network_beside_the_lesson_is_found(tmp_path):
    (tmp_path / "net.toml").write_text(
        '[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = "tanh"\n'
        'weights = [[0.5]]\nbiases = [0.0]\n[data]\ncsv = "points.csv"\ntarget_columns = ["y"]\n'
    )
    (tmp_path / "points.csv").write_text("x,y\n2,1\n")
    lesson = read_lesson(written(tmp_path, f'title = "t"\nnetwork = "net.toml"\n{PAGE}'))
    assert lesson.pages[0].network.layers[0].activation_name == "tanh"


def test_the_readmes_lesson_can_be_shown(tmp_path):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (text,) = (block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[[pages]]" in block)
    lesson = read_lesson(written(tmp_path, text))
    assert len(lesson.pages) == 2
    assert list(faults(lesson)) == [None, None]


@pytest.mark.parametrize("name", library.names())
def test_every_page_of_every_shipped_lesson_can_be_shown(name):
    lesson = library.find(name)
    assert [str(fault) for fault in faults(lesson) if fault] == []
    assert 5 <= len(lesson.pages) <= 12
    assert sum(page.question is not None for page in lesson.pages) >= 3


def test_all_that_is_shipped_is_listed_once_with_names_of_its_own():
    names = library.names()
    assert set(names) == {path.stem for path in library.FOLDER.glob("*.toml")}
    assert not set(names) & set(networks())

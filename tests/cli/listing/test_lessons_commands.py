"""``lessons``, ``lesson`` and ``check`` of a lesson: what they print, and their exit statuses."""

import json

import pytest
from lesson_files import ONE_PAGE, TWO_PAGES, written

from backprop_tui.lessons import library
from tests.cli.commands import run


def test_lessons_json_has_an_object_a_line():
    rows = [json.loads(line) for line in run("lessons", "--json").stdout.splitlines()]
    assert [row["name"] for row in rows] == list(library.names())
    for row in rows:
        assert list(row) == ["name", "title", "network", "pages"]
        lesson = library.find(row["name"])
        assert (row["title"], row["pages"]) == (lesson.title, len(lesson.pages))


def test_lessons_lists_titles():
    text = run("lessons").stdout
    for name in library.names():
        assert name in text
        assert library.find(name).title in text


def test_check_proves_every_page(tmp_path):
    done = run("check", written(tmp_path, TWO_PAGES))
    assert (done.exit_code, done.stdout) == (0, "2 pages checked, all can be shown\n")
    done = run("check", "--json", written(tmp_path, TWO_PAGES))
    assert json.loads(done.stdout) == {"checked": 2, "faults": [], "passed": True}


def test_check_names_the_page_that_cannot_be_shown(tmp_path):
    path = written(tmp_path, ONE_PAGE + '[[pages]]\ntext = "{a_h}"\n[[pages]]\ntext = "{nothing}"\n')
    done = run("check", path)
    assert done.exit_code == 1
    first, second, verdict = done.stdout.splitlines()
    assert first.startswith(f"{path}: pages[1].text: expected a value")
    assert second.startswith(f"{path}: pages[2].text: expected an expression")
    assert verdict == "3 pages checked, 2 cannot be shown"


def test_check_tells_which_pages_scroll(tmp_path):
    path = written(tmp_path, ONE_PAGE + f'[[pages]]\ntext = "{"word " * 300}"\n')
    done = run("check", path)
    assert done.exit_code == 0
    *notes, verdict = done.stdout.splitlines()
    assert [note.split(": ")[1] for note in notes] == [
        "pages[1] scrolls at 120×40",
        "pages[1] scrolls at 80×24",
    ]
    assert verdict == "2 pages checked, all can be shown"


def test_check_by_name():
    assert run("check", library.names()[0]).exit_code == 0


@pytest.mark.parametrize("text", ['title = "t"\npages = 3', "title = ", 'title = "t"\n[[pages]]\ntext = "a"'])
def test_what_is_no_lesson_is_refused_with_status_2(tmp_path, text):
    path = written(tmp_path, text)
    for command in ("check", "lesson"):
        done = run(command, path)
        assert done.exit_code == 2
        assert done.stdout == ""
        assert str(path) in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"), [(["vanishin"], "shipped are"), (["no/such.toml"], "no such file")]
)
def test_an_unknown_lesson_is_refused_with_what_there_is(words, said):
    done = run("lesson", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_lesson_whose_page_cannot_be_shown_is_not_opened(tmp_path):
    done = run("lesson", written(tmp_path, TWO_PAGES.replace("0:20", "0:99")))
    assert done.exit_code == 2
    assert "pages[0].position" in done.stderr


def test_a_page_that_there_is_not_is_refused(tmp_path):
    done = run("lesson", written(tmp_path, TWO_PAGES), "--page", 3)
    assert (done.exit_code, done.stderr) == (2, "backprop-tui: --page: expected 1 to 2, found 3\n")


def test_options_of_a_network_mean_nothing_for_a_lesson(tmp_path):
    done = run("check", written(tmp_path, TWO_PAGES), "--activation", "tanh")
    assert done.exit_code == 2
    assert "--activation" in done.stderr


def test_a_lesson_given_as_a_network_says_how_to_open_it(tmp_path):
    done = run("train", written(tmp_path, TWO_PAGES))
    assert done.exit_code == 2
    assert "backprop-tui lesson" in done.stderr

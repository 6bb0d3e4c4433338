"""A lesson beside the debugger: opened, turned, answered, closed, saved; the debugger stays alive."""

import pytest
from lesson_files import TWO_PAGES, written

from backprop_tui.lessons import library, progress
from backprop_tui.lessons.lesson_files import read_lesson
from backprop_tui.network.files.library import find
from backprop_tui.session.files.saved_sessions import load_session
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pictures.lesson.page import INSIDE
from backprop_tui.tui.screens.opening import OpenScreen
from backprop_tui.tui.widgets.lesson_pane import LessonPane
from backprop_tui.tui.widgets.offer_line import OfferLine
from backprop_tui.tui.widgets.pane import Pane
from tests.scenes import typed

SIZES = [(120, 40), (80, 24), (60, 20), (80, 12), (160, 50), (40, 10)]


def line(text):
    return ("colon", *typed(text), "enter")


def desk(app):
    return app.screen_stack[0].desk


async def settled(app, pilot):
    for _ in range(100):
        await pilot.pause(0.01)
        if not desk(app).jobs.busy and app.query(LessonPane):
            break
    await pilot.pause(0.05)


def page(app):
    pane = app.screen_stack[0].query_one(LessonPane)
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


@pytest.mark.parametrize("terminal", INSIDE)
async def test_so_much_of_a_page_is_in_sight(tmp_path, terminal):
    lesson = read_lesson(written(tmp_path, TWO_PAGES))
    app = BackpropApp(find(), taught=(lesson, None))
    async with app.run_test(size=tuple(map(int, terminal.split("×")))) as pilot:
        await settled(app, pilot)
        assert tuple(app.screen_stack[0].query_one(LessonPane).size) == INSIDE[terminal]


@pytest.mark.parametrize("size", SIZES)
async def test_the_designs_lesson_page_by_page(tmp_path, size):
    lesson = read_lesson(written(tmp_path, TWO_PAGES))
    app = BackpropApp(find(), taught=(lesson, None))
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        assert app.session.network == find("vanishing")
        assert app.session.position == "0:20"
        assert desk(app).view.picture == "flow"
        shown = " ".join(" ".join(page(app)).split())
        assert "The error signal of the last layer is −0.0766. Press n" in shown
        await pilot.press("n")
        await settled(app, pilot)
        assert app.session.position == "0:22"
        assert "−0.0766" in " ".join(page(app)), "a page says what it means wherever the debugger is"
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        assert app.session.position == "0:20"
        assert "What is the slope" in " ".join(page(app))
        await pilot.press("A")
        await settled(app, pilot)
        assert (
            "✗ Not 0.6590." in " ".join(" ".join(page(app)).split()).replace("✗ 0.6590 ○", "") or size[1] < 13
        )
        desk(app).looking.look_at("lesson")
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert desk(app).teaching.reader.solved == {1}
        await pilot.press("left_square_bracket")
        await settled(app, pilot)
        assert desk(app).teaching.reader.index == 0
        await pilot.press(*line("lesson off"))
        await pilot.pause(0.1)
        assert not app.query(LessonPane)
        assert app.session.position == "0:20"
        await pilot.press("s")
        assert app.session.position == "0:21"


async def test_a_typed_answer_is_judged_to_the_digits_shown(tmp_path):
    text = 'title = "t"\nnetwork = "worked-example"\n[[pages]]\ntext = "?"\nposition = "0:15"\n'
    lesson = read_lesson(written(tmp_path, text + '[pages.question]\nanswer = "dL_dw2"\nhint = "w2 is {w2}"'))
    app = BackpropApp(find(), taught=(lesson, None))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        for answer, said in (
            ("0.0459", "the size is right; look at the sign"),
            ("-0.0457", "right to two digits"),
            ("0.2", "Not 0.2."),
            ("-0.0816*0.5622", "right."),
        ):
            await pilot.press("A", *typed(answer), "enter")
            await pilot.pause(0.05)
            assert said in " ".join(" ".join(page(app)).split())
        assert "w2 is 0.7000" in " ".join(page(app))
        assert progress.progress_of(lesson).solved == [0]


async def test_edits_are_put_aside_and_can_be_made_again():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*line("lesson the-math-behind-backpropagation"))
        await settled(app, pilot)
        session = app.session
        await pilot.press(*line("set w1 0.9"), *line("watch loss"), *line("break unit h"))
        assert len(session.edits) == 1
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        assert app.session is session
        assert session.edits == ()
        assert session.watches == ["loss"]
        assert len(session.breakpoints) == 1
        await pilot.press("ctrl+y")
        await pilot.pause(0.05)
        assert [edit.value for edit in session.edits] == [0.9]


async def test_progress_is_kept_per_lesson_and_a_lesson_is_opened_where_one_was():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        first = library.names()[0]
        assert desk(app).teaching.reader.lesson.name == first
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await settled(app, pilot)
        assert progress.progress_of(library.find(first)).page == 3
    again = BackpropApp(find())
    async with again.run_test(size=(120, 40)) as pilot:
        await pilot.press(*line(f"lesson {first}"))
        await settled(again, pilot)
        assert desk(again).teaching.reader.index == 3
        assert progress.progress_of(library.find(library.names()[1])).page == 0


async def test_a_saved_session_goes_on_with_its_lesson_and_where_it_was(tmp_path):
    saved = tmp_path / "saved.toml"
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*line("lesson why-deep-layers-learn-slowly"))
        await settled(app, pilot)
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        await pilot.press("s", "s", *line(f"save {saved}"))
        await pilot.pause(0.05)
        position = app.session.position
    opened = load_session(saved)
    assert (opened.look.lesson, opened.look.page) == ("why-deep-layers-learn-slowly", 2)
    again = BackpropApp(opened.session, travel_to=opened.wanted, look=opened.look)
    async with again.run_test(size=(120, 40)) as pilot:
        await settled(again, pilot)
        assert again.session.position == position
        assert desk(again).teaching.reader.index == 1


async def test_a_saved_session_whose_lesson_is_gone_opens_without_it(tmp_path):
    path = written(tmp_path, TWO_PAGES)
    app = BackpropApp(find("vanishing"), taught=(read_lesson(path), None))
    saved = tmp_path / "saved.toml"
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press(*line(f"save {saved}"))
    path.unlink()
    opened = load_session(saved)
    again = BackpropApp(opened.session, travel_to=opened.wanted, look=opened.look)
    async with again.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert again.session.position == "0:20"
        assert not again.query(LessonPane)


async def test_a_lesson_that_cannot_be_shown_is_refused_and_nothing_is_lost(tmp_path):
    path = written(tmp_path, TWO_PAGES.replace("delta_o", "delta_q"))
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f", *line(f"lesson {path}"))
        await pilot.pause(0.05)
        assert app.session.position == "0:5"
        assert not app.query(LessonPane)
        (notice,) = app._notifications
        assert "pages[0].text" in notice.message
        assert "delta_q" in notice.message


async def test_titles_and_texts_are_never_markup(tmp_path):
    text = TWO_PAGES.replace("Why deep", "[bold]Why[/] [link=x").replace(
        "Press", "[red]Press[/red] [@click=a"
    )
    lesson = read_lesson(written(tmp_path, text))
    app = BackpropApp(find(), taught=(lesson, None))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        pane = app.query_one(LessonPane)
        frame = pane.render_lines(pane.size.region.reset_offset.shrink((0, 0, 0, 0)))[0].text
        assert "[bold]Why[/] [link=x" in frame
        assert "[red]Press[/red]" in " ".join(page(app))


async def test_lessons_are_chosen_in_the_list_of_networks():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", *typed("straight lines"), "enter")
        await settled(app, pilot)
        assert desk(app).teaching.reader.lesson.name == "why-not-just-straight-lines"


async def test_opening_a_network_closes_the_lesson():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        await pilot.press(*line("open xor"))
        await pilot.pause(0.1)
        assert not app.query(LessonPane)
        assert app.session.network == find("xor")
        await pilot.press("f", "right_square_bracket")
        await pilot.pause(0.1)
        assert isinstance(app.screen, OpenScreen), "another network is given up only by choice"
        await pilot.press("escape")
        assert (app.session.network, app.session.position) == (find("xor"), "0:7")


async def test_the_first_lesson_is_offered_at_the_first_start_only():
    for first in (True, False):
        app = BackpropApp(find(), interrupted=list)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause(0.2)
            assert bool(app.query(OfferLine)) is first
            if first:
                await pilot.press("f")
                assert app.session.position == "0:5", "it is not in the way"
                await pilot.press("escape")
                await pilot.pause(0.05)
                assert not app.query(OfferLine)


async def test_the_offer_is_taken_with_a_key():
    app = BackpropApp(find(), interrupted=list)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("right_square_bracket")
        await settled(app, pilot)
        assert desk(app).teaching.reader.index == 0
        assert not app.query(OfferLine)


async def test_keys_typed_at_once_find_the_page_that_was_turned_to():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*["right_square_bracket"] * 4)
        await settled(app, pilot)
        assert desk(app).teaching.reader.index in (2, 3)


async def test_every_pane_agrees_with_a_fresh_session_at_the_pages_position():
    for name in library.names():
        lesson = library.find(name)
        app = BackpropApp(lesson.pages[0].network, taught=(lesson, 0))
        async with app.run_test(size=(120, 40)) as pilot:
            await settled(app, pilot)
            for number in range(len(lesson.pages)):
                reader = desk(app).teaching.reader
                assert reader.index == number
                fresh = Session(reader.page.network)
                fresh.go(reader.page.position)
                assert app.session.time == fresh.time
                assert app.session.now.loss == fresh.now.loss
                assert len(app.screen_stack[0].query(Pane)) >= 6
                await pilot.press("right_square_bracket")
                await settled(app, pilot)


async def test_that_a_lesson_is_gone_is_said_longer_than_the_line_that_opened_its_session(tmp_path):
    place, file = tmp_path / "session.toml", written(tmp_path, TWO_PAGES)
    app = BackpropApp(find(), taught=(read_lesson(file), None))
    async with app.run_test(size=SIZES[0]) as pilot:
        await settled(app, pilot)
        desk(app).files.save_as(str(place))
    file.unlink()
    app = BackpropApp(find())
    async with app.run_test(size=SIZES[0]) as pilot:
        for spoken in (f"open {place}", "goto 0:5"):
            await pilot.press(*line(spoken))
            await pilot.pause(0.05)
            assert [one.title for one in app._notifications] == ["The lesson cannot be opened"]
        assert desk(app).session.position == "0:5"

"""The painter begins after a pause, shows what is finer and finer, and gives up what is not wanted."""

from threading import Event
from time import sleep

from backprop_tui.tui.background.painter import Painter
from backprop_tui.tui.pictures.rows import Tone

COARSE, FINE = ((("coarse", Tone.TEXT),),), ((("fine", Tone.TEXT),),)


def finished(painter):
    for _ in range(400):
        if not painter.busy:
            return True
        sleep(0.005)
    return False


def test_pictures_are_shown_finer_and_finer():
    painter, shown = Painter(lambda action: action()), []
    painter.paint("one", iter([None, COARSE, None, FINE]), lambda: shown.append(painter.latest))
    assert finished(painter)
    assert shown == [COARSE, FINE]


def test_what_is_followed_at_once_by_another_is_not_begun():
    painter, begun = Painter(lambda action: action()), []

    def pictures(name, picture):
        begun.append(name)
        yield picture

    for name, picture in (("one", COARSE), ("two", COARSE), ("three", FINE)):
        painter.paint(name, pictures(name, picture), lambda: None)
    assert finished(painter)
    sleep(0.1)
    assert (begun, painter.latest) == (["three"], FINE)


def test_a_picture_that_is_not_ready_yet_is_given_up():
    painter, begun, ended = Painter(lambda action: action()), Event(), Event()

    def endless():
        try:
            while True:
                begun.set()
                yield None
        finally:
            ended.set()

    painter.paint("one", endless(), lambda: None)
    assert begun.wait(5)
    painter.stop()
    assert ended.wait(5)

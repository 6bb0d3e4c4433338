"""The score counts what was asked, what was right, and how many in a row."""

from backprop_tui.lessons.prediction.score import Score


def test_right_and_wrong_answers():
    score, said = Score(), []
    for right in (True, True, False, True, True, True):
        score = score.after(right)
        said.append(str(score))
    assert str(Score()) == "0/0"
    assert said == ["1/1", "2/2 · streak 2", "2/3", "3/4", "4/5 · streak 2", "5/6 · streak 3"]

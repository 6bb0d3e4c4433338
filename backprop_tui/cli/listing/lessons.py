"""``backprop-tui lessons``: what is taught."""

from __future__ import annotations

import click

from backprop_tui.cli.options import as_json
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.streams import say
from backprop_tui.lessons import library
from backprop_tui.lessons.progress import progress_of


@click.command()
@as_json
def lessons(as_json: bool) -> None:
    """List the lessons, in the order in which they are to be read."""
    for lesson in library.lessons():
        pages = len(lesson.pages)
        if as_json:
            say_json({"name": lesson.name, "title": lesson.title, "network": lesson.network, "pages": pages})
            continue
        come = progress_of(lesson).words(pages)
        say(f"{lesson.name}  ({pages} pages{', ' + come if come else ''})")
        say(f"    {lesson.title}")
        if lesson.about:
            say(f"    {lesson.about}")

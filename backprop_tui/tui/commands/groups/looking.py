"""How things look, panes, files, and the program itself."""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.pictures.registry import AUTO, NAMES

_LOOK = "Look"

LOOKING: tuple[Command, ...] = (
    Command(
        "digits",
        ("d",),
        "Digits",
        "Show 4 digits as on paper, 6, 9, or every digit there is.",
        _LOOK,
        lambda d: d.looking.next_digits(),
        "digits",
        "4   6   9   all",
        lambda d, text: d.looking.show_digits(text),
    ),
    Command(
        "log",
        ("y",),
        "Loss scale",
        "The loss on a logarithmic or a plain scale.",
        _LOOK,
        lambda d: d.looking.toggle_log_scale(),
    ),
    Command(
        "picture",
        ("i",),
        "Next picture",
        f"The next picture. With an argument: that one; {AUTO}, the one that suits what is shown.",
        _LOOK,
        lambda d: d.looking.next_picture(1),
        "picture",
        "   ".join((*NAMES, AUTO)),
        lambda d, text: d.looking.show_picture(text),
    ),
    Command(
        "previous-picture",
        ("I",),
        "Previous picture",
        "The picture before.",
        _LOOK,
        lambda d: d.looking.next_picture(-1),
    ),
    Command(
        "zoom",
        ("z",),
        "Zoom",
        "This pane over the whole screen, and back; also a double click.",
        _LOOK,
        lambda d: d.terminal.toggle_zoom(),
    ),
    Command(
        "network-pane", ("1",), "Network", "To the drawing.", _LOOK, lambda d: d.looking.look_at("network")
    ),
    Command(
        "program-pane", ("2",), "Program", "To the listing.", _LOOK, lambda d: d.looking.look_at("program")
    ),
    Command(
        "chain-pane", ("3",), "Chain rule", "To the explanation.", _LOOK, lambda d: d.looking.look_at("chain")
    ),
    Command(
        "values-pane",
        ("4",),
        "Values",
        "To the table of values.",
        _LOOK,
        lambda d: d.looking.look_at("values"),
    ),
    Command(
        "loss-pane",
        ("5",),
        "Picture",
        "To the loss, or another picture.",
        _LOOK,
        lambda d: d.looking.look_at("loss"),
    ),
    Command("next-pane", ("tab",), "Next pane", "To the next pane.", _LOOK, lambda d: d.looking.next_pane(1)),
    Command(
        "previous-pane",
        ("shift+tab",),
        "Previous pane",
        "To the pane before.",
        _LOOK,
        lambda d: d.looking.next_pane(-1),
    ),
    Command(
        "theme",
        ("t",),
        "Light or dark",
        "Switch between a light and a dark theme. With an argument: that theme.",
        _LOOK,
        lambda d: d.looking.toggle_theme(),
        argument="backprop-projector   backprop-red-green   backprop-blue-yellow   nord",
        tell=lambda d, text: d.looking.show_theme(text),
    ),
    Command(
        "open",
        ("o",),
        "Open a network or a lesson …",
        "Open a network or a lesson: a shipped one, a file, or a shape such as 2-4-1.",
        _LOOK,
        lambda d: d.terminal.open_networks(),
        "open",
        "xor   my-network.toml   2-4-1",
        lambda d, text: d.files.open(text),
        refused="Not opened",
    ),
    Command(
        "save",
        ("ctrl+s",),
        "Save the session",
        "Save network, position, values set, breakpoints and watches in one file.",
        _LOOK,
        lambda d: d.files.save(),
        argument="session.toml",
        tell=lambda d, text: d.files.save_as(text),
        refused="Not saved",
    ),
    Command(
        "export",
        ("ctrl+e",),
        "Export …",
        "Write this iteration as a calculation (.md, .tex), a page that steps (.html) or data (.json, .csv), "
        "the network as a script (.py), or the screen (.svg, .png, .txt); with epoch, or 0:2, whole epochs.",
        _LOOK,
        lambda d: d.terminal.ask("export"),
        argument="work.tex   page.html 0:2   losses.csv 0:99   net.py",
        tell=lambda d, text: d.exports.write(text),
        asks=True,
        refused="Not exported",
    ),
    Command(
        "command",
        (":",),
        "Command line …",
        "Any command by name, with its argument.",
        _LOOK,
        lambda d: d.terminal.ask(""),
    ),
    Command(
        "palette",
        ("ctrl+p",),
        "Palette",
        "Every command by name.",
        _LOOK,
        lambda d: d.terminal.open_palette(),
    ),
    Command(
        "help",
        ("?",),
        "Help",
        "Every key, and what the signs mean.",
        _LOOK,
        lambda d: d.terminal.open_help(),
        "help",
    ),
    Command("quit", ("q",), "Quit", "Leave the debugger.", _LOOK, lambda d: d.terminal.quit(), "quit"),
)

"""Visitors of a server, as the protocol shows them: what they can do, and what they cannot."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from time import monotonic, sleep

import aiohttp
import pytest

from tests.web.visits import PATIENCE, Served, Visit, served, visit

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")
FACTORS = ("−0.3558", "0.2292", "0.7000", "0.2461", "0.5000", "−0.0070")
NETWORK = """
title = "{title}"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.123]]
biases = [0.0]
[data]
inputs = [[1.0]]
targets = [[1.0]]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("mine", "secret"):
        (tmp_path / f"{name}.toml").write_text(NETWORK.format(title=f"the {name} network"))
    (tmp_path / "lesson.toml").write_text(
        'title = "hidden"\nnetwork = "xor"\n[[pages]]\ntext = "hidden words"\n'
    )
    return tmp_path


def listing(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def is_gone(process: int) -> bool:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        try:
            if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        sleep(0.05)
    return False


async def test_keys_step_and_two_visitors_do_not_see_each_other(folder):
    with served(folder) as server:
        async with visit(server) as one, visit(server, (100, 30)) as other:
            await one.see("worked example", "step 0/19")
            await other.see("worked example", "step 0/19")
            await one.type("fbS")
            await one.see("step 14/19", *FACTORS)
            await other.type("s")
            assert "step 14/19" not in await other.see("step 1/19")
            first, second = server.wait_for_children(2)
            assert first != second
        assert server.wait_for_children(0) == []
        assert is_gone(first)
        assert is_gone(second)


LINES = (
    "open SECRET",
    "open secret.toml",
    "open ../secret.toml",
    "open ~/secret.toml",
    "compare SECRET",
    "compare secret.toml",
    "lesson lesson.toml",
    "lesson FOLDER/lesson.toml",
    "save FOLDER/new.toml",
    "save new.toml",
    "save SECRET",
    "save ~root/new.toml",
    "export new.md",
    "export FOLDER/new.json epoch",
    "export new.svg",
)
"""What a visitor may type who looks for files."""


async def test_a_visitor_reaches_no_file(folder):
    before = listing(folder)
    secret = str(folder / "secret.toml")

    few = asyncio.Semaphore(3)

    async def refused(server: Served, *keys: str) -> None:
        async with few, visit(server) as visitor:
            await visitor.see("step 0/19")
            await visitor.type(keys[0])
            if len(keys) > 1:
                await visitor.see("Open a network or a lesson")
                await visitor.type(keys[1])
            await visitor.see("served", "browser:")
            assert "the secret network" not in visitor.text
            assert "hidden" not in visitor.text

    with served(folder) as server:
        lines = [line.replace("SECRET", secret).replace("FOLDER", str(folder)) for line in LINES]
        attempts = [(f":{line}\r",) for line in lines]
        await asyncio.gather(
            *(refused(server, *keys) for keys in [*attempts, ("\x13",), ("o", f"{secret}\r")])
        )
    assert listing(folder) == before, "nothing is written, not even how far one has come"


async def gone(visitor: Visit, words: str) -> None:
    """Wait until some words are on the screen no more: notices stay for five seconds."""
    end = monotonic() + PATIENCE
    while words in visitor.text:
        assert monotonic() < end
        await visitor.take(1.0)


async def test_what_is_there_and_what_is_not_look_alike(folder):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            said = []
            for name in ("secret.toml", "absent.toml"):
                await visitor.type(f":open {name}\r")
                text = await visitor.see("served", "browser:")
                said.append(text.replace(name, "…"))
                await visitor.type("\x1b\x1b")
                await gone(visitor, "browser:")
            assert said[0] == said[1]


async def test_what_the_server_was_given_can_be_opened(folder):
    with served(folder, "mine.toml", "xor", "2-3-1") as server:
        async with visit(server) as visitor:
            text = await visitor.see("Open a network or a lesson", "here", "mine", "2-3-1")
            assert str(folder) not in text
            await visitor.type("\x1b[B\r")  # down: XOR
            await visitor.see(" XOR  2-2-1")
            await gone(visitor, "Open a network")
            for name, title in (
                ("2-3-1", "2-3-1"),
                ("mine", "the mine network"),
                ("vanishing", "A gradient that vanishes"),
            ):
                await visitor.type(f":open {name}\r")
                while title not in visitor.screen.display[0]:
                    await visitor.take(1.0)


async def test_one_network_opens_at_once(folder):
    with served(folder, "mine.toml") as server:
        async with visit(server) as visitor:
            text = await visitor.see("the mine network", "step 0/")
            assert "Open a network" not in text


async def test_a_visitor_may_take_so_much_and_no_more(folder):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            await visitor.type(":open 2000-2000-1\r")
            await visitor.see("at most", "250,000")
            (process,) = server.wait_for_children(1)
            limits = Path(f"/proc/{process}/limits").read_text()
            sizes = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()[1:]}
            assert sizes["Max file size"] == "0"
            assert sizes["Max core file size"] == "0"
            assert int(sizes["Max data size"]) == 1 << 30
            secrets = Path(f"/proc/{process}/environ").read_bytes()
            assert b"PYTEST_CURRENT_TEST" not in secrets, "of the server's environment it has what it needs"


async def test_a_visit_ends_when_no_key_comes(folder):
    with served(folder, "--idle", "0.05") as server:
        async with visit(server) as visitor:
            (process,) = server.wait_for_children(1)
            code, words = await visitor.end()
            assert (code, words) == (4000, "The visit has ended: no key came for 3 seconds.")
            assert is_gone(process)


async def test_only_so_many_are_let_in(folder):
    with served(folder, "--visitors", "1") as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            async with visit(server) as other:
                assert await other.end() == (4001, "All 1 places are taken. Try again later.")
            assert len(server.children()) == 1
        server.wait_for_children(0)
        async with visit(server) as visitor:
            await visitor.see("step 0/19")


async def test_leaving_the_debugger_closes_the_connection(folder):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            await visitor.type("q")
            assert (await visitor.end())[0] in (1000, 1006)
            assert server.wait_for_children(0) == []


async def test_a_process_that_hangs_or_dies_goes_as_well(folder):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            (process,) = server.children()
            os.kill(process, signal.SIGSTOP)
        assert is_gone(process)
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            (process,) = server.wait_for_children(1)
            os.kill(process, signal.SIGKILL)
            assert (await visitor.end())[0] in (1000, 1006)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_no_process_outlives_the_server(folder, how):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            (process,) = server.children()
            server.process.send_signal(how)
            await asyncio.to_thread(server.process.wait, PATIENCE)
            assert is_gone(process)
        if how is not signal.SIGKILL:
            assert server.process.returncode == 0
            assert "Traceback" not in server.process.stdout.read()


async def test_messages_that_mean_nothing_are_left_out(folder):
    with served(folder) as server:
        async with visit(server) as visitor:
            await visitor.see("step 0/19")
            for text in (
                "",
                "{",
                "[]",
                "7",
                '["stdin", 3]',
                '["resize", {"width": "x"}]',
                '["nothing", 1]',
                "[" * 9999,
            ):
                await visitor.connection.send_str(text)
            await visitor.connection.send_bytes(b"\xff\x00")
            for size in (-1, 0, 10**9):
                await visitor.say("resize", {"width": size, "height": size})
            await visitor.say("resize", {"width": 120, "height": 40})
            await visitor.type("s")
            await visitor.see("step 1/19")
            await visitor.connection.send_str("x" * 100_000)
            await visitor.end()
        server.wait_for_children(0)


async def test_pages_of_others_cannot_connect(folder):
    with served(folder) as server:
        async with aiohttp.ClientSession() as session:
            for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
                with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
                    await session.ws_connect(f"{server.url}visit", headers=headers)
                assert raised.value.status == 403
            here = server.url.rstrip("/")
            async with session.ws_connect(f"{server.url}visit", headers={"Origin": here}) as connection:
                assert (await connection.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.BINARY


async def test_the_page_needs_nothing_from_elsewhere(folder):
    with served(folder) as server:
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{server.url}?fontsize=20") as answer:
                text = await answer.text()
                assert 'data-font-size="20"' in text
                assert "http" not in text
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            for path in (
                *("page/page.css", "page/page.js", "terminal/js/textual.js", "terminal/css/xterm.css"),
                "terminal/fonts/RobotoMono-VariableFont_wght.ttf",
            ):
                async with session.get(server.url + path) as answer:
                    assert answer.status == 200
            for path in (
                *(
                    "page/page.html",
                    "page/..%2fserver.py",
                    "page/%2e%2e%2fserver.py",
                    "terminal/js/",
                    "terminal/js",
                ),
                *(
                    "terminal/..%2f/server.py",
                    "terminal/js/..%2f..%2f..%2fserver.py",
                    "visits",
                    "%2fetc%2fpasswd",
                ),
            ):
                async with session.get(server.url + path) as answer:
                    assert answer.status == 404, path
            for size in ("7000", "x", "-1", "0"):
                async with session.get(f"{server.url}?fontsize={size}") as answer:
                    text = await answer.text()
                    assert any(f'data-font-size="{one}"' in text for one in (8, 16, 40))

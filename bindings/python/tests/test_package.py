# SPDX-License-Identifier: MIT
"""The package itself: its types, pip without a network, and what its README shows."""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ["IPCZMQ_SOURCE"])


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not here (Debian: mypy)")
def test_types(tmp_path):
    """The package is typed, strictly; so is a program that uses it, and a wrong one is found."""
    good = tmp_path / "good.py"
    good.write_text(re.sub(r"^    ", "", """
    import ipczmq

    main = ipczmq.IpcMain("ipc:///x")

    @main.handle("sum")
    def add(event: ipczmq.Event, a: int, b: int) -> int:
        event.reply("x", 1)
        return a + b

    n: int = add(None, 1, 2)  # type: ignore[arg-type]
    token: ipczmq.Listener = main.on("x", lambda event: None)

    async def ask(renderer: ipczmq.IpcRenderer) -> int:
        async with renderer:
            return int(await renderer.invoke("sum", 1, 2, deadline=2.0))
    """, flags=re.MULTILINE), encoding="utf-8")
    bad = tmp_path / "bad.py"
    bad.write_text('import ipczmq\nipczmq.IpcRenderer().send(7)\nipczmq.IpcMain().on("x", 7)\n', encoding="utf-8")
    environment = dict(os.environ, MYPYPATH=str(SOURCE), MYPY_CACHE_DIR=str(tmp_path / "cache"))
    mypy = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports"]
    done = run(*mypy, "-p", "ipczmq", env=environment)
    assert done.returncode == 0, done.stdout
    done = run(*mypy, good, env=environment)
    assert done.returncode == 0, done.stdout
    done = run(*mypy, bad, env=environment)
    assert done.returncode == 1 and "bad.py:2" in done.stdout and "bad.py:3" in done.stdout, done.stdout


@pytest.mark.skipif(importlib.util.find_spec("pip") is None or importlib.util.find_spec("setuptools") is None,
                    reason="pip or setuptools is not here (Debian: python3-pip python3-setuptools)")
def test_pip_installs_it_without_a_network(tmp_path):
    """From the source tree, and what is installed works on its own."""
    installed = tmp_path / "installed"
    done = run(sys.executable, "-m", "pip", "install", "--no-build-isolation", "--no-index", "--no-deps", "--target",
               installed, "--quiet", "--quiet", SOURCE, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    names = {p.name.split(".")[0] + p.suffix for p in (installed / "ipczmq").iterdir()}
    assert {"__init__.py", "_native.so", "_native.pyi", "py.typed"} <= names
    program = ("import ipczmq\nprint(ipczmq.__file__)\nm = ipczmq.IpcMain('inproc://x')\nm.handle('x', lambda e: 42)\n"
               "m.start()\nprint(ipczmq.IpcRenderer('inproc://x').invoke('x').get(20))\n")
    done = run(sys.executable, "-c", program, env={"PYTHONPATH": str(installed)}, cwd=tmp_path)
    assert done.stdout == f"{installed}/ipczmq/__init__.py\n42\n", done.stdout


def blocks():
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_programs_of_the_readme(tmp_path):
    """Each main with the renderer after it; what they print is what their comments say."""
    programs = blocks()
    assert [name for name, _ in programs] == ["main", "renderer", "async_main", "async_renderer"]
    for (main_name, main), (renderer_name, renderer) in zip(programs[::2], programs[1::2]):
        environment = dict(os.environ, IPCZMQ_ENDPOINT=f"ipc://{tmp_path}/{main_name}")
        started = subprocess.Popen([sys.executable, "-u", "-c", main], env=environment, stdout=subprocess.PIPE, text=True)
        try:
            done = run(sys.executable, "-u", "-c", renderer, env=environment, timeout=60)
            wanted = re.findall(r"# prints (.*)$", renderer, re.MULTILINE)
            assert (done.returncode, done.stdout.splitlines()) == (0, wanted), renderer_name
        finally:
            started.kill()
            said, _ = started.communicate()
        assert said.splitlines() == re.findall(r"# prints (.*)$", main, re.MULTILINE), main_name

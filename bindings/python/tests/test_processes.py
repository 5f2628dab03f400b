# SPDX-License-Identifier: MIT
"""Two processes; Ctrl-C; the end of the interpreter in the middle of things."""
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import ipczmq
from conftest import eventually

MAIN = """
    main = ipczmq.IpcMain(endpoint)
    @main.on("synchronous-message")
    def _(event, arg):
        print("got", arg)
        event.return_value = "pong"
    @main.handle("sleep")
    def _(event, seconds):
        time.sleep(seconds)
    @main.on("keep")
    def _(event):
        main.kept = event
    @main.handle("forever")
    async def _(event):
        await asyncio.sleep(1000)
    print("ready")
    main.run()
"""


def test_two_processes(child, endpoint):
    main = child(MAIN)
    renderer = child("""
        with ipczmq.IpcRenderer(endpoint) as renderer:
            print(renderer.send_sync("synchronous-message", "ping"))
    """)
    assert renderer.end() == (0, "pong\n", "")
    assert (main.line(), main.line()) == ("ready", "got ping")
    main.interrupt()
    code, said, complained = main.end()
    assert (code, said) == (-signal.SIGINT, "") and complained.rstrip().endswith("KeyboardInterrupt")


def interrupted_in(child, program):
    """What becomes of a program that is interrupted, some time after it has said "ready": seconds, and its end."""
    program = child(program)
    assert program.line() == "ready"
    time.sleep(0.3)  # it says so before it begins to wait
    began = time.monotonic()
    program.interrupt()
    ended = program.end()
    return time.monotonic() - began, ended


@pytest.mark.parametrize("waiting", [
    "main.run()",
    "main.poll(1000)",
    "asyncio.run(main.serve())",
    "renderer.send_sync('keep')",
    "renderer.invoke('keep').get()",
    "renderer.invoke('keep').get(timeout=1000)",
    "renderer.drain(1000)",
], ids=str)
def test_ctrl_c_ends(child, waiting):
    seconds, (code, said, complained) = interrupted_in(child, f"""
        main = ipczmq.IpcMain(endpoint, linger=0.1)
        renderer = ipczmq.IpcRenderer(endpoint if "keep" in {waiting!r} else endpoint + "-nobody", linger=0.1)
        main.on("keep", lambda event: None)
        renderer.send("x")
        print("ready")
        try:
            {waiting}
        except KeyboardInterrupt:
            print("interrupted")
            sys.exit(7)
    """)
    assert (code, said) == (7, "interrupted\n"), complained
    assert seconds < 20


def test_ctrl_c_in_a_listener_comes_out_of_run(child):
    _, (code, said, complained) = interrupted_in(child, """
        main = ipczmq.IpcMain(endpoint)
        renderer = ipczmq.IpcRenderer(endpoint)
        @main.on("x")
        def _(event):
            print("ready")
            time.sleep(1000)
        renderer.send("x")
        try:
            main.run()
        except KeyboardInterrupt:
            print("interrupted")
    """)
    assert (code, said, complained) == (0, "interrupted\n", "")


def test_sys_exit_in_a_listener_ends_the_program(child):
    program = child("""
        main = ipczmq.IpcMain(endpoint)
        renderer = ipczmq.IpcRenderer(endpoint)
        main.on("x", lambda event: sys.exit(5))
        renderer.send("x")
        main.run()
    """)
    assert program.end() == (5, "", "")


def test_signal_handler_that_returns_lets_the_call_go_on(child):
    main = child(MAIN)
    assert main.line() == "ready"
    renderer = child("""
        import signal
        signal.signal(signal.SIGINT, lambda *_: print("handled"))
        with ipczmq.IpcRenderer(endpoint) as renderer:
            call = renderer.invoke("sleep", 2)
            print("ready")
            print(call.get())
    """)
    assert renderer.line() == "ready"
    renderer.interrupt()
    assert renderer.end() == (0, "handled\nNone\n", "")


@pytest.mark.parametrize("waiting", [
    "renderer.send_sync('keep')",
    "renderer.invoke('forever').get()",
    "renderer.run()",
    "renderer.drain(1000)",
    "asyncio.run(wait(renderer.invoke('forever')))",
], ids=str)
def test_end_of_the_interpreter_mid_call_is_clean(child, waiting):
    """The first thread ends the program while another one, a daemon, is in a call."""
    main = child(MAIN)
    assert main.line() == "ready"
    for _ in range(3):
        program = child(f"""
            renderer = ipczmq.IpcRenderer(endpoint if "drain" not in {waiting!r} else endpoint + "-nobody", linger=0.1)
            renderer.send("x")
            async def wait(call):
                await call
            def work():
                print("ready")
                try:
                    {waiting}
                except ipczmq.Error as e:
                    assert e.errc is ipczmq.Errc.CLOSED, e
            threading.Thread(target=work, daemon=True).start()
            time.sleep(0.2)
        """)
        code, said, complained = program.end()
        assert (code, said) == (0, "ready\n"), complained
        assert "Fatal" not in complained and "terminate" not in complained and "Traceback" not in complained


def test_end_of_the_interpreter_while_listeners_run_is_clean(child):
    """Callbacks rain on start()'s thread, on an asyncio one and on a daemon's when the program ends."""
    for _ in range(5):
        program = child("""
            main = ipczmq.IpcMain(endpoint, linger=0.1, log=lambda level, line: None)
            renderer = ipczmq.IpcRenderer(endpoint, linger=0.1, log=lambda level, line: None)
            main.on("x", lambda event, n: event.reply("y", n))
            @main.handle("a")
            async def _(event, n):
                await asyncio.sleep(0.001)
                return n
            renderer.on("y", lambda event, n: renderer.invoke("a", n).then(lambda call: call.ready()))
            main.start()
            threading.Thread(target=renderer.run, daemon=True).start()
            def rain():
                try:
                    while True:
                        renderer.send("x", b"x" * 9000)
                except ipczmq.Error:
                    pass
            for _ in range(2):
                threading.Thread(target=rain, daemon=True).start()
            time.sleep(0.3)
            print("ends")
        """)
        code, said, complained = program.end()
        assert (code, said) == (0, "ends\n"), complained
        assert "Fatal" not in complained and "terminate" not in complained, complained


def test_daemon_thread_in_a_listener_does_not_crash_the_end(child):
    program = child("""
        main = ipczmq.IpcMain(endpoint, linger=0.1)
        renderer = ipczmq.IpcRenderer(endpoint, linger=0.1)
        inside = threading.Event()
        @main.on("x")
        def _(event):
            inside.set()
            time.sleep(1000)
        renderer.send("x")
        threading.Thread(target=main.run, daemon=True).start()
        inside.wait()
        print("ends")
    """)
    code, said, complained = program.end()
    # The listener has not returned, so the renderer may be told that its message was not dispatched.
    complaints = [line for line in complained.splitlines() if not ("not acknowledged" in line and "may be lost" in line)]
    assert (code, said, complaints) == (0, "ends\n", [])


def test_crash_of_main_ends_the_call(child, endpoint):
    main = child(MAIN)
    assert main.line() == "ready"
    with ipczmq.IpcRenderer(endpoint, linger=0.1) as renderer:
        renderer.send_sync("synchronous-message", "ping")
        call = renderer.invoke("sleep", 1000)
        main.line()
        os.kill(main.process.pid, signal.SIGKILL)
        with pytest.raises(ipczmq.Error) as caught:
            child(MAIN)  # another one in its place
            call.get(60)
        assert caught.value.errc in (ipczmq.Errc.MAIN_RESTARTED, ipczmq.Errc.DISCONNECTED)


def test_child_of_fork_is_told(endpoint):
    with ipczmq.IpcMain(endpoint) as main:
        pid = os.fork()
        if pid == 0:
            try:
                main.poll()
            except ipczmq.Error as e:
                os._exit(42 if e.errc is ipczmq.Errc.FORKED else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 42


def test_other_threads_run_while_one_waits(endpoint):
    """The interpreter's lock is free while a call waits."""
    with ipczmq.IpcMain(endpoint) as main, ipczmq.IpcRenderer(endpoint) as renderer:
        main.on("x", lambda event: setattr(event, "return_value", 1))
        answers = []
        thread = threading.Thread(target=lambda: answers.append(renderer.send_sync("x", deadline=30)))
        thread.start()
        assert eventually(lambda: main.poll(0.05) >= 0 and not thread.is_alive())  # here, while that one waits
        assert answers == [1]


def test_missing_native_module_names_what_builds_it():
    source = os.environ["IPCZMQ_SOURCE"]
    done = subprocess.run([sys.executable, "-c", "import ipczmq"], env={"PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the native module is not there" in done.stderr and "./dev build" in done.stderr
    assert "pip install" in done.stderr

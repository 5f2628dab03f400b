# SPDX-License-Identifier: MIT
"""Peers of the conformance suite: one program a language, all with the same interface.

    PEER main ENDPOINT       prints {"ready": [endpoints]}. Sends what comes on echo-event back on echo-event-reply;
                             answers echo-sync (a listener) and echo-invoke (a handler) with the first argument; the
                             handler throw throws an Error of its first argument; a message on quit ends it.
    PEER renderer ENDPOINT   does what it reads, a line each: {"verb": "send" | "sendSync" | "invoke", "hex": msgpack of
                             the arguments, "channel": when it is not the echo}. It prints a line for each:
                             {"ok": true, "hex": msgpack of the result (of send: of the reply's arguments)} or
                             {"ok": false, "error": text, "code": name}. It ends with its input.
"""
import json
import os
import subprocess
import sys
import threading

WAIT_SECONDS = 60


class Peer:
    def __init__(self, command, role, endpoint, environment):
        self.process = subprocess.Popen([*command, role, endpoint], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=dict(os.environ, **environment), text=True)
        self.late = False

    def line(self):
        """The next line, as JSON; the peer is killed when it takes too long."""
        timer = threading.Timer(WAIT_SECONDS, self._give_up)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise AssertionError("it took too long" if self.late else f"it ended with {self.process.wait()}")
        return json.loads(line)

    def _give_up(self):
        self.late = True
        self.process.kill()

    def ask(self, verb, packed, channel=None):
        request = {"verb": verb, "hex": packed.hex()}
        if channel is not None:
            request["channel"] = channel
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.line()

    def ended(self):
        """Its exit code, after the end of its input."""
        self.process.stdin.close()
        try:
            return self.process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            return "it does not end"

    def kill(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass


def languages(arguments):
    """{language: (command, environment, why it is not there)} of NAME=PROGRAM arguments; or NAME=, or NAME=?REASON."""
    known = {}
    for argument in arguments:
        name, _, program = argument.partition("=")
        program, _, python_path = program.partition("@")
        environment = {"PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1"} if python_path else {}
        missing = None
        if program.startswith("?"):
            missing = f"the {name} peer is not here: {program[1:]}"
        elif not program or not os.path.exists(program):
            missing = f"the {name} peer is not here ({program or 'its binding was not built'})"
        command = [program]
        if program.endswith(".py"):
            command = [sys.executable, program]
        elif program.endswith(".js"):
            command = ["node", program]
        known[name] = command, environment, missing
    return known

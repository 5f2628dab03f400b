# SPDX-License-Identifier: MIT
"""A world of its own for each test of a single situation."""
import contextlib
import sys
import tempfile
import time
import unittest

from . import sandbox
from .verdict import Verdict
from .world import World

PING_TIMEOUT, RESUME_FOR = 1.0, 8.0


class FaultCase(unittest.TestCase):
    programs = ''
    options = ['ping_interval=200', f'ping_timeout={PING_TIMEOUT * 1000:.0f}', f'resume_for={RESUME_FOR * 1000:.0f}']

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='ipczmq-faults-')
        self.addCleanup(directory.cleanup)
        self.world = World(directory.name, self.programs, seed=1, main_options=self.options)
        self.addCleanup(self.world.end)

    @contextlib.contextmanager
    def case(self, **what):
        """One of several, in a world of its own."""
        with self.subTest(**what):
            self.setUp()
            try:
                yield
            finally:
                self.world.end()

    def over(self, what):
        """The endpoint of main there, without anything between."""
        return f'tcp://127.0.0.1:{World.PORT}' if what == 'tcp' else self.world.ipc

    def host(self):
        if not sandbox.tun_works():
            self.skipTest('no /dev/net/tun, so there are no hosts of their own')
        return self.world.add_host()

    def main(self):
        return self.world.start_main()

    def renderer(self, name='r', **how):
        """One that has been welcomed, when there is a main."""
        seat = self.world.add_seat(name, **how)
        member = self.world.start_renderer(seat)
        if self.world.main and self.world.main.state == 'running':
            member.process.expect('connected')
        return member

    def rates(self, renderer=0, main=0, all=0):
        self.world.rates = renderer, main, all
        self.world.send(True)

    @contextlib.contextmanager
    def traffic(self):
        """Both sides send, before and during the body; when it is over, everything has to be there, in order, once."""
        self.rates(renderer=1000, main=1000, all=20)
        time.sleep(.2)
        yield
        time.sleep(.2)
        self.verdict = self.settled()

    def settled(self, within=30.0):
        """What lives has everything; the verdict."""
        self.world.send(False)
        for m in self.world.running() if self.world.main.state == 'running' else ():
            m.process.say('burst 1')
        end = time.monotonic() + within
        while True:
            time.sleep(.05)
            v = Verdict(self.world.members, quiet=True)
            if not v.problems:
                return v
            if time.monotonic() > end:
                self.fail('\n'.join([*v.problems, *(f'{m}: {m.process.lines[-10:]} {m.process.errors[-3:]}'
                                                    for m in self.world.members[-6:])]))

    def no_session_was_lost(self, *members):
        self.assertEqual(self.verdict.missing, 0)
        for m in members:
            self.assertEqual(m.connections(), 1, m.process.lines)
        self.assertEqual(self.world.main.gone(), {})

    def eventually(self, condition, within=10.0):
        end = time.monotonic() + within
        while not condition():
            if time.monotonic() > end:
                self.fail('not in time: ' + str([m.process.lines[-10:] for m in self.world.running()]))
            time.sleep(.01)


def main():
    sandbox.enter()
    FaultCase.programs = sys.argv.pop(1)
    unittest.main(verbosity=2)

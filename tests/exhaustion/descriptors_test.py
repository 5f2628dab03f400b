# SPDX-License-Identifier: MIT
"""Main has few descriptors, and more connections come than it has: it keeps those it has, and takes new ones later."""
import contextlib, subprocess, sys, time, unittest
from pathlib import Path
from exhausting import ExhaustionTest

FLOOD = Path(__file__).with_name('flood.py')


class DescriptorsTest(ExhaustionTest):
    def survives_a_flood(self, endpoint, files=4096):
        self.limited_main(endpoint, files)
        floods = [subprocess.Popen([sys.executable, FLOOD, self.bound, str(files * 2), '4'], stdout=subprocess.PIPE,
                                   text=True) for _ in range(2)]
        for f in floods:
            self.addCleanup(f.wait)
            self.addCleanup(f.kill)
        most = 0
        while any(f.poll() is None for f in floods):
            most = max(most, self.descriptors())
            self.assertIsNone(self.main.process.poll(), self.said())
            time.sleep(.01)
        made = sum(int(f.communicate()[0]) for f in floods)
        self.worker_is_unharmed()
        cut = self.statistics()['cut']
        print(f'{self.bound.partition(":")[0]}, {files} descriptors: {made} connections came, {cut} were cut, at '
              f'most {most} descriptors were in use', file=sys.stderr)
        self.assertGreater(made, files)
        self.assertGreater(cut, 0)
        self.assertLess(most, files)
        said = self.said()
        self.assertTrue(any('connection(s) cut, those that are here go on: more than' in line for line in said), said)
        self.assertLess(len([line for line in said if 'cut' in line]), 12)
        self.peer('renderer', self.bound, identity='afterwards')
        self.until(lambda: 'created afterwards' in self.main.seen, lambda: self.main.expect('created ', .1), 10)

    def test_flood_of_connections_over_ipc(self):
        self.survives_a_flood(None)

    def test_flood_of_connections_over_tcp(self):
        self.survives_a_flood('tcp://127.0.0.1:*')

    def test_application_that_has_taken_the_last_descriptor_and_tcp(self):
        self.limited_main('tcp://127.0.0.1:*', 2400)
        self.assertGreater(int(self.main.ask('hoard', 'ok ')), 1000)
        sockets = [self.connect() for _ in range(100)]
        for s in sockets:
            with contextlib.suppress(ConnectionError):
                self.assertEqual(s.recv(64 + 1)[64:], b'')
        self.worker.end()
        cpu, began = self.cpu(), time.monotonic()
        waiting = self.connect()
        time.sleep(1)
        used = (self.cpu() - cpu) / (time.monotonic() - began)
        print(f'no descriptor left, a connection waits: {used * 100:.0f} % of a core', file=sys.stderr)
        self.assertLess(used, .3)
        self.assertEqual(waiting.recv(64 + 1)[64:], b'')
        self.assertTrue(any('the process itself has used up its descriptors' in line for line in self.said()))
        self.main.ask('release', 'ok ')
        self.peer('renderer', self.bound, identity='afterwards')
        self.assertEqual(self.main.expect('created '), 'afterwards')
        self.assertEqual(self.worker.renderer.ask('invoke echo still', 'ok '), 'still')


if __name__ == '__main__':
    unittest.main()

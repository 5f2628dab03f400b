# SPDX-License-Identifier: MIT
"""Main has few descriptors, and more connections come than it has: it keeps those it has, and takes new ones later."""
import subprocess, sys, time, unittest
from pathlib import Path
from exhausting import ExhaustionTest

FLOOD = Path(__file__).with_name('flood.py')


class DescriptorsTest(ExhaustionTest):
    def flood(self, kept, seconds, programs=2):
        floods = [subprocess.Popen([sys.executable, FLOOD, self.bound, str(kept), str(seconds)], stdout=subprocess.PIPE,
                                   text=True) for _ in range(programs)]
        for f in floods:
            self.addCleanup(f.wait)
            self.addCleanup(f.kill)
        return floods

    def survives_a_flood(self, endpoint, files):
        self.limited_main(endpoint, files)
        floods = self.flood(files * 2, 4)
        most, made = 0, 0
        while any(f.poll() is None for f in floods):
            most = max(most, self.descriptors())
            self.assertIsNone(self.main.process.poll(), 'main has ended:\n' + '\n'.join(self.said()))
            time.sleep(.01)
        for f in floods:
            made += int(f.communicate()[0])
        self.worker_is_unharmed()
        cut = self.statistics()['cut']
        print(f'{self.bound.partition(":")[0]}, {files} files: {made} connections came, {cut} were cut, at most {most} '
              'descriptors were in use', file=sys.stderr)
        self.assertGreater(made, 2 * files)
        self.assertGreater(cut, files)
        self.assertLess(most, files)
        self.assertTrue(any('connection(s) cut, those that are here go on' in line and 'ulimit -n' in line
                            for line in self.said()), self.said())
        # Silent ones that got in end after three seconds, if they have not ended with the flood.
        self.peer('renderer', self.bound, identity='afterwards')
        self.assertEqual(self.main.expect('created '), 'afterwards')

    def test_flood_of_connections_over_ipc(self):
        self.survives_a_flood(None, 4096)

    def test_flood_of_connections_over_tcp(self):
        self.survives_a_flood('tcp://127.0.0.1:*', 4096)


if __name__ == '__main__':
    unittest.main()

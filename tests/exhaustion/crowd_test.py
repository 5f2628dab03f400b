# SPDX-License-Identifier: MIT
"""Thousands of renderers at one main. IPCZMQ_CROWD=10000 is the whole measure; the default is what a test run affords.
IPCZMQ_CROWD_AT_ONCE says how many of them share a process, which needs seven descriptors for each."""
import os, sys, time, unittest
from exhausting import MEMORY, SANITIZER, ExhaustionTest

CROWD = os.environ['CROWD']
RENDERERS = int(os.environ.get('IPCZMQ_CROWD', 500 if SANITIZER == 'thread' else 2000))
AT_ONCE = int(os.environ.get('IPCZMQ_CROWD_AT_ONCE', 2000))


class CrowdTest(ExhaustionTest):
    def crowd_main(self, endpoint=None, **options):
        self.main = self.peer('main', endpoint, program=CROWD, **options)
        self.bound = next(line.split()[1] for line in self.main.seen if line.startswith('endpoint '))
        self.pid = self.main.process.pid

    def crowd(self, count, first):
        return self.peer('renderers', self.bound, program=CROWD, count=count, first=first)

    def tell(self):
        words = self.main.ask('tell', 'ok ', timeout=30).split()
        return {name: int(n) for name, n in zip(words[::2], words[1::2])}

    def test_all_are_welcomed_and_each_is_answered_once(self):
        self.crowd_main()
        before, began = self.memory(), time.monotonic()
        sizes = [min(AT_ONCE, RENDERERS - first) for first in range(0, RENDERERS, AT_ONCE)]
        crowds = [self.crowd(size, i * AT_ONCE) for i, size in enumerate(sizes)]
        for crowd, size in zip(crowds, sizes):
            self.assertEqual(crowd.expect('answered ', 200), f'{size} wrong 0', crowd.seen)
        took, spent = time.monotonic() - began, [self.cpu(c.process.pid) for c in crowds]
        told = self.tell()
        self.assertEqual((told['created'], told['asked'], told['twice']), (RENDERERS + 1, RENDERERS, 0))
        self.assertEqual((told['gone'], told['malformed']), (0, 0))
        each = (self.memory() - before) / RENDERERS
        print(f'{RENDERERS} renderers in {len(sizes)} process(es): welcomed and answered in {took:.1f} s, '
              f'{each / 1024:.1f} KiB each in main; {self.cpu():.1f} s of processor time in main, {sum(spent):.1f} s in '
              f'the renderers', file=sys.stderr)
        self.assertLess(each, MEMORY * (64 << 10))
        # Idle, they cost pings only.
        pids, began = [self.pid, *(c.process.pid for c in crowds)], time.monotonic()
        before = [self.cpu(pid) for pid in pids]
        time.sleep(3)
        used = [(self.cpu(pid) - b) / (time.monotonic() - began) * 100 for pid, b in zip(pids, before)]
        print(f'idle: {used[0]:.1f} % of a core in main, {sum(used[1:]):.1f} % in the renderers', file=sys.stderr)
        for crowd, size in zip(crowds, sizes):
            self.assertEqual(crowd.ask('again', 'answered ', timeout=200), f'{size} wrong 0', crowd.seen)
        self.assertEqual(self.tell()['created'], RENDERERS + 1)
        for crowd in crowds:
            crowd.process.kill()
        self.until(lambda: self.tell()['gone'] == RENDERERS, lambda: time.sleep(.1), 60)

    def test_renderers_beyond_the_descriptors_wait_until_others_leave(self):
        self.wait_until_others_leave(None)

    def test_the_same_over_tcp(self):
        self.wait_until_others_leave('tcp://127.0.0.1:*')

    def wait_until_others_leave(self, endpoint):
        if SANITIZER == 'thread':
            self.skipTest('under ThreadSanitizer a thousand renderers take main for dead before their turn comes')
        self.crowd_main(endpoint, under=['prlimit', '--nofile=2400'])
        first, limit = self.crowd(900, 0), 2400
        self.assertEqual(first.expect('answered ', 60), '900 wrong 0')
        second = self.crowd(900, 900)
        self.until(lambda: self.tell()['cut'] > 100, lambda: time.sleep(.1), 60)
        cpu, began = self.cpu(), time.monotonic()
        time.sleep(3)
        used, told = (self.cpu() - cpu) / (time.monotonic() - began), self.tell()
        print(f'{told["created"] - 1} of 1800 have come in, {told["cut"]} connections were cut, {self.descriptors()} of '
              f'{limit} descriptors are in use, {used * 100:.0f} % of a core', file=sys.stderr)
        self.assertLess(self.descriptors(), limit)
        self.assertEqual(first.ask('again', 'answered ', timeout=60), '900 wrong 0')
        first.say('exit')
        self.assertEqual(second.expect('answered ', 120), '900 wrong 0', second.seen)
        self.assertEqual(self.tell()['twice'], 900)  # those of the first crowd, which asked twice


if __name__ == '__main__':
    unittest.main()

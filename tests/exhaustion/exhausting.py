# SPDX-License-Identifier: MIT
"""What the tests of exhaustion share: main under limits, a renderer that must not notice, what main uses."""
import os, socket, sys, tempfile, time
from peer_process import PeerTest
from worker import Worker

PAGE = os.sysconf('SC_PAGE_SIZE')
TICKS = os.sysconf('SC_CLK_TCK')
SANITIZER = os.environ.get('SANITIZER', 'none')
SANITIZED = SANITIZER != 'none'
# Red zones, shadow memory and what is kept from being used again are resident, too.
MEMORY = {'none': 1, 'thread': 8}.get(SANITIZER, 3)


class ExhaustionTest(PeerTest):
    # A round trip takes 100 µs; this is for a machine on which much else runs. Beyond it, somebody waited for somebody.
    SLOWEST = 6 if SANITIZED else 2

    def limited_main(self, endpoint=None, files=None, **options):
        """A C++ main that serves a worker, with a limit of open files."""
        self.log = tempfile.TemporaryFile('w+')
        self.addCleanup(self.log.close)
        under = ['prlimit', f'--nofile={files}'] if files else []
        self.main = self.peer('main', endpoint, under=under, log=self.log, drive='start', **options)
        self.pid = self.main.process.pid
        self.bound = next(line.split()[1] for line in self.main.seen if line.startswith('endpoint '))
        self.worker = Worker(self.peer('renderer', self.bound, identity='worker'), timeout=20)
        self.assertEqual(self.main.expect('created '), 'worker')
        self.worker.start()
        self.addCleanup(self.worker.end)

    def worker_is_unharmed(self):
        answered = self.worker.answered
        self.until(lambda: self.worker.answered > answered + 10 or self.worker.wrong, lambda: time.sleep(.01), 10)
        self.worker.end()
        self.assertEqual(self.worker.wrong, [])
        self.assertLess(self.worker.slowest, self.SLOWEST)
        for line in self.worker.renderer.seen + list(self.worker.renderer.lines.queue):
            self.assertFalse(line.startswith(('disconnected', 'closed', 'recovered')), line)
        print(f'{self.id().split(".")[-1]}: {self.worker.answered} round trips meanwhile, '
              f'the slowest {self.worker.slowest * 1000:.1f} ms', file=sys.stderr)

    def statistics(self):
        answer = self.main.ask('statistics', 'statistics ')
        return {k: int(v) for k, v in (pair.split('=') for pair in answer.split())}

    def said(self):
        """The lines of main's log."""
        self.log.seek(0)
        return self.log.read().splitlines()

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def memory(self):
        """Bytes in main's resident set."""
        with open(f'/proc/{self.pid}/statm') as f:
            return int(f.read().split()[1]) * PAGE

    def cpu(self, pid=None):
        """Seconds of processor time that main, or another, has had."""
        with open(f'/proc/{pid or self.pid}/stat') as f:
            fields = f.read().rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def connect(self, timeout=6):
        scheme, _, where = self.bound.partition('://')
        s = socket.socket(socket.AF_UNIX if scheme == 'ipc' else socket.AF_INET)
        self.addCleanup(s.close)
        s.settimeout(timeout)
        end = time.monotonic() + timeout
        while True:
            try:
                s.connect(where if scheme == 'ipc' else (where.rpartition(':')[0], int(where.rpartition(':')[2])))
                return s
            except BlockingIOError:  # a unix socket's backlog is full
                if time.monotonic() > end:
                    raise
                time.sleep(.01)

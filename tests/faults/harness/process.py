# SPDX-License-Identifier: MIT
"""A program that is told lines on stdin and says lines on stdout, and what may happen to it."""
import collections
import contextlib
import os
import signal
import subprocess
import threading
import time


class Process:
    def __init__(self, arguments, inside=()):
        """`inside`: a command that runs another one in some namespace."""
        self.stopped = False
        self.lines, self.errors = [], []
        self.by_word = collections.defaultdict(list)  # the rests of the lines that begin with it
        self.changed = threading.Condition()
        self.child = subprocess.Popen([*inside, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True, bufsize=1, errors='replace')
        self.readers = [threading.Thread(target=self.read, args=a, daemon=True)
                        for a in ((self.child.stdout, self.lines), (self.child.stderr, self.errors))]
        for r in self.readers:
            r.start()

    @property
    def pid(self):
        return self.child.pid

    def read(self, stream, into):
        for line in stream:
            with self.changed:
                into.append(line.rstrip('\n'))
                if into is self.lines:
                    word, _, rest = into[-1].partition(' ')
                    self.by_word[word].append(rest)
                self.changed.notify_all()

    def say(self, line):
        """False when it no longer listens."""
        try:
            self.child.stdin.write(line + '\n')
            self.child.stdin.flush()
            return True
        except (BrokenPipeError, ValueError, OSError):
            return False

    def find(self, prefix, since=0):
        """The rest of the first line from `since` on that begins so, or None."""
        with self.changed:
            for line in self.lines[since:]:
                if line.startswith(prefix):
                    return line[len(prefix):]
        return None

    def expect(self, prefix, within=10.0, since=0):
        """The same, but waits for it; TimeoutError."""
        end = time.monotonic() + within
        with self.changed:
            while True:
                for line in self.lines[since:]:
                    if line.startswith(prefix):
                        return line[len(prefix):]
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f'no line "{prefix}..." within {within} s; there are {self.lines[-10:]}'
                                       f' and {self.errors[-5:]}')
                self.changed.wait(left)

    def ask(self, line, prefix, within=10.0):
        since = len(self.lines)
        self.say(line)
        return self.expect(prefix, within, since)

    def count(self, prefix):
        return len(self.all(prefix))

    def all(self, prefix):
        """The rests of all lines that begin so; `prefix` holds at least a whole word."""
        word, _, more = prefix.partition(' ')
        with self.changed:
            return [rest[len(more):] for rest in self.by_word.get(word, ()) if rest.startswith(more)]

    def stop(self):
        """SIGSTOP; every thread of it has stopped when this returns."""
        self.child.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.stopped = True

    def go_on(self):
        self.child.send_signal(signal.SIGCONT)
        self.stopped = False

    def kill(self):
        self.child.kill()
        return self.wait()

    def running(self):
        return self.child.poll() is None

    def wait(self, within=30.0):
        """Its exit code, minus the signal that killed it; TimeoutError."""
        try:
            code = self.child.wait(within)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f'process {self.pid} has not ended within {within} s') from None
        for r in self.readers:
            r.join(5)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        return code

    def end(self):
        """Whatever state it is in."""
        if self.running():
            self.child.kill()
        self.wait()

    def memory(self):
        """Resident bytes."""
        with open(f'/proc/{self.pid}/statm', encoding='ascii') as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

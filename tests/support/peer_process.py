"""peer_program as a child of a Python test: told lines, answers with lines."""
import queue, subprocess, sys, tempfile, threading, time, unittest
from protocol_peer import ProtocolError

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith('-') else None

BIG = bytes(range(256)) * 1000
VALUES = [None, True, -1, 2**63, 1.5, 'text', 'ünï', b'bin', b'', BIG, [1, [2, [BIG, 'x']], {}], {'a': BIG, 'b': [BIG]}]


class PeerProcess:
    """`under`: a command that runs it, such as prlimit; `program`: another one; `log`: a file for its stderr."""
    def __init__(self, role, endpoint, under=(), program=None, log=None, **options):
        arguments = [f'{name}={value}' for name, value in options.items()]
        self.process = subprocess.Popen([*under, program or PROGRAM, role, endpoint, *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1)
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))

    def say(self, line):
        self.process.stdin.write(line + '\n')

    def expect(self, prefix, timeout=5.0, alongside=None):
        """The rest of the next line that begins with `prefix`, or None in time."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=.005 if alongside else .05)
            except queue.Empty:
                if alongside:
                    alongside()
                continue
            self.seen.append(line)
            if line.startswith(prefix):
                return line[len(prefix):]
        return None

    def ask(self, line, prefix, timeout=5.0, alongside=None):
        self.say(line)
        return self.expect(prefix, timeout, alongside)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class PeerTest(unittest.TestCase):
    """A folder of its own for every test, and children that end with it."""
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.endpoint = f'ipc://{folder.name}/main.sock'

    def peer(self, role, endpoint=None, **options):
        peer = PeerProcess(role, endpoint or self.endpoint, **options)
        self.addCleanup(peer.end)
        self.assertIsNotNone(peer.expect('ready'))
        return peer

    def until(self, condition, pump, seconds=5.0):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            pump()
        self.assertTrue(condition(), 'not in time')

    def fails(self, code, function, *args, **options):
        with self.assertRaises(ProtocolError) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

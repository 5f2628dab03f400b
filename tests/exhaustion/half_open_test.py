# SPDX-License-Identifier: MIT
"""Thousands of connections that never say hello: cut after three seconds, never more than half of the
descriptors that are not in reserve, and who says hello comes in meanwhile."""
import contextlib, select, sys, time, unittest
from exhausting import ExhaustionTest
from raw_peer import GREETING, RawPeer, part, ready

FILES = 4096
KEPT = (FILES - 1065) // 2
NOTHING, HANDSHAKE, SLOW_HANDSHAKE = range(3)


class HalfOpenTest(ExhaustionTest):
    def are_cut(self, sockets, seconds):
        """How many of them have ended in that time."""
        poll, end, over = select.epoll(), time.monotonic() + seconds, set()
        for s in sockets:
            poll.register(s, select.EPOLLRDHUP)
        while len(over) < len(sockets) and time.monotonic() < end:
            for fd, _ in poll.poll(.1):
                poll.unregister(fd)
                over.add(fd)
        return len(over)

    def thousands(self, endpoint):
        self.limited_main(endpoint, FILES)
        base = self.descriptors()
        began, sockets, most = time.monotonic(), [], 0
        for i in range(3000):
            s = self.connect()
            sockets.append(s)
            with contextlib.suppress(ConnectionError):  # it may be cut already
                if i % 3 == HANDSHAKE:
                    s.sendall(GREETING + ready(b'raw\0' + i.to_bytes(16, 'big')))
                elif i % 3 == SLOW_HANDSHAKE:
                    s.sendall(GREETING[:i % 64])
            most = max(most, self.descriptors()) if i % 100 == 0 else most
        made = time.monotonic() - began
        self.peer('renderer', self.bound, identity='newcomer')
        self.assertEqual(self.main.expect('created '), 'newcomer')
        self.assertEqual(self.are_cut(sockets, 8), len(sockets))
        took = time.monotonic() - began - made
        self.worker_is_unharmed()
        print(f'{self.bound.partition(":")[0]}: {len(sockets)} half-open connections, made in {made:.1f} s, were over {took:.1f} s '
              f'later, at most {most} descriptors were in use', file=sys.stderr)
        self.assertLess(most, base + KEPT + 1001)  # 1001: see transport/gate.hpp
        self.assertGreaterEqual(self.statistics()['cut'], len(sockets))
        self.until(lambda: self.descriptors() <= base + 4, lambda: time.sleep(.05))
        said = self.said()
        self.assertTrue(any('have not said hello' in line for line in said), said)
        self.assertTrue(any('no hello came within 3 s' in line for line in said), said)
        self.assertLess(len(said), 12)

    def test_thousands_over_ipc(self):
        self.thousands(None)

    def test_thousands_over_tcp(self):
        self.thousands('tcp://127.0.0.1:*')

    def test_message_without_end_before_hello_is_cut_and_its_memory_given_back(self):
        self.limited_main()
        raw = RawPeer(self.connect())
        before, began, sent = self.memory(), time.monotonic(), 0
        with contextlib.suppress(ConnectionError, TimeoutError):
            while time.monotonic() - began < 6:
                raw.s.sendall(part(bytes(1 << 20), more=True))
                sent += 1
                time.sleep(.005)
        most = self.memory()
        self.assertLess(time.monotonic() - began, 5)
        self.until(lambda: self.memory() < before + (48 << 20), lambda: time.sleep(.05))
        self.worker_is_unharmed()
        print(f'{sent} MiB were sent; main grew by {(most - before) >> 20} MiB, and shrank to '
              f'{(self.memory() - before) >> 20} MiB more than before', file=sys.stderr)

    def test_message_without_end_of_a_welcomed_renderer_ends_with_the_ping_timeout(self):
        self.limited_main(ping_interval=200, ping_timeout=1000)
        raw = RawPeer(self.connect())
        raw.open()
        self.assertEqual(self.main.expect('created '), 'raw')
        before, began = self.memory(), time.monotonic()
        with contextlib.suppress(ConnectionError, TimeoutError):
            while time.monotonic() - began < 6:
                raw.s.sendall(part(bytes(1 << 20), more=True))
                time.sleep(.005)
        self.assertLess(time.monotonic() - began, 4)
        self.until(lambda: self.memory() < before + (48 << 20), lambda: time.sleep(.05))
        self.worker_is_unharmed()


if __name__ == '__main__':
    unittest.main()

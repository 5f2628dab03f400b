# SPDX-License-Identifier: MIT
"""A renderer on a bare socket that speaks ZMTP 3.0 by itself: it may leave out what libzmq would do, such as reading."""
import secrets, select, socket, struct, time
from protocol_peer import HELLO, PONG, WELCOME, decode, raw_frame

GREETING = b'\xff' + bytes(8) + b'\x7f\x03\x00' + b'NULL'.ljust(20, b'\0') + bytes(32)


def part(body, more=False, command=False):
    flags = more | command << 2
    return (struct.pack('>BB', flags, len(body)) if len(body) < 256 else struct.pack('>BQ', flags | 2, len(body))) + body


def message(parts):
    return b''.join(part(body, more=i + 1 < len(parts)) for i, body in enumerate(parts))


def ready(routing):
    def named(name, value):
        return bytes([len(name)]) + name + struct.pack('>I', len(value)) + value
    return part(b'\x05READY' + named(b'Socket-Type', b'DEALER') + named(b'Identity', routing), command=True)


class RawPeer:
    """`s` is connected; its hello is left to hello()."""
    def __init__(self, s, identity='raw', routing=None):
        self.s, self.identity, self.got, self.token = s, identity, b'', 0
        self.routing = routing or identity.encode() + b'\0' + secrets.token_bytes(16)
        s.sendall(GREETING + ready(self.routing))

    def exactly(self, n):
        while len(self.got) < n:
            more = self.s.recv(1 << 20)
            if not more:
                raise ConnectionError('cut')
            self.got += more
        result, self.got = self.got[:n], self.got[n:]
        return result

    def hello(self, **more):
        self.send(raw_frame(messages=[[HELLO, dict(protocol=1, identity=self.identity, clock=1, **more)]]))

    def send(self, parts):
        self.s.sendall(message(parts))

    def receive(self):
        """The next frame."""
        parts, more = [], True
        while more:
            flags, size = self.exactly(2)
            if flags & 2:
                size = int.from_bytes(bytes([size]) + self.exactly(7), 'big')
            body = self.exactly(size)
            if not flags & 4:
                parts.append(body)
                more = flags & 1
        return decode(parts)

    def open(self, **more):
        """Says hello and returns the welcome."""
        self.exactly(64)  # their greeting
        self.hello(**more)
        return self.expect(WELCOME)[1]

    def expect(self, kind):
        """The next message of that kind; others are let go."""
        while True:
            for m in self.receive().messages:
                if m[0] == kind:
                    return m

    def answer_pings(self, data):
        """What to send in answer to the pings in `data`, which was received; keeps what is not complete."""
        self.got, answers, at, parts = self.got + data, b'', 0, []
        while at + 2 <= len(self.got):
            flags, size, head = self.got[at], self.got[at + 1], 2
            if flags & 2:
                size, head = int.from_bytes(self.got[at + 1:at + 9], 'big'), 9
            if at + head + size > len(self.got):
                break
            body, at = self.got[at + head:at + head + size], at + head + size
            if body[30:32] == b'\x94\x23':
                for m in decode([body]).messages:
                    answers += message(raw_frame(messages=[[PONG, m[1], 1, 0]]))
        self.got = self.got[at:]
        return answers

    def is_cut(self, seconds):
        """Whether main ends the connection in that time; what comes meanwhile is thrown away."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.s.settimeout(max(.01, end - time.monotonic()))
            try:
                if not self.s.recv(1 << 20):
                    return True
            except socket.timeout:
                return False
            except ConnectionError:
                return True
        return False

    def ends(self, seconds):
        """The same without reading anything."""
        poll = select.poll()
        poll.register(self.s, select.POLLRDHUP)
        return bool(poll.poll(seconds * 1000))

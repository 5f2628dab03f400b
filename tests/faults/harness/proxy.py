# SPDX-License-Identifier: MIT
"""A proxy between renderers and main that can do to a connection what networks do: end it, reset it, end it in the
middle of a frame, leave it half-open, refuse new ones. Over TCP and Unix sockets."""
import os
import random
import selectors
import socket
import struct
import threading


class Connection:
    def __init__(self, near, far):
        self.ends = (near, far)
        self.waiting = {near: bytearray(), far: bytearray()}  # to be written there

    def other(self, end):
        return self.ends[1] if end is self.ends[0] else self.ends[0]


class Proxy:
    CHUNK, WAITING_MAX = 1 << 16, 1 << 20

    def __init__(self, listen, target, seed=0):
        """`listen` and `target` are ipc:// or tcp:// endpoints; a tcp port 0 is chosen, and then in `endpoint`."""
        self.target, self.random = target, random.Random(seed)
        self.listener, self.endpoint = self.bind(listen)
        self.connections, self.todo = set(), []
        self.held = self.over = False
        self.lock = threading.Lock()
        self.wake, self.woken = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(self.woken, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @staticmethod
    def split(endpoint):
        scheme, rest = endpoint.split('://')
        if scheme == 'ipc':
            return socket.AF_UNIX, rest
        host, port = rest.rsplit(':', 1)
        return socket.AF_INET, (host, int(port))

    def bind(self, endpoint):
        family, address = self.split(endpoint)
        s = socket.socket(family)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(address)
        s.listen(512)
        s.setblocking(False)
        if family == socket.AF_INET:
            endpoint = 'tcp://%s:%d' % s.getsockname()
        return s, endpoint

    # From any thread; done on the proxy's own, and over when they return.
    def do(self, action, *arguments):
        done = threading.Event()
        with self.lock:
            self.todo.append((action, arguments, done))
        self.wake.send(b'x')
        if not done.wait(10):
            raise TimeoutError('the proxy does not answer')

    def cut(self):
        """Ends every connection, as a peer that closes does."""
        self.do(lambda: [self.drop(c) for c in list(self.connections)])

    def reset(self):
        """The same with RST: what is under way is thrown away."""
        self.do(lambda: [self.drop(c, reset=True) for c in list(self.connections)])

    def truncate(self):
        """The same, in the middle of what is being sent."""
        self.do(self.truncate_all)

    def hold(self, held=True):
        """Half-open: nothing passes, nobody is told."""
        self.do(self.set_held, held)

    def refuse(self, refusing=True):
        """Nobody listens any more: those who try to connect hear so at once."""
        self.do(self.set_refusing, refusing)

    def end(self):
        self.do(setattr, self, 'over', True)
        self.thread.join(10)

    # On the proxy's thread.
    def run(self):
        while not self.over:
            for key, events in self.selector.select():
                if key.fileobj is self.woken:
                    self.work_off()
                elif key.fileobj is self.listener:
                    self.accept()
                elif key.data in self.connections:
                    self.pass_on(key.data, key.fileobj, events)
        for c in list(self.connections):
            self.drop(c)
        self.unlisten()
        for s in (self.wake, self.woken):
            s.close()

    def work_off(self):
        self.woken.recv(4096)
        with self.lock:
            todo, self.todo = self.todo, []
        for action, arguments, done in todo:
            action(*arguments)
            done.set()

    def accept(self):
        try:
            near, _ = self.listener.accept()
        except OSError:
            return
        family, address = self.split(self.target)
        far = socket.socket(family)
        try:
            far.connect(address)
        except OSError:
            near.close()
            far.close()
            return
        c = Connection(near, far)
        self.connections.add(c)
        for end in c.ends:
            end.setblocking(False)
            self.selector.register(end, selectors.EVENT_READ, c)
        self.watch(c)

    def watch(self, c):
        for end in c.ends:
            wanted = 0
            if not self.held:
                if len(c.waiting[c.other(end)]) < self.WAITING_MAX:
                    wanted |= selectors.EVENT_READ
                if c.waiting[end]:
                    wanted |= selectors.EVENT_WRITE
            known = end in self.selector.get_map()
            if wanted and known:
                self.selector.modify(end, wanted, c)
            elif wanted:
                self.selector.register(end, wanted, c)
            elif known:
                self.selector.unregister(end)

    def pass_on(self, c, end, events):
        try:
            if events & selectors.EVENT_READ:
                data = end.recv(self.CHUNK)
                if not data:
                    self.drop(c)
                    return
                c.waiting[c.other(end)] += data
            for to, data in c.waiting.items():
                if data:
                    del data[:to.send(data)]
        except BlockingIOError:
            pass
        except OSError:
            self.drop(c)
            return
        self.watch(c)

    def set_refusing(self, refusing):
        if refusing and self.listener:
            self.selector.unregister(self.listener)
            self.unlisten()
        elif not refusing and not self.listener:
            self.listener, _ = self.bind(self.endpoint)
            self.selector.register(self.listener, selectors.EVENT_READ)

    def unlisten(self):
        if self.listener:
            self.listener.close()
            if self.listener.family == socket.AF_UNIX:
                os.unlink(self.endpoint[6:])
        self.listener = None

    def set_held(self, held):
        self.held = held
        for c in self.connections:
            self.watch(c)

    def truncate_all(self):
        for c in list(self.connections):
            for end in c.ends:
                try:
                    data = c.waiting[c.other(end)] or end.recv(self.CHUNK)
                    c.other(end).send(data[:self.random.randrange(len(data))] if data else b'')
                except OSError:
                    pass
            self.drop(c)

    def drop(self, c, reset=False):
        self.connections.discard(c)
        for end in c.ends:
            if end in self.selector.get_map():
                self.selector.unregister(end)
            if reset and end.family == socket.AF_INET:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            end.close()

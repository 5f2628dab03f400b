"""What both roles of the ipczmq protocol have in common, from core/PROTOCOL.md alone (§ refers to it).

Blocking, without threads: whatever waits pumps its own socket and calls each function in `alongside`, so that two roles
can live in one process."""
import time
from collections import Counter
import zmq
from protocol_stream import Stream
from protocol_wire import *


class Event:
    """First argument of listeners and handlers. A call that was kept (`keep`) is answered later: answer() or fail()."""
    def __init__(self, sender, id=0):
        self.sender, self.id, self.kept, self.cancelled = sender, id, False, None

    def keep(self):
        self.kept = True

    def answer(self, value, packed=False):
        if self.sender.incoming.pop(self.id, None):
            self.sender.post([REPLY, self.id, value], packed)

    def fail(self, code, message='', name='', data=None):
        if self.sender.incoming.pop(self.id, None):
            self.sender.post([ERROR, self.id, code, name, message, data])


class Pump:
    def make_socket(self, kind, routing=b''):
        self.socket = zmq.Context.instance().socket(kind)
        self.socket.set_hwm(0)
        self.socket.linger, self.socket.maxmsgsize = 0, LIMITS['frame_bytes']
        if routing:
            self.socket.routing_id = routing

    def pump(self, seconds=1.0, until=None):
        """Turns until `until()` holds (True) or the time is over (then: whether none was asked for)."""
        end = time.monotonic() + seconds
        while not (until and until()):
            if time.monotonic() >= end:
                return until is None
            self.step(max(0, min(end - time.monotonic(), .002 if self.alongside else .02)))
            for other in self.alongside:
                other()
        return True

    def step(self, timeout=0):
        """Takes what has arrived, waiting for it at most `timeout`, and does what has become due."""
        if not self.socket.closed and self.socket.poll(int(timeout * 1000)):
            while self.socket.poll(0):
                self.intake(self.socket.recv_multipart())
        self.tick()

    def send_raw(self, parts):
        """On main, the first part is the routing id."""
        self.socket.send_multipart(parts)

    def recv_frame(self, timeout=1.0):
        """The next frame as it comes, past the session. An undecodable one raises ProtocolError('bad_frame')."""
        if not self.socket.poll(int(timeout * 1000)):
            raise ProtocolError('timed_out', 'no frame')
        parts = self.socket.recv_multipart()
        return decode(parts[1:], routing=parts[0]) if self.socket.type == zmq.ROUTER else decode(parts)

    def on(self, channel, fn):
        self.listeners.setdefault(channel, []).append(fn)

    def handle(self, channel, fn):
        self.handlers[channel] = fn


class Peer(Pump):
    """One side of one session: what the roles have in common. `state`: opening, open, lost, closing (bye was sent),
    closed (why: `ended`)."""
    def __init__(self, role, listeners, handlers, alongside, limits, attach_over):
        self.role, self.listeners, self.handlers, self.alongside = role, listeners, handlers, alongside
        self.limits, self.attach_over, self.count, self.began = limits, attach_over, Counter(), time.monotonic()
        self.calls, self.incoming, self.subscribed, self.errors, self.last_id = {}, {}, set(), [], 0
        self.state, self.ended, self.offset, self.heard, self.pinged = 'opening', None, float('inf'), self.began, 0.0
        self.stream, self.ping_interval, self.ping_timeout = Stream(self.transmit, self.count, limits), 0, 0
        self.theirs, self.bye_reason, self.bye_at, self.bye_seen, self.answered = MINIMA, None, 0.0, None, False

    def clock(self):
        return int((time.monotonic() - self.began) * 1000)

    def post(self, message, packed=False, tag=None):
        body, attachments = outgoing(message, self.attach_over, self.theirs['attachments'], packed)
        self.stream.post(body, attachments, message[0] <= INVOKE, tag)

    def control(self, *message, flags=0):
        self.stream.emit(0, pack(message), flags=flags)

    def send(self, channel, *args, packed=False):
        self.post([EVENT, channel, list(args)], packed)

    def call(self, kind, channel, *args, timeout=5.0):
        """Begins a call and returns its id, for result() or cancel()."""
        self.last_id += 1
        self.calls[self.last_id] = None
        deadline = self.clock() + int(timeout * 1000) if timeout else 0
        self.post([kind, self.last_id, deadline, channel, list(args)], tag=self.last_id)
        return self.last_id

    def result(self, id, timeout=5.0):
        if not self.pump(timeout, lambda: self.calls[id] is not None):
            self.cancel(id, 'timed_out')
        answer = self.calls.pop(id)
        if isinstance(answer, ProtocolError):
            raise answer
        return answer[0]

    def send_sync(self, channel, *args, timeout=5.0):
        return self.result(self.call(SYNC, channel, *args, timeout=timeout), timeout)

    def invoke(self, channel, *args, timeout=5.0):
        return self.result(self.call(INVOKE, channel, *args, timeout=timeout), timeout)

    def cancel(self, id, reason='cancelled'):
        self.calls[id], before = ProtocolError(reason), self.stream.queue
        self.stream.queue = [item for item in before if item[3] != id]
        if len(self.stream.queue) == len(before):
            self.post([CANCEL, id, reason])

    def ping(self):
        self.pinged = time.monotonic()
        self.control(PING, int(self.pinged * 1000), self.clock(), self.stream.sent)

    def bye(self, reason='closed', timeout=1.0):
        """Ends the session once all is acknowledged, saying so until it is answered; True if it was."""
        self.pump(timeout, lambda: not self.stream.kept and not self.stream.queue or self.state == 'closed')
        if self.state == 'closed':
            return False
        self.state, self.bye_reason, self.stream.open = 'closing', reason, False
        self.fail_calls('peer_gone' if reason == 'killed' else 'closed')
        self.say_bye()
        self.pump(timeout, lambda: self.answered or self.state == 'closed')
        self.close('closed', reason)
        return self.answered

    def say_bye(self):
        self.bye_at = time.monotonic()
        self.control(BYE, self.bye_reason or 'closed', self.stream.sent)

    def close(self, code, message='', calls=None):
        """`calls`: what a renderer's calls get (§6), when it is not `code`."""
        if self.state != 'closed':
            self.state, self.ended, self.stream.open = 'closed', ProtocolError(code, message), False
            self.fail_calls('peer_gone' if self.role == 'main' else calls or code)

    def fail_calls(self, code, but=()):
        self.calls = {id: answer or (None if id in but else ProtocolError(code)) for id, answer in self.calls.items()}

    def malformed(self, error, parts=()):
        self.count['malformed'] += 1
        if not begins_with_refuse(parts):
            self.control(REFUSE, error.code, error.message)
        self.close(error.code, error.message)

    def feed(self, frame):
        self.heard, self.count['frames'] = time.monotonic(), self.count['frames'] + 1
        self.state = 'open' if self.state == 'lost' else self.state
        try:
            for message in frame.messages:
                need(ONLY_TO.get(message[0], self.role) == self.role, 'kind in the wrong direction')
            if self.state == 'closing':
                self.stream.heed_header(frame)
                self.answered |= any(message[0] == BYE for message in frame.messages)
            elif self.stream.take(frame) or frame.seq == 0:
                for message in frame.messages:
                    if self.state != 'closed':
                        self.act(*message)
                if frame.seq:
                    self.stream.done(frame.seq)
        except ProtocolError as error:
            self.malformed(error)

    def act(self, kind, *rest):
        if kind in (EVENT, SYNC, INVOKE):
            self.dispatch(kind, *rest)
        elif kind in (REPLY, ERROR) and self.calls.get(rest[0], self) is None:
            self.calls[rest[0]] = (rest[1],) if kind == REPLY else ProtocolError(rest[1], rest[3], rest[2], rest[4])
        elif kind in (REPLY, ERROR):
            self.count['stray_replies'] += 1
        elif kind == CANCEL and rest[0] in self.incoming:
            self.incoming.pop(rest[0]).cancelled = rest[1]
        elif kind == SUBSCRIBE:
            self.subscribed.add(rest[0])
        elif kind == UNSUBSCRIBE:
            self.subscribed.discard(rest[0])
        elif kind in (PING, PONG):
            self.offset = min(self.offset, self.clock() - rest[1])
            self.stream.missing(rest[2])
            if kind == PING:
                self.control(PONG, rest[0], self.clock(), self.stream.sent)
        elif kind == BYE:
            self.bye_seen = rest[0]
            self.stream.missing(rest[1])
            if self.stream.received >= rest[1]:
                self.say_bye()
                self.end_after_bye()
        elif kind == REFUSE:
            code = rest[0] if rest[0] in REFUSALS else 'refused'
            self.close(code, rest[1], 'main_restarted' if code == 'unknown_session' else None)
        elif kind not in FORMS:
            self.count['unknown'] += 1

    def end_after_bye(self):
        self.close('closed', self.bye_seen, 'closed' if self.bye_seen == 'killed' else 'disconnected')

    def dispatch(self, kind, *rest):
        id, deadline, channel, args = rest if kind != EVENT else (0, 0, *rest)
        event, functions = Event(self, id), list(self.listeners.get(channel, []))
        if kind == INVOKE:
            functions = [self.handlers[channel]] if channel in self.handlers else []
        if id:
            need(id not in self.incoming, 'id of an open call')
            self.incoming[id] = event
        if deadline and self.clock() > deadline + self.offset:
            return event.fail('timed_out')
        if not functions:
            self.count['unheard'] += 1
            event.fail('no_handler' if kind == INVOKE else 'no_listener', channel)
        for function in functions:
            try:
                value = function(event, *args)
                if kind == INVOKE and not event.kept:
                    event.answer(value)
            except ProtocolError as error:
                event.fail(error.code, error.message, error.name, error.data)
            except Exception as error:
                self.errors.append(error)
                event.fail('remote_failed', str(error), type(error).__name__)
        if kind == SYNC and not event.kept:
            event.fail('no_reply', channel)

    def tick(self):
        now, live = time.monotonic(), self.state in ('open', 'lost')
        if live:
            self.stream.tick()
        if self.state == 'closing' and now - self.bye_at >= .25:
            self.say_bye()
        if live and self.ping_interval and now - max(self.heard, self.pinged) > self.ping_interval / 1000:
            self.ping()
        if self.state == 'open' and self.ping_timeout and now - self.heard > self.ping_timeout / 1000:
            self.state = 'lost'
            if self.bye_seen:
                self.end_after_bye()

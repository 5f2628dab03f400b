"""Both roles of the ipczmq protocol for tests, written from core/PROTOCOL.md alone (§ refers to it).

Blocking, without threads: whatever waits pumps its own socket and calls each function in `alongside`, so that two roles
can live in one process. Everything that goes wrong is a ProtocolError, whose `code` is the protocol's."""
import secrets, struct, time
from collections import Counter, namedtuple
import msgpack, zmq

ACK_NOW, GAP, RESENT = 1, 2, 4
EVENT, SYNC, INVOKE, REPLY, ERROR, CANCEL, SUBSCRIBE, UNSUBSCRIBE = range(1, 9)
HELLO, WELCOME, REFUSE, PING, PONG, BYE = range(32, 38)
# c channel, C channel or nil, a args, v value, d data, i positive, n uint, s str, m map
FORMS = {EVENT: 'ca', SYNC: 'inca', INVOKE: 'inca', REPLY: 'iv', ERROR: 'isssd', CANCEL: 'is', SUBSCRIBE: 'C',
         UNSUBSCRIBE: 'C', HELLO: 'm', WELCOME: 'm', REFUSE: 'ss', PING: 'nnn', PONG: 'nnn', BYE: 'sn'}
ONLY_TO = {SYNC: 'main', SUBSCRIBE: 'main', UNSUBSCRIBE: 'main', HELLO: 'main', WELCOME: 'renderer'}
LIMITS = dict(frame_bytes=67108864, messages=65536, attachments=256, depth=64, window=67108864)
MINIMA = dict(frame_bytes=1048576, messages=1024, attachments=16, depth=64, window=1)
REFUSALS = {'bad_frame', 'unknown_session', 'duplicate_identity', 'incompatible', 'forbidden', 'refused'}
HEADER = struct.Struct('>BBBBQBQBQ')
Frame = namedtuple('Frame', 'flags seq received dispatched messages attachments size routing')


class ProtocolError(Exception):
    def __init__(self, code, message='', name='', data=None):
        super().__init__(f'{code}: {message}')
        self.code, self.message, self.name, self.data = code, message, name, data


def limits_of(fields):
    """What the map of a hello or welcome says that its sender accepts (§7)."""
    limits = fields.get('limits', {})
    need(isinstance(limits, dict), 'limits')
    limits = {**LIMITS, **limits}
    need(all(type(limits[name]) is int for name in LIMITS), 'limits')
    for name, least in MINIMA.items():
        if limits[name] < least:
            raise ProtocolError('incompatible', f'{name} is {limits[name]}, at least {least} required')
    return limits


def begins_with_refuse(parts):
    return bool(parts) and parts[0][30:31] > b'\x90' and parts[0][31:32] == bytes([REFUSE])


def need(condition, why):
    if not condition:
        raise ProtocolError('bad_frame', why)


def pack(value):
    return msgpack.packb(value, unicode_errors='surrogateescape')


def as_map(pairs):
    return pairs if any(isinstance(key, (list, dict)) for key, _ in pairs) else dict(pairs)


def unpack_all(data):
    unpacker = msgpack.Unpacker(strict_map_key=False, unicode_errors='surrogateescape', object_pairs_hook=as_map,
                                max_buffer_size=len(data) or 1)
    unpacker.feed(data)
    try:
        while unpacker.tell() < len(data):
            yield unpacker.unpack()
    except (msgpack.UnpackException, ValueError, TypeError, RecursionError) as error:
        raise ProtocolError('bad_frame', f'msgpack: {error!r}')


def resolve(value, parts, limit, base=0, depth=1):
    """`value` with its references to attachments replaced (§3)."""
    if isinstance(value, msgpack.ExtType) and value.code == 31:
        index = base + int.from_bytes(value.data, 'big')
        need(len(value.data) == 4 and index < len(parts), 'attachment reference')
        return parts[index]
    need(depth <= limit or not isinstance(value, (list, dict)), 'depth')
    if isinstance(value, tuple):  # a pair of as_map()
        return tuple(resolve(v, parts, limit, base, depth) for v in value)
    if isinstance(value, list):
        return [resolve(v, parts, limit, base, depth + 1) for v in value]
    if isinstance(value, dict):
        return {resolve(k, parts, limit, base): resolve(v, parts, limit, base, depth + 1) for k, v in value.items()}
    return value


def resolve_whole(value, parts, limit):
    """The same for args or value, which may be in an attachment as a whole."""
    if not (isinstance(value, msgpack.ExtType) and value.code == 31 and len(value.data) == 8):
        return resolve(value, parts, limit)
    index, base = struct.unpack('>II', value.data)
    need(index < len(parts) and base <= len(parts), 'whole value')
    values = list(unpack_all(parts[index]))
    need(len(values) == 1, 'packed value')
    return resolve(values[0], parts, limit, base)


def check(message, seq, parts, limits):
    need(isinstance(message, list) and message and type(message[0]) is int, 'message')
    kind, form = message[0], FORMS.get(message[0])
    need(form is None or (kind >= 32) == (seq == 0), 'kind in the wrong sort of frame')
    need(form is None or len(message) > len(form), 'elements missing')
    for i, letter in enumerate((form or '').ljust(len(message) - 1), 1):
        change = resolve_whole if letter in 'av' else resolve
        message[i] = change(message[i], parts, limits['depth'])
        value = message[i]
        if letter == 'c' or letter == 'C' and value is not None:
            need(isinstance(value, str) and 1 <= len(value.encode(errors='surrogateescape')) <= 255, 'channel')
            need(not any('\ud800' <= c <= '\udfff' for c in value), 'channel is not UTF-8')
        elif letter in 'in':
            need(type(value) is int and value >= (letter == 'i'), 'integer')
        elif letter in 'asm':
            need(isinstance(value, dict(a=list, s=str, m=dict)[letter]), 'type')
    return message if form is None else message[:len(form) + 1]


def decode(parts, limits=LIMITS, routing=None):
    """The parts of a frame, without routing id, checked (§7) and as a Frame with its attachments resolved."""
    size = sum(map(len, parts))
    need(parts and len(parts) - 1 <= limits['attachments'], 'parts')
    need(max(map(len, parts)) <= limits['frame_bytes'] and size <= 4 * limits['frame_bytes'], 'size')
    need(len(parts[0]) >= HEADER.size, 'short header')
    array, *fields = HEADER.unpack_from(parts[0])
    flags, seq, received, dispatched = fields[1::2]
    need([array, *fields[::2]] == [0x94, 0xcc, 0xcf, 0xcf, 0xcf] and dispatched <= received, 'header')
    messages = []
    for message in unpack_all(parts[0][HEADER.size:]):
        messages.append(check(message, seq, parts[1:], limits))
        need(len(messages) <= limits['messages'], 'too many messages')
    return Frame(flags, seq, received, dispatched, messages, parts[1:], size, routing)


def raw_frame(seq=0, received=0, dispatched=0, flags=0, messages=(), attachments=()):
    """The parts of any frame, right or wrong; a message of type bytes goes in as it is."""
    body = b''.join(m if isinstance(m, bytes) else pack(m) for m in messages)
    return [HEADER.pack(0x94, 0xcc, flags, 0xcf, seq, 0xcf, received, 0xcf, dispatched) + body, *attachments]


def outgoing(message, over, most, packed=False):
    """Body and attachments of a message: bytes longer than `over` attached; `packed`: args or value as a whole."""
    attachments, result, base = [], list(message), 0

    def inner(v):
        if isinstance(v, (bytes, bytearray)) and len(v) > over and len(attachments) < most:
            attachments.append(bytes(v))
            return msgpack.ExtType(31, struct.pack('>I', len(attachments) - 1 - base))
        if type(v) in (list, tuple):
            return [inner(x) for x in v]
        return {k: inner(x) for k, x in v.items()} if isinstance(v, dict) else v

    for i, letter in enumerate(FORMS[message[0]], 1):
        if letter in 'av' and packed:
            attachments.append(b'')
            base = len(attachments)
            attachments[base - 1] = pack(inner(message[i]))
            result[i] = msgpack.ExtType(31, struct.pack('>II', base - 1, base))
        elif letter in 'avd':
            result[i] = inner(message[i])
    return pack(result), attachments


class Stream:
    """One end of a session's numbered stream (§2, §5), the same for both roles."""
    def __init__(self, transmit, count, limits):
        self.transmit, self.count, self.quarter, self.window = transmit, count, limits['window'] // 4, LIMITS['window']
        self.open, self.queue, self.kept, self.weights, self.finished = False, [], {}, {}, set()
        self.sent = self.acked = self.freed = self.received = self.dispatched = self.pending = 0
        self.ack_due, self.gap_due, self.gap_at, self.gap_to = None, None, 0.0, 0

    def emit(self, seq, body, attachments=(), flags=0):
        self.ack_due, self.pending = None, 0
        self.transmit(raw_frame(seq, self.received, self.dispatched, flags, [body], attachments))

    def post(self, body, attachments, weighs, tag=None):
        self.queue.append((body, attachments, weighs and HEADER.size + len(body) + sum(map(len, attachments)), tag))
        self.flush()

    def flush(self):
        """Sends what waits, in order; what the window holds back is overtaken by what does not count in it."""
        waiting, blocked, self.queue = self.queue, False, []
        for body, attachments, weight, tag in waiting:
            blocked |= bool(weight and self.weights and sum(self.weights.values()) + weight > self.window)
            if not self.open or weight and blocked:
                self.queue.append((body, attachments, weight, tag))
                continue
            self.sent += 1
            self.kept[self.sent] = (body, attachments)
            self.weights.update({self.sent: weight} if weight else {})
            self.emit(self.sent, body, attachments)

    def heed(self, received, dispatched=0):
        need(received <= self.sent, 'received is beyond what was sent')
        self.acked, self.freed = max(self.acked, received), max(self.freed, dispatched)
        self.kept = {seq: frame for seq, frame in self.kept.items() if seq > self.acked}
        self.weights = {seq: weight for seq, weight in self.weights.items() if seq > self.freed}

    def resend(self):
        for seq, frame in list(self.kept.items()):
            self.count['resent'] += 1
            self.emit(seq, *frame, flags=RESENT)

    def missing(self, seq):
        """Asks for the frames up to `seq`, if they have not come."""
        if seq > self.received:
            self.count['gaps'] += 1
            self.gap_to, self.gap_due = max(seq, self.gap_to), max(time.monotonic(), self.gap_at + .02)
            self.tick()

    def heed_header(self, frame):
        self.heed(frame.received, frame.dispatched)
        if frame.flags & GAP:
            self.count['gap_requests'] += 1
            self.resend()

    def take(self, frame):
        """Heeds the header; True if the frame is the next in order and now to be dispatched."""
        self.heed_header(frame)
        fresh = frame.seq == self.received + 1
        if fresh:
            self.received, self.pending = frame.seq, self.pending + frame.size
        self.missing(frame.seq - 1)
        self.count['duplicates'] += bool(frame.seq and frame.seq <= self.received and not fresh)
        if 0 < frame.seq <= self.received:
            self.ack_due = self.ack_due or time.monotonic() + .02
        if frame.flags & ACK_NOW or self.pending >= self.quarter:
            self.emit(0, b'')
        self.flush()
        return fresh

    def done(self, seq):
        self.finished.add(seq)
        while self.dispatched + 1 in self.finished:
            self.dispatched += 1
            self.finished.remove(self.dispatched)
        self.ack_due = self.ack_due or time.monotonic() + .02

    def tick(self):
        now = time.monotonic()
        if self.gap_due and self.received >= self.gap_to:
            self.gap_due = None
        if self.gap_due and now >= self.gap_due:
            self.gap_due, self.gap_at = None, now
            self.emit(0, b'', flags=GAP)
        elif self.ack_due and now >= self.ack_due:
            self.emit(0, b'')


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


class Renderer(Peer):
    """`hello_overrides` go into hello's map; ... leaves a key out. wait=0: no handshake yet, open() does it."""
    def __init__(self, endpoint, identity='py', wait=5.0, alongside=(), attach_over=4096, **hello_overrides):
        super().__init__('renderer', {}, {}, alongside, {**LIMITS, **hello_overrides.get('limits', {})}, attach_over)
        self.endpoint, self.identity, self.overrides, self.welcome = endpoint, identity, hello_overrides, None
        self.connect()
        if wait:
            self.open(wait)

    def connect(self):
        self.routing = self.identity.encode() + b'\0' + secrets.token_bytes(16)
        self.make_socket(zmq.DEALER, self.routing)
        self.socket.connect(self.endpoint)

    def transmit(self, parts):
        self.socket.send_multipart(parts)

    def hello(self, **more):
        fields = dict(protocol=1, identity=self.identity, clock=self.clock(), limits=self.limits, **more)
        fields.update(self.overrides)
        self.send_raw(raw_frame(messages=[[HELLO, {k: v for k, v in fields.items() if v is not ...}]]))

    def open(self, wait=5.0, **more):
        """Hello every 500 ms until welcome (returned) or refuse (raised)."""
        self.state, self.ended, self.stream.open, end = 'opening', None, False, time.monotonic() + wait
        self.bye_seen, self.heard = None, time.monotonic()
        while self.state == 'opening' and time.monotonic() < end:
            self.hello(**more)
            self.pump(min(.5, wait), lambda: self.state != 'opening')
        if self.state != 'open':
            self.socket.close()
            raise self.ended or ProtocolError('timed_out', 'no welcome')
        return self.welcome

    def resume(self, wait=5.0, **changes):
        """Goes on with the session from a new socket; the welcome's `resumed` tells whether it did."""
        fields = dict(session=self.welcome['session'], secret=self.welcome['secret'], received=self.stream.received)
        self.socket.close()
        self.connect()
        return self.open(wait, resume={**fields, **changes})

    def intake(self, parts):
        if self.state == 'closed':
            return
        try:
            frame, opening = decode(parts, self.limits), self.state == 'opening'
            for message in frame.messages if opening else ():
                if message[0] == WELCOME:
                    self.welcomed(message[1])
        except ProtocolError as error:
            return self.malformed(error, parts)
        if opening and self.state == 'opening':  # before the welcome, the refusal is all that counts
            messages = [m for m in frame.messages if m[0] == REFUSE]
            return self.act(*messages[0]) if messages else None
        self.feed(frame)

    def welcomed(self, welcome):
        types = dict(protocol=int, session=bytes, secret=bytes, id=int, clock=int, resumed=bool)
        need(all(type(welcome.get(k)) is t for k, t in types.items()), 'welcome')
        need(len(welcome['session']) == len(welcome['secret']) == 16, 'session or secret')
        need(type(welcome.setdefault('received', 0)) is int, 'received')
        self.theirs = limits_of(welcome)
        if self.welcome and not welcome['resumed']:
            waiting, self.stream = self.stream.queue, Stream(self.transmit, self.count, self.limits)
            self.fail_calls('main_restarted', but={item[3] for item in waiting})
            self.offset = float('inf')
            for channel in self.subscribed:
                self.post([SUBSCRIBE, channel])
            self.stream.queue += waiting
        self.welcome, self.state, self.stream.open = welcome, 'open', True
        self.ping_interval, self.ping_timeout = welcome.get('ping_interval', 1000), welcome.get('ping_timeout', 5000)
        self.stream.window = self.theirs['window']
        self.offset = min(self.offset, self.clock() - welcome['clock'])
        self.stream.heed(welcome['received'])
        self.stream.resend()
        self.stream.flush()

    def subscribe(self, channel=None):
        self.subscribed.add(channel)
        self.post([SUBSCRIBE, channel])

    def unsubscribe(self, channel=None):
        self.subscribed.discard(channel)
        self.post([UNSUBSCRIBE, channel])


class MainPeer(Peer):
    """Main's side of one renderer's session."""
    def __init__(self, main, routing, identity):
        super().__init__('main', main.listeners, main.handlers, main.alongside, main.limits, main.attach_over)
        self.main, self.routing, self.identity, self.id, self.began = main, routing, identity, main.last_id, main.began
        self.session, self.secret = secrets.token_bytes(16), secrets.token_bytes(16)
        self.state, self.stream.open = 'open', True
        self.ping_interval, self.ping_timeout = main.options['ping_interval'], main.options['ping_timeout']

    def transmit(self, parts):
        self.main.send_raw([self.routing, *parts])

    def step(self, timeout=0):
        self.main.step(timeout)


class Main(Pump):
    """Binds the ROUTER; `peers` by routing id. `refuse`: a code with which every hello is refused."""
    def __init__(self, endpoint, alongside=(), attach_over=4096, limits=LIMITS, refuse=None, **options):
        self.options = {'ping_interval': 1000, 'ping_timeout': 5000, 'resume_for': 30000, **options}
        self.listeners, self.handlers, self.peers, self.last_id, self.began = {}, {}, {}, 0, time.monotonic()
        self.alongside, self.attach_over, self.refusal = alongside, attach_over, refuse
        self.limits = {**LIMITS, **limits}
        self.make_socket(zmq.ROUTER)
        self.socket.bind(endpoint)

    def refuse(self, routing, code, message=''):
        self.send_raw([routing, *raw_frame(messages=[[REFUSE, code, message]])])

    def intake(self, parts):
        routing, peer = parts[0], self.peers.get(parts[0])
        over = peer and peer.state == 'closed'
        try:
            frame = decode(parts[1:], self.limits, routing)
            kinds = {message[0]: message for message in frame.messages}
            if over:
                if HELLO in kinds:
                    self.refuse(routing, 'unknown_session')
            elif HELLO in kinds:
                self.hello(routing, kinds[HELLO][1], peer)
            elif peer:
                peer.feed(frame)
            elif not {REFUSE, BYE} & set(kinds) and (frame.seq or kinds):
                self.refuse(routing, 'unknown_session')
        except ProtocolError as error:
            if over:
                return
            if peer:
                peer.malformed(error, parts[1:])
            elif not begins_with_refuse(parts[1:]):
                self.refuse(routing, error.code, error.message)

    def hello(self, routing, hello, peer):
        need(all(type(hello.get(k)) is t for k, t in dict(protocol=int, identity=str, clock=int).items()), 'hello')
        theirs, resume = limits_of(hello), hello.get('resume')
        need(resume is None or [type(resume.get(k)) for k in ('session', 'secret', 'received')] == [bytes, bytes, int]
             and len(resume['session']) == len(resume['secret']) == 16, 'resume')
        if hello['identity'].encode() != routing[:-17] or routing[-17]:
            raise ProtocolError('refused', 'the identity does not fit the routing id')
        if self.refusal or hello.get('protocol_min', hello['protocol']) > 1:
            raise ProtocolError(self.refusal or 'incompatible')
        others = [p for p in self.peers.values() if p.identity == hello['identity'] and p.state in ('open', 'lost')]
        old = next((p for p in others if resume and (p.session, p.secret) == (resume['session'], resume['secret'])
                    and resume['received'] <= p.stream.sent), None)
        if old:
            old.stream.heed(resume['received'])
            old.routing, old.state = self.peers.pop(old.routing) and routing, 'open'
        elif not peer:
            if any(p.state == 'open' for p in others):
                raise ProtocolError('duplicate_identity')
            for gone in others:
                self.peers.pop(gone.routing).close('disconnected')
            self.last_id += 1
        self.peers[routing] = peer = old or peer or MainPeer(self, routing, hello['identity'])
        peer.heard, peer.offset = time.monotonic(), min(peer.offset, peer.clock() - hello['clock'])
        peer.theirs, peer.stream.window = theirs, theirs['window']
        peer.control(WELCOME, dict(
            self.options, protocol=1, session=peer.session, secret=peer.secret, id=peer.id, clock=peer.clock(),
            limits=self.limits, capabilities=[], resumed=bool(old), received=peer.stream.received))
        if old:
            old.stream.resend()

    def push(self, channel, *args, packed=False):
        """An event for every renderer that has subscribed to the channel."""
        for peer in self.peers.values():
            if {channel, None} & peer.subscribed:
                peer.send(channel, *args, packed=packed)

    def tick(self):
        life = (self.options['ping_timeout'] + self.options['resume_for']) / 1000
        for routing, peer in list(self.peers.items()):
            peer.tick()
            if peer.state == 'closed' or time.monotonic() - peer.heard > life:
                self.peers.pop(routing, None)
                peer.close('disconnected')

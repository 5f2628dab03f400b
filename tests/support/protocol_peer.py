"""Both roles of the ipczmq protocol for tests, written from core/PROTOCOL.md alone (§ refers to it).

Whoever wants to speak to a process of ipczmq from a test imports this; the rest of the protocol comes with it. Everything
that goes wrong is a ProtocolError, whose `code` is the protocol's."""
import secrets, time
import zmq
from protocol_session import Event, Peer, Pump
from protocol_stream import Stream
from protocol_wire import *


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

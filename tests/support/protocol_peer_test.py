"""The two Python roles of protocol_peer.py against each other."""
import os, tempfile, time, unittest
import msgpack
import protocol_peer as p
from protocol_peer import Main, ProtocolError, Renderer, raw_frame

BIG = bytes(range(256)) * 40


class ProtocolPeerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.endpoint, self.started, self.seen = f'ipc://{folder.name}/s', time.monotonic(), []
        self.main = self.make_main()

    def make_main(self, **options):
        main = Main(self.endpoint, alongside=[], **options)
        self.addCleanup(main.socket.close)
        return main

    def tearDown(self):
        self.assertLess(time.monotonic() - self.started, 8)

    def renderer(self, identity='py', **options):
        renderer = Renderer(self.endpoint, identity, alongside=[lambda: self.main.step()], **options)
        self.addCleanup(lambda: renderer.socket.close())
        self.main.alongside.append(renderer.step)
        return renderer

    def peer(self, renderer):
        return self.main.peers[renderer.routing]

    def record(self, event, *args):
        self.seen.append(args)

    def until(self, renderer, condition):
        self.assertTrue(renderer.pump(2, condition), 'not in time')

    def fails(self, code, function, *args, **options):
        with self.assertRaises(ProtocolError) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def lossy(self, stream, change):
        """Every numbered frame of `stream` is sent as the list of frames that change(parts, seq) returns."""
        def transmit(parts):
            seq = int.from_bytes(parts[0][4:12], 'big')
            for each in change(parts, seq) if seq else [parts]:
                real(each)
        real, stream.transmit = stream.transmit, transmit
        return lambda: setattr(stream, 'transmit', real)

    def test_handshake_and_refusals(self):
        renderer = self.renderer()
        self.assertEqual((renderer.welcome['resumed'], renderer.welcome['id']), (False, 1))
        self.fails('duplicate_identity', self.renderer)
        self.fails('incompatible', self.renderer, 'other', protocol=9, protocol_min=7)
        self.fails('bad_frame', self.renderer, 'other', protocol='1')
        self.fails('bad_frame', self.renderer, 'other', clock=...)
        renderer.hello()
        renderer.send('still', 1)
        self.until(renderer, lambda: self.peer(renderer).count['unheard'])
        self.assertEqual(len(self.main.peers), 1)

    def test_events_both_ways_and_subscriptions(self):
        self.main.on('up', self.record)
        renderer, other = self.renderer(), self.renderer('other')
        renderer.on('down', self.record)
        other.on('down', self.record)
        renderer.subscribe('down')
        other.subscribe('else')
        values = 1, 'zwei', [3.5, None], {'k': b'v', 7: -1}, msgpack.ExtType(5, b'x')
        for value in values:
            renderer.send('up', value)
        self.until(renderer, lambda: len(self.seen) == 5)
        self.assertEqual(self.seen, [(value,) for value in values])
        self.until(other, lambda: self.main.peers[other.routing].subscribed)
        self.main.push('down', 'x')
        renderer.pump(.05)
        self.assertEqual(self.seen[5:], [('x',)])
        renderer.unsubscribe('down')
        self.until(renderer, lambda: not self.peer(renderer).subscribed)
        self.main.push('down', 'y')
        renderer.pump(.05)
        self.assertEqual(len(self.seen), 6)
        self.assertEqual((renderer.stream.kept, self.peer(renderer).stream.kept), ({}, {}))

    def test_sync(self):
        self.main.on('add', lambda event, a, b: event.answer(a + b))
        self.main.on('mute', self.record)
        self.main.on('later', lambda event: event.keep() or self.seen.append(event))
        renderer = self.renderer()
        self.assertEqual(renderer.send_sync('add', 2, 3), 5)
        self.fails('no_listener', renderer.send_sync, 'nobody')
        self.fails('no_reply', renderer.send_sync, 'mute')
        self.fails('timed_out', renderer.send_sync, 'later', timeout=.05)
        self.until(renderer, lambda: self.seen[-1].cancelled)
        self.assertEqual(self.seen[-1].cancelled, 'timed_out')

    def test_invoke_both_ways(self):
        def bad(event):
            raise ProtocolError('forbidden', 'not you', 'Denied', {'why': 1})
        self.main.handle('double', lambda event, x: x * 2)
        self.main.handle('bad', bad)
        self.main.handle('crash', lambda event: {}['x'])
        renderer = self.renderer()
        renderer.handle('who', lambda event: 'py')
        self.assertEqual(renderer.invoke('double', 'ab'), 'abab')
        self.assertEqual(self.peer(renderer).invoke('who'), 'py')
        self.fails('no_handler', renderer.invoke, 'nobody')
        self.fails('no_handler', self.peer(renderer).invoke, 'nobody')
        self.assertEqual(self.fails('forbidden', renderer.invoke, 'bad').data, {'why': 1})
        self.assertEqual(self.fails('remote_failed', renderer.invoke, 'crash').name, 'KeyError')

    def test_attachments(self):
        sizes = []
        self.main.handle('echo', lambda event, *args: sizes.append(args) or args[0])
        renderer = self.renderer(attach_over=100)
        renderer.on('shared', self.record)
        renderer.subscribe()
        self.lossy(renderer.stream, lambda parts, seq: sizes.append(len(parts)) or [parts])
        value = {'deep': [BIG, [b'small', BIG[1:]]]}
        self.assertEqual(renderer.invoke('echo', value, BIG), value)
        self.assertEqual((sizes[0], sizes[1]), (4, (value, BIG)))
        self.assertEqual(renderer.invoke('echo', BIG), BIG)
        self.main.push('shared', value, 2, packed=True)
        self.until(renderer, lambda: self.seen)
        self.assertEqual(self.seen, [(value, 2)])

    def test_duplicates(self):
        self.main.on('n', self.record)
        renderer = self.renderer()
        self.lossy(renderer.stream, lambda parts, seq: [parts, parts])
        for n in range(20):
            renderer.send('n', n)
        self.until(renderer, lambda: not renderer.stream.kept and self.peer(renderer).count['duplicates'] == 20)
        self.assertEqual(self.seen, [(n,) for n in range(20)])

    def test_gaps(self):
        self.main.on('n', self.record)
        self.main.handle('ok', lambda event: 'ok')
        renderer = self.renderer()
        for stream in (renderer.stream, self.peer(renderer).stream):
            lost = set()
            self.lossy(stream, lambda parts, seq, lost=lost: [parts] if seq % 3 or seq in lost else lost.add(seq) or [])
        for n in range(20):
            renderer.send('n', n)
        for _ in range(4):
            renderer.call(p.INVOKE, 'ok')
        self.until(renderer, lambda: len(self.seen) == 20)
        self.peer(renderer).ping()
        self.until(renderer, lambda: list(renderer.calls.values()) == [('ok',)] * 4 and not renderer.stream.kept)
        self.assertEqual(self.seen, [(n,) for n in range(20)])
        self.assertTrue(renderer.count['resent'] and self.peer(renderer).count['resent'])

    def test_lost_tail_is_found_by_ping(self):
        self.main.on('n', self.record)
        renderer = self.renderer()
        self.lossy(renderer.stream, lambda parts, seq, lost=[]: [parts] if lost else lost.append(seq) or [])
        renderer.send('n', 1)
        renderer.pump(.06)
        self.assertEqual(self.seen, [])
        renderer.ping()
        self.until(renderer, lambda: self.seen)

    def test_window(self):
        self.main.on('n', self.record)
        renderer = self.renderer()
        renderer.stream.window = 3000
        for _ in range(10):
            renderer.send('n', b'x' * 1000)
        self.assertEqual((renderer.stream.sent, len(renderer.stream.queue)), (2, 8))
        renderer.subscribe('never waits')
        self.assertEqual(renderer.stream.sent, 3)
        cancelled = renderer.call(p.INVOKE, 'waiting')
        renderer.cancel(cancelled)
        renderer.send('n', b'x' * 9000)
        self.until(renderer, lambda: len(self.seen) == 11 and not renderer.stream.weights)

    def test_resume(self):
        self.main.on('n', self.record)
        renderer = self.renderer()
        renderer.on('down', self.record)
        renderer.subscribe('down')
        renderer.send('n', 0)
        self.until(renderer, lambda: self.seen == [(0,)])
        peer, number = self.peer(renderer), renderer.welcome['id']
        mend = [self.lossy(stream, lambda parts, seq: []) for stream in (renderer.stream, peer.stream)]
        renderer.send('n', 1)
        self.main.push('down', 'lost')
        for each in mend:
            each()
        welcome = renderer.resume()
        self.assertEqual((welcome['resumed'], welcome['received'], welcome['id']), (True, 2, number))
        self.until(renderer, lambda: len(self.seen) == 3 and not renderer.stream.kept and not peer.stream.kept)
        self.assertEqual(sorted(self.seen[1:], key=str), [('lost',), (1,)])
        renderer.send('n', 3)
        self.until(renderer, lambda: len(self.seen) == 4)
        self.assertEqual((len(self.main.peers), self.peer(renderer)), (1, peer))

    def test_main_restarted(self):
        renderer = self.renderer()
        renderer.on('down', self.record)
        renderer.subscribe('down')
        self.main.handle('never', lambda event: event.keep())
        call = renderer.call(p.INVOKE, 'never')
        self.until(renderer, lambda: not renderer.stream.kept)
        self.main.socket.close()
        self.main = self.make_main()
        self.assertFalse(renderer.resume()['resumed'])
        self.fails('disconnected', renderer.result, call)
        self.until(renderer, lambda: self.peer(renderer).subscribed == {'down'})
        self.main.push('down', 1)
        self.until(renderer, lambda: self.seen == [(1,)])

    def test_unknown_session(self):
        renderer = self.renderer()
        self.main.peers.clear()
        renderer.send('n', 1)
        self.until(renderer, lambda: renderer.state == 'closed')
        self.assertEqual(renderer.ended.code, 'unknown_session')
        self.assertFalse(renderer.resume()['resumed'])

    def test_cancel(self):
        self.main.handle('slow', lambda event: event.keep() or self.seen.append(event))
        renderer = self.renderer()
        call = renderer.call(p.INVOKE, 'slow')
        self.until(renderer, lambda: self.seen)
        renderer.cancel(call)
        self.fails('cancelled', renderer.result, call)
        self.until(renderer, lambda: self.seen[0].cancelled)
        self.seen[0].answer('too late')
        self.peer(renderer).post([p.REPLY, call, 'too late'])
        self.until(renderer, lambda: renderer.count['stray_replies'] == 1)

    def test_deadline(self):
        self.main.handle('now', self.record)
        renderer = self.renderer()
        renderer.pump(.05)
        renderer.calls[7] = None
        renderer.post([p.INVOKE, 7, 1, 'now', []])
        self.fails('timed_out', renderer.result, 7)
        self.assertEqual(self.seen, [])

    def test_liveness(self):
        self.main.socket.close()
        self.main = self.make_main(ping_interval=40, ping_timeout=150, resume_for=300)
        renderer = self.renderer()
        renderer.pump(.4)
        self.assertEqual((renderer.state, self.peer(renderer).state), ('open', 'open'))
        peer = self.peer(renderer)
        renderer.step = lambda timeout=0: None
        self.main.alongside.clear()
        self.main.pump(.25)
        self.assertEqual(peer.state, 'lost')
        self.main.pump(.4)
        self.assertEqual((peer.state, self.main.peers), ('closed', {}))

    def test_bye(self):
        renderer, other = self.renderer(), self.renderer('other')
        peers = self.peer(renderer), self.peer(other)
        renderer.send('n', 1)
        self.assertTrue(renderer.bye())
        self.until(other, lambda: len(self.main.peers) == 1)
        self.assertEqual((peers[0].state, peers[0].count['unheard']), ('closed', 1))
        call = other.call(p.INVOKE, 'x') and other.call(p.INVOKE, 'y')
        self.assertTrue(peers[1].bye('killed'))
        self.until(other, lambda: other.state == 'closed')
        self.assertEqual(other.ended.message, 'killed')
        self.assertIsNotNone(other.calls[call])

    def test_malformed(self):
        def one(message, *attachments):
            return raw_frame(1, messages=[message], attachments=attachments)
        good, first = p.pack([1, 'n', []]), msgpack.ExtType(31, bytes(4))
        cases = dict(
            short=[b'\x94\xcc\x00'], no_array=[b'\x95' + raw_frame()[0][1:]], wide=[b'\x94\xcd' + raw_frame()[0][2:]],
            dispatched=raw_frame(0, 0, 1), received=raw_frame(0, 99), truncated=one(good[:-1]), trailing=one(good + b'\xc1'),
            no_list=one(5), empty=one([]), lacks=one([1, 'n']), type=one([1, 'n', 'args']), no_channel=one([1, '', []]),
            long_channel=one([1, 'x' * 256, []]), utf8=one(b'\x93\x01\xa1\xff\x90'), id=one([3, 0, 0, 'n', []]),
            control=one([35, 1, 1, 1]), numbered=raw_frame(0, messages=[good]), direction=raw_frame(messages=[[33, {}]]),
            ext=one([1, 'n', [msgpack.ExtType(31, bytes(3))]]), index=one([1, 'n', [first]]),
            packed=one([1, 'n', first], b'\x90\x90'), length=one(b'\x93\x01\xa1n\xdd\xff\xff\xff\xff'),
            depth=one(b'\x93\x01\xa1n' + b'\x91' * 65 + b'\x90'), attachments=one(good, *[b''] * 257),
        )
        for name, parts in cases.items():
            with self.subTest(name):
                renderer = self.renderer(name)
                renderer.send_raw(parts)
                self.until(renderer, lambda: renderer.state == 'closed')
                self.assertEqual((renderer.ended.code, renderer.routing in self.main.peers), ('bad_frame', False))
        self.assertEqual(self.seen, [])

    def test_raw(self):
        self.main.on('n', self.record)
        renderer = self.renderer(wait=0)
        renderer.send_raw(raw_frame(1, messages=[[1, 'n', [1]]]))
        self.main.alongside.clear()
        self.main.pump(.05)
        frame = renderer.recv_frame(.5)
        self.assertEqual((frame.seq, frame.messages[0][:2]), (0, [p.REFUSE, 'unknown_session']))
        renderer.open()
        messages = [[1, 'n', [1], 'more'], [77, 'new'], [1, 'n', [2]]]
        renderer.send_raw(raw_frame(1, flags=p.ACK_NOW | 0x80, messages=messages))
        self.until(renderer, lambda: self.seen == [(1,), (2,)])
        self.assertEqual(self.peer(renderer).count['unknown'], 1)
        frame = p.decode(raw_frame(2, 1, 1, 4, [[4, 9, msgpack.ExtType(31, bytes(4))]], [p.pack(BIG)]))
        self.assertEqual((frame.seq, frame.received, frame.dispatched, frame.flags), (2, 1, 1, 4))
        self.assertEqual(frame.messages, [[4, 9, BIG]])


if __name__ == '__main__':
    unittest.main()

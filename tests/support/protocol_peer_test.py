"""The two Python roles of protocol_peer.py against each other."""
import time, unittest
import msgpack
import protocol_peer as p
from protocol_case import ProtocolCase
from protocol_peer import ProtocolError, Renderer

BIG = bytes(range(256)) * 40


class ProtocolPeerTest(ProtocolCase):
    def test_handshake_and_refusals(self):
        renderer = self.renderer()
        self.assertEqual((renderer.welcome['resumed'], renderer.welcome['id']), (False, 1))
        self.fails('duplicate_identity', self.renderer)
        self.fails('incompatible', self.renderer, 'other', protocol=9, protocol_min=7)
        self.fails('bad_frame', self.renderer, 'other', protocol='1')
        self.fails('bad_frame', self.renderer, 'other', clock=...)
        liar = self.renderer('liar', wait=0)
        liar.overrides['identity'] = 'other'
        self.fails('refused', liar.open)
        for name, least in p.MINIMA.items():
            error = self.fails('incompatible', self.renderer, 'other', limits={name: least - 1})
            self.assertIn(f'{name} is {least - 1}', error.message)
        self.main.limits['depth'] = 63
        self.fails('incompatible', self.renderer, 'other')
        self.main.refusal = 'because'
        self.fails('refused', self.renderer, 'other')
        self.main.refusal = None
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
        self.until(renderer, lambda: len(self.seen) == 6)
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
        self.fails('timed_out', renderer.send_sync, 'later', timeout=.3)
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
        for changes in dict(secret=bytes(16)), dict(session=bytes(16)), dict(received=99):
            with self.subTest(changes):
                self.fails('duplicate_identity', renderer.resume, **changes)
                self.assertEqual((list(self.main.peers.values()), peer.state), ([peer], 'open'))
        self.fails('bad_frame', renderer.resume, secret=bytes(15))
        renderer.connect()
        for _ in range(2):  # a repeated hello is answered as before
            fields = {key: renderer.welcome[key] for key in ('session', 'secret')}
            self.assertTrue(renderer.open(resume=dict(fields, received=renderer.stream.received))['resumed'])

    def test_main_restarted(self):
        renderer = self.renderer()
        renderer.on('down', self.record)
        renderer.subscribe('down')
        self.main.handle('never', lambda event: event.keep())
        call = renderer.call(p.INVOKE, 'never')
        self.until(renderer, lambda: not renderer.stream.kept)
        renderer.stream.open = False
        waited = renderer.call(p.INVOKE, 'soon')
        self.main.socket.close()
        self.main = self.make_main()
        self.main.handle('soon', lambda event: 'now')
        self.assertFalse(renderer.resume()['resumed'])
        self.assertEqual(renderer.result(waited), 'now')
        self.fails('main_restarted', renderer.result, call)
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
        self.main = self.make_main(ping_interval=60, ping_timeout=300, resume_for=300)
        renderer = self.renderer()
        renderer.pump(.6)
        self.assertEqual((renderer.state, self.peer(renderer).state), ('open', 'open'))
        peer = self.peer(renderer)
        renderer.step = lambda timeout=0: None
        self.main.alongside.clear()
        self.assertTrue(self.main.pump(2, lambda: peer.state == 'lost'))
        self.main.pump(2, lambda: peer.state == 'closed')
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

    def test_bye_is_repeated_until_answered(self):
        renderer, byes = self.renderer(), []
        peer, transmit = self.peer(renderer), renderer.transmit
        def lose_two(parts):
            byes.extend(parts[0][31:32] if parts[0][31:32] == bytes([p.BYE]) else [])
            if not 0 < len(byes) < 3:
                transmit(parts)
        renderer.stream.transmit = lose_two
        self.assertTrue(renderer.bye())
        self.assertGreaterEqual(len(byes), 3)
        self.assertEqual((peer.state, peer.ended.message), ('closed', 'closed'))

    def test_bye_waits_for_the_gap(self):
        self.main.on('n', self.record)
        renderer, late = self.renderer(), self.renderer('late')
        peer, mend = self.peer(renderer), self.lossy(renderer.stream, lambda parts, seq: [])
        renderer.send('n', 1)
        mend()
        answered = renderer.bye(timeout=1)
        self.assertEqual((answered, self.seen, peer.state), (True, [(1,)], 'closed'))
        peer = self.peer(late)
        late.control(p.BYE, 'closed', late.stream.sent + 5)
        self.main.alongside.clear()
        self.main.pump(2, lambda: peer.count['gaps'])
        self.assertEqual(peer.state, 'open')
        call, peer.ping_timeout = peer.call(p.INVOKE, 'n'), 50
        self.main.pump(2, lambda: peer.state == 'closed')
        self.assertEqual((peer.state, peer.calls[call].code), ('closed', 'peer_gone'))

    def test_byes_that_cross(self):
        renderer = self.renderer()
        peer = self.peer(renderer)
        peer.state, peer.bye_reason = 'closing', 'closed'
        peer.say_bye()
        self.assertTrue(renderer.bye())
        self.until(self.main, lambda: peer.answered)

    def test_what_calls_get(self):
        for end, code in dict(closed='disconnected', killed='closed', bad_frame='bad_frame', unknown_session=
                              'main_restarted', odd='refused').items():
            with self.subTest(end):
                renderer = self.renderer(end)
                peer, call = self.peer(renderer), renderer.call(p.INVOKE, 'x')
                self.lossy(peer.stream, lambda parts, seq: [])
                back = peer.call(p.INVOKE, 'x')
                if end in ('closed', 'killed'):
                    peer.control(p.BYE, end, 0)
                else:
                    peer.control(p.REFUSE, end, '')
                renderer.pump(1, lambda: renderer.state == 'closed')
                self.assertEqual(renderer.calls[call].code, code)
                peer.close('closed')
                self.assertEqual(peer.calls[back].code, 'peer_gone')


if __name__ == '__main__':
    unittest.main()

"""A C++ main under hostile bytes, while a real C++ renderer works: it must see no disturbance."""
import contextlib, socket, time, unittest
import msgpack, zmq
import protocol_peer as p
from peer_process import PeerTest
from protocol_peer import ProtocolError, Renderer, raw_frame
from worker import Worker

EXT = lambda data: msgpack.ExtType(31, data)


class HostileTest(PeerTest):
    def setUp(self):
        super().setUp()
        self.main = self.peer('main', drive='start')
        self.worker = Worker(self.peer('renderer', identity='worker'))
        self.assertEqual(self.main.expect('created '), 'worker')
        self.worker.start()

    def tearDown(self):
        answered = self.worker.answered
        time.sleep(.1)
        self.worker.end()
        self.assertEqual(self.worker.wrong, [])
        self.assertGreater(self.worker.answered, answered)
        self.assertLess(self.worker.slowest, 2)
        for line in self.worker.renderer.seen + list(self.worker.renderer.lines.queue):
            self.assertFalse(line.startswith(('disconnected', 'closed', 'recovered')), line)
        self.assertNotIn('gone worker', '\n'.join(self.main.seen + list(self.main.lines.queue)))

    def renderer(self, identity='evil', **options):
        renderer = Renderer(self.endpoint, identity, **options)
        self.addCleanup(lambda: renderer.socket.close())
        return renderer

    def statistics(self):
        answer = self.main.ask('statistics', 'statistics ')
        return {k: int(v) for k, v in (pair.split('=') for pair in answer.split())}

    def ends(self, renderer, code='bad_frame'):
        self.assertTrue(renderer.pump(3, lambda: renderer.state == 'closed'), 'main does not end the session')
        self.assertEqual(renderer.ended.code, code)

    def refused(self, parts, code):
        """Sends parts from a routing id without a session, and expects a refusal (None: silence)."""
        renderer = self.renderer('nobody', wait=0)
        renderer.send_raw(parts)
        frame = renderer.socket.poll(300 if code is None else 3000) and renderer.recv_frame()
        self.assertEqual(frame and frame.messages[0][:2] or None, code and [p.REFUSE, code])
        renderer.socket.close()

    MALFORMED = {
        'garbage': [b'\x00\xffgarbage' * 20],
        'empty': [b''],
        'short header': [raw_frame(1)[0][:29]],
        'other header': [b'\x95' + raw_frame(1)[0][1:]],
        'truncated message': [raw_frame(1, messages=[[p.EVENT, 'x', ['text']]])[0][:-2]],
        'trailing bytes': raw_frame(1, messages=[[p.EVENT, 'x', []], b'\xc1']),
        'no array': raw_frame(1, messages=[7]),
        'empty array': raw_frame(1, messages=[[]]),
        'elements missing': raw_frame(1, messages=[[p.EVENT, 'x']]),
        'args no array': raw_frame(1, messages=[[p.EVENT, 'x', {}]]),
        'channel no str': raw_frame(1, messages=[[p.EVENT, b'x', []]]),
        'channel empty': raw_frame(1, messages=[[p.EVENT, '', []]]),
        'channel long': raw_frame(1, messages=[[p.EVENT, 'x' * 256, []]]),
        'channel not UTF-8': raw_frame(1, messages=[b'\x93\x01\xa2\xff\xfe\x90']),
        'id 0': raw_frame(1, messages=[[p.INVOKE, 0, 0, 'x', []]]),
        'negative deadline': raw_frame(1, messages=[[p.INVOKE, 1, -1, 'x', []]]),
        'array of 4 billion': raw_frame(1, messages=[b'\x93\x01\xa1x\xdd\xff\xff\xff\xff']),
        'map of 4 billion': raw_frame(1, messages=[b'\x93\x01\xa1x\x91\xdf\xff\xff\xff\xff']),
        'str of 4 billion': raw_frame(1, messages=[b'\x93\x01\xa1x\x91\xdb\xff\xff\xff\xffab']),
        'too deep': raw_frame(1, messages=[b'\x93\x01\xa1x' + b'\x91' * 65 + b'\xc0']),
        'far too deep': raw_frame(1, messages=[b'\x93\x01\xa1x' + b'\x91' * 1000000 + b'\xc0']),
        'too many messages': raw_frame(1, messages=[b'\x93\x01\xa1x\x90' * 65537]),
        'too many attachments': raw_frame(1, messages=[[p.EVENT, 'x', []]], attachments=[b''] * 257),
        'no such attachment': raw_frame(1, messages=[[p.EVENT, 'x', [EXT(b'\0\0\0\1')]]], attachments=[b'a']),
        'ext 31 of another size': raw_frame(1, messages=[[p.EVENT, 'x', [EXT(b'\0')]]], attachments=[b'a']),
        'whole value nested': raw_frame(1, messages=[[p.EVENT, 'x', [EXT(bytes(8))]]], attachments=[b'\x90']),
        'whole value in itself': raw_frame(1, messages=[[p.EVENT, 'x', EXT(bytes(8))]],
                                           attachments=[msgpack.packb([EXT(bytes(8))])]),
        'whole args no array': raw_frame(1, messages=[[p.EVENT, 'x', EXT(bytes(8))]], attachments=[b'\x80']),
        'numbered ping': raw_frame(1, messages=[[p.PING, 1, 1, 1]]),
        'event in control': raw_frame(0, messages=[[p.EVENT, 'x', []]]),
        'welcome to main': raw_frame(0, messages=[[p.WELCOME, {}]]),
        'ack from the future': raw_frame(1, received=1000),
        'dispatched beyond received': raw_frame(1, received=0, dispatched=1),
    }

    def test_malformed_frames_cost_their_sender_the_session_and_nobody_else_anything(self):
        before = self.statistics()['malformed']
        for name, parts in self.MALFORMED.items():
            with self.subTest(name):
                renderer = self.renderer('evil ' + name)
                renderer.send_raw(parts)
                self.ends(renderer)
                self.assertTrue(self.main.expect('gone evil ' + name).startswith(' protocol-error'))
                renderer.socket.close()
        self.assertEqual(self.statistics()['malformed'] - before, len(self.MALFORMED))

    def test_malformed_frames_of_nobody_are_refused(self):
        for name, parts in self.MALFORMED.items():
            if name not in ('ack from the future',):
                with self.subTest(name):
                    self.refused(parts, 'bad_frame')

    def test_frames_without_a_session(self):
        self.refused(raw_frame(1, messages=[[p.EVENT, 'x', []]]), 'unknown_session')
        self.refused(raw_frame(messages=[[p.PING, 1, 1, 0]]), 'unknown_session')
        self.refused(raw_frame(), None)
        self.refused(raw_frame(messages=[[p.BYE, 'closed', 0]]), None)
        self.refused(raw_frame(messages=[[p.REFUSE, 'bad_frame', '']]), None)
        # A malformed frame that says refuse is not answered: two peers would go on forever.
        self.refused(raw_frame(messages=[[p.REFUSE, 7, 7]]), None)

    def test_hellos_that_are_not_taken(self):
        def code(**overrides):
            renderer = self.renderer('odd', wait=0)
            renderer.overrides.update(overrides)
            with self.assertRaises(ProtocolError) as caught:
                renderer.open()
            return caught.exception.code
        for odd in dict(protocol=9, protocol_min=2), dict(protocol=0), *({'limits': {k: 0}} for k in p.MINIMA):
            self.assertEqual(code(**odd), 'incompatible')
        self.assertEqual(code(protocol='1'), 'bad_frame')
        self.assertEqual(code(clock=...), 'bad_frame')
        self.assertEqual(code(identity=...), 'bad_frame')
        self.assertEqual(code(identity='somebody else'), 'refused')
        self.assertEqual(code(resume={'session': b'x'}), 'bad_frame')
        self.assertEqual(code(library='x' * 1025), 'bad_frame')
        self.renderer('odd', protocol=9, protocol_min=1, unknown_key=[1, {}], capabilities=['flying'])

    def test_name_of_a_live_renderer_cannot_be_taken(self):
        with self.assertRaises(ProtocolError) as caught:
            self.renderer('worker')
        self.assertEqual(caught.exception.code, 'duplicate_identity')
        with self.assertRaises(ProtocolError) as caught:
            self.renderer('worker', resume={'session': bytes(16), 'secret': bytes(16), 'received': 0})
        self.assertEqual(caught.exception.code, 'duplicate_identity')

    def test_unknown_kinds_are_ignored_and_counted(self):
        before = self.statistics()['unknown']
        renderer = self.renderer()
        renderer.send_raw(raw_frame(1, messages=[[9, 'stream'], [200], [p.EVENT, 'x', [], 'a newer element']]))
        renderer.send_raw(raw_frame(0, messages=[[47, {}], [38]]))
        renderer.stream.sent = 1
        self.assertEqual(renderer.invoke('echo', 'still here'), 'still here')
        self.assertEqual(self.statistics()['unknown'] - before, 4)
        renderer.bye()
        self.assertEqual(self.statistics()['unknown'] - before, 4)

    def test_answers_to_calls_that_were_never_made_are_ignored_and_counted(self):
        before = self.statistics()['late']
        renderer = self.renderer()
        renderer.post([p.REPLY, 12345, 'surprise'])
        renderer.post([p.ERROR, 2**64 - 1, 'no_reply', '', '', None])
        renderer.post([p.CANCEL, 999, 'never made'])
        renderer.post([p.UNSUBSCRIBE, 'never subscribed'])
        self.assertEqual(renderer.invoke('echo', 'still here'), 'still here')
        self.assertEqual(self.statistics()['late'] - before, 2)

    def test_hello_again_is_welcomed_again_and_harms_nothing(self):
        renderer = self.renderer()
        self.assertEqual(renderer.invoke('echo', 1), 1)
        welcome = renderer.welcome
        for _ in range(3):
            renderer.hello()
        self.assertEqual(renderer.invoke('echo', 2), 2)
        self.assertEqual(renderer.welcome, welcome)
        self.assertEqual(renderer.state, 'open')

    def test_routing_id_of_a_session_that_is_over_begins_no_other(self):
        renderer = self.renderer('late')
        self.assertTrue(renderer.bye())
        self.assertTrue(self.main.expect('gone late').startswith(' clean-exit'))
        with self.assertRaises(ProtocolError) as caught:
            renderer.open()
        self.assertEqual(caught.exception.code, 'unknown_session')
        renderer.connect()
        renderer.open()

    def test_frames_sent_again_are_taken_once(self):
        before = self.statistics()['duplicate']
        renderer = self.renderer()
        for _ in range(3):
            renderer.send_raw(raw_frame(1, messages=[[p.EVENT, 'numbers', [77]]]))
        renderer.stream.sent = 1
        self.assertEqual(renderer.invoke('echo', 'x'), 'x')
        self.assertEqual(self.main.expect('numbers '), '77')
        self.assertEqual(self.statistics()['duplicate'] - before, 2)
        self.assertNotIn('numbers 77', self.main.lines.queue)

    def test_gap_is_asked_for(self):
        renderer = self.renderer()
        renderer.send_raw(raw_frame(2, messages=[[p.EVENT, 'numbers', [2]]]))
        frame = next(f for f in iter(lambda: renderer.recv_frame(), None) if f.flags & p.GAP)
        self.assertEqual(frame.received, 0)
        renderer.send_raw(raw_frame(1, messages=[[p.EVENT, 'numbers', [1]]]))
        renderer.send_raw(raw_frame(2, messages=[[p.EVENT, 'numbers', [2]]]))
        self.assertEqual([self.main.expect('numbers '), self.main.expect('numbers ')], ['1', '2'])

    def test_flood_of_control_frames_and_hellos_does_not_starve_the_others(self):
        renderer = self.renderer()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            for _ in range(100):
                renderer.send_raw(raw_frame(messages=[[p.PING, 1, 1, 0]] * 100))
                renderer.hello()
            renderer.pump(.01)

    def test_oversized_parts_cut_the_connection_only(self):
        renderer = self.renderer()
        renderer.send_raw(raw_frame(1, messages=[[p.EVENT, 'x', [b'x' * (65 << 20)]]]))
        time.sleep(.5)
        self.assertEqual(self.renderer('another').invoke('echo', 1), 1)

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.connect(self.endpoint[len('ipc://'):])
        s.settimeout(6)
        self.addCleanup(s.close)
        return s

    def test_half_open_connections_are_cut_after_three_seconds(self):
        began = time.monotonic()
        silent, greeting, garbage = self.connect(), self.connect(), self.connect()
        greeting.sendall(b'\xff' + bytes(8) + b'\x7f\x03\x00NULL' + bytes(16) + bytes(32))
        garbage.sendall(b'GET / HTTP/1.1\r\n\r\n' * 10)
        dealer = zmq.Context.instance().socket(zmq.DEALER)  # a complete handshake of ZeroMQ, and no hello
        dealer.connect(self.endpoint)
        self.addCleanup(dealer.close, 0)
        monitor = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        for s in (silent, greeting, garbage):
            with contextlib.suppress(ConnectionError):
                while s.recv(1000): pass
        self.assertLess(time.monotonic() - began, 5)
        self.assertGreater(time.monotonic() - began, 2)
        self.assertTrue(monitor.poll(3000), 'a connection without hello stays')
        dealer.disable_monitor()
        monitor.close()


if __name__ == '__main__':
    unittest.main()

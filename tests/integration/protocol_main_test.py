"""A C++ renderer against a main that was written from PROTOCOL.md alone; protocol_test.py is the reverse."""
import unittest
import protocol_peer as p
from peer_process import VALUES, PeerTest
from protocol_peer import Main


class PythonMainTest(PeerTest):
    def setUp(self):
        super().setUp()
        self.main, self.seen = self.make_main(), []
        self.main.on('note', lambda event, value: self.seen.append(value))
        self.main.on('sync', lambda event, value: event.answer(value + ' back'))
        self.main.on('silent', lambda event, value: None)
        self.main.handle('echo', lambda event, value: value)
        self.main.handle('keep', lambda event, value: event.keep())

    def make_main(self, **options):
        main = Main(self.endpoint, **options)
        self.addCleanup(lambda: main.socket.close())
        return main

    def renderer(self, **options):
        renderer = self.peer('renderer', identity='cpp', **options)
        self.assertIsNotNone(self.on(renderer).expect('connected', alongside=self.pump))
        return renderer, next(iter(self.main.peers.values()))

    def on(self, renderer):
        return renderer

    def pump(self):
        self.main.pump(.005)

    def ask(self, renderer, line, prefix):
        return renderer.ask(line, prefix, alongside=self.pump)

    def test_calls_and_events(self):
        renderer, peer = self.renderer()
        self.assertEqual(self.ask(renderer, 'invoke echo hello', 'ok '), 'hello')
        self.assertEqual(self.ask(renderer, 'send_sync sync hello', 'ok '), 'hello back')
        self.assertTrue(self.ask(renderer, 'send_sync silent x', 'error ').startswith('no_reply'))
        self.assertTrue(self.ask(renderer, 'send_sync none x', 'error ').startswith('no_listener'))
        self.assertTrue(self.ask(renderer, 'invoke none x', 'error ').startswith('no_handler'))
        self.ask(renderer, 'send note hello', 'ok')
        self.until(lambda: self.seen == ['hello'], self.pump)
        self.assertEqual(peer.errors, [])

    def test_main_calls_in_every_form(self):
        renderer, peer = self.renderer()
        peer.attach_over = 100
        for packed in (False, True):
            for value in VALUES:
                with self.subTest(packed=packed, value=str(value)[:40]):
                    peer.last_id += 1
                    peer.calls[peer.last_id] = None
                    peer.post([p.INVOKE, peer.last_id, 0, 'echo', [value]], packed)
                    self.assertEqual(peer.result(peer.last_id), value)
        self.fails('no_handler', peer.invoke, 'none')
        self.fails('remote_failed', peer.invoke, 'fail', 'ouch')
        self.fails('timed_out', peer.invoke, 'never', timeout=.1)
        self.assertIsNotNone(renderer.expect('never cancelled', alongside=self.pump))

    def test_subscriptions_come(self):
        renderer, peer = self.renderer()
        self.until(lambda: 'bounce' in peer.subscribed, self.pump)
        self.assertNotIn('news', peer.subscribed)
        self.ask(renderer, 'on news', 'ok')
        self.until(lambda: 'news' in peer.subscribed, self.pump)
        self.main.push('news', 'extra', packed=True)
        self.assertEqual(renderer.expect('event news ', alongside=self.pump), 'extra')
        self.ask(renderer, 'off news', 'ok')
        self.until(lambda: 'news' not in peer.subscribed, self.pump)

    def test_lost_frames_are_sent_again(self):
        renderer, peer = self.renderer()
        real, dropped = self.main.intake, []
        def lossy(parts):
            seq = int.from_bytes(parts[1][4:12], 'big')
            if seq and seq % 3 == 0 and seq not in dropped:
                return dropped.append(seq)
            real(parts)
        self.main.intake = lossy
        numbers = []
        self.main.on('number', lambda event, n: numbers.append(n))
        renderer.say('numbers 2000')
        for i in range(20):
            self.assertEqual(self.ask(renderer, f'invoke echo {i}', 'ok '), str(i))
        self.until(lambda: len(numbers) == 2000, self.pump)
        self.assertEqual(numbers, list(range(2000)))
        self.assertTrue(dropped)

    def test_bye_of_main_and_the_next_main(self):
        renderer, peer = self.renderer()
        self.assertEqual(self.ask(renderer, 'invoke echo 1', 'ok '), '1')
        self.assertTrue(peer.bye('closed'))
        self.assertTrue(renderer.expect('disconnected ', alongside=self.pump).startswith('disconnected'))
        self.assertIsNotNone(renderer.expect('connected', alongside=self.pump))
        self.assertEqual(self.ask(renderer, 'invoke echo 2', 'ok '), '2')

    def test_killed_renderer_does_not_come_back(self):
        renderer, peer = self.renderer()
        peer.bye('killed')
        self.assertTrue(renderer.expect('closed ', alongside=self.pump).startswith('closed'))
        self.main.pump(1)
        self.assertEqual(len(self.main.peers), 0)
        self.assertTrue(self.ask(renderer, 'send note x', 'error ').startswith('closed'))

    def test_malformed_frame_of_main_closes_the_renderer(self):
        renderer, peer = self.renderer()
        peer.transmit([b'garbage'])
        self.assertTrue(renderer.expect('closed ', alongside=self.pump).startswith('bad_frame'))
        self.until(lambda: peer.state == 'closed', self.pump)
        self.assertEqual(peer.ended.code, 'bad_frame')

    def test_kinds_in_the_wrong_direction(self):
        for message in ([p.SYNC, 1, 0, 'sync', ['x']], [p.SUBSCRIBE, 'x'], [p.UNSUBSCRIBE, 'x'], [p.HELLO, {}]):
            with self.subTest(message=message):
                renderer, peer = self.renderer()
                peer.transmit(p.raw_frame(message[0] < 32 and peer.stream.sent + 1, messages=[message]))
                self.assertTrue((renderer.expect('closed ', alongside=self.pump) or '').startswith('bad_frame'))
                self.main.peers.clear()

    def test_renderer_that_main_has_forgotten_opens_a_new_session(self):
        renderer, peer = self.renderer()
        self.main.peers.clear()
        renderer.say('invoke echo again')
        self.assertTrue(renderer.expect('disconnected ', alongside=self.pump).startswith('main_restarted'))
        self.assertIsNotNone(renderer.expect('connected', alongside=self.pump))
        self.assertEqual(self.ask(renderer, 'invoke echo 2', 'ok 2'), '')

    def test_pings_are_answered_while_a_listener_blocks(self):
        renderer, peer = self.renderer()
        peer.ping_interval, peer.ping_timeout = 50, 300
        peer.send('block', 1200)
        self.assertIsNotNone(renderer.expect('block begins', alongside=self.pump))
        self.assertIsNotNone(renderer.expect('block ends', alongside=self.pump))
        self.assertEqual(peer.state, 'open')

    def test_renderer_that_leaves_before_its_welcome_says_bye_to_a_main_that_may_know_it(self):
        said, real = [], self.main.intake
        self.main.intake = lambda parts: said.extend(m[:2] for m in p.decode(parts[1:]).messages)
        leaving = self.peer('renderer', identity='cpp')
        self.until(lambda: said, self.pump)
        leaving.say('exit')
        self.until(lambda: leaving.process.poll() is not None, self.pump)
        self.assertEqual([m[0] for m in said], [p.HELLO, *[p.BYE] * (len(said) - 1)])
        self.assertEqual(said[-1], [p.BYE, 'closed'])
        self.main.intake = real

    def test_leaving_says_bye_when_everything_is_acknowledged(self):
        renderer, peer = self.renderer()
        renderer.say('numbers 1000')
        renderer.say('exit')
        self.until(lambda: peer.state == 'closed', self.pump)
        self.assertEqual((peer.ended.code, peer.bye_seen), ('closed', 'closed'))
        self.assertEqual(renderer.process.wait(5), 0)


if __name__ == '__main__':
    unittest.main()

"""A C++ main against a renderer that was written from PROTOCOL.md alone; protocol_main_test.py is the reverse."""
import os, time, unittest
import protocol_peer as p
from peer_process import BIG, VALUES, PeerTest
from protocol_peer import ProtocolError, Renderer


class PythonRendererTest(PeerTest):
    def setUp(self):
        super().setUp()
        self.main = self.peer('main', ping_interval=200, ping_timeout=1000)

    def renderer(self, identity='py', **options):
        renderer = Renderer(self.endpoint, identity, **options)
        self.addCleanup(lambda: renderer.socket.close())
        return renderer

    def test_welcome_tells_everything(self):
        welcome = self.renderer().welcome
        self.assertEqual((welcome['protocol'], welcome['id'], welcome['resumed']), (1, 1, False))
        self.assertEqual((welcome['ping_interval'], welcome['ping_timeout'], welcome['resume_for']), (200, 1000, 15000))
        self.assertEqual((len(welcome['session']), len(welcome['secret'])), (16, 16))
        self.assertEqual(welcome['pid'], self.main.process.pid)
        self.assertTrue(welcome['library'].startswith('ipczmq '))
        with open('/proc/sys/kernel/random/boot_id') as boot:
            self.assertEqual(welcome['boot'], f"{boot.read().strip()} {os.readlink('/proc/self/ns/pid')}")

    def test_values_in_every_form(self):
        for packed in (False, True):
            renderer = self.renderer(f'py{packed}', attach_over=100)
            for value in VALUES:
                with self.subTest(packed=packed, value=str(value)[:40]):
                    for kind, channel in ((p.SYNC, 'sync'), (p.INVOKE, 'echo')):
                        renderer.last_id += 1
                        renderer.calls[renderer.last_id] = None
                        renderer.post([kind, renderer.last_id, 0, channel, [value]], packed)
                        self.assertEqual(renderer.result(renderer.last_id), value)
                    seen = []
                    renderer.listeners['bounced'] = [lambda event, v: seen.append(v)]
                    renderer.send('bounce', value, packed=packed)
                    self.until(lambda: seen, lambda: renderer.pump(.01))
                    self.assertEqual(seen, [value])

    def test_attachments_may_be_shared_and_unused(self):
        renderer = self.renderer()
        both = p.msgpack.ExtType(31, b'\0\0\0\1')
        renderer.calls[1] = None
        renderer.stream.post(p.pack([p.INVOKE, 1, 0, 'echo', [[both, both]]]), [b'unused', BIG], True)
        self.assertEqual(renderer.result(1), [BIG, BIG])

    def test_errors(self):
        renderer = self.renderer()
        self.fails('no_listener', renderer.send_sync, 'nothing')
        self.fails('no_reply', renderer.send_sync, 'bounce', 1)
        error = self.fails('no_handler', renderer.invoke, 'nothing')
        self.assertEqual(error.message, "No handler registered for 'nothing'")
        error = self.fails('remote_failed', renderer.invoke, 'fail', 'ouch')
        self.assertEqual((error.name, error.message, error.data), ('Error', 'ouch', None))
        error = self.fails('bad_arguments', renderer.invoke, 'fail', 7)
        self.assertIn("channel 'fail': argument 1: wanted string, got integer", error.message)
        self.fails('timed_out', renderer.invoke, 'never', timeout=.1)
        self.assertIsNotNone(self.main.expect('never cancelled'))
        id = renderer.call(p.INVOKE, 'never')
        renderer.pump(.05)
        renderer.cancel(id)
        self.assertIsNotNone(self.main.expect('never cancelled'))

    def test_call_whose_deadline_has_passed_is_answered_and_not_dispatched(self):
        renderer = self.renderer()
        time.sleep(.02)
        renderer.calls[1] = None
        renderer.post([p.INVOKE, 1, 1, 'never', []])
        self.fails('timed_out', renderer.result, 1)
        self.assertNotIn('never called', self.main.lines.queue)

    def test_main_calls_and_pushes(self):
        renderer = self.renderer(attach_over=100)
        renderer.handle('py-echo', lambda event, value: value)
        def fail(event, value):
            raise ProtocolError('remote_failed', 'of python', 'ValueError', [1, BIG])
        renderer.handle('py-fail', fail)
        for value in VALUES:
            self.assertEqual(renderer.invoke('ask-back', 'py-echo', value), value)
        error = self.fails('remote_failed', renderer.invoke, 'ask-back', 'py-fail', 1)
        self.assertIn('of python', error.message)
        self.fails('remote_failed', renderer.invoke, 'ask-back', 'py-none', 1)

    def test_answers_in_an_attachment_as_a_whole(self):
        renderer = self.renderer(attach_over=100)
        def later(event, value):
            event.keep()
            event.answer(value, packed=True)
        renderer.handle('py-packed', later)
        for value in VALUES:
            with self.subTest(value=str(value)[:40]):
                self.assertEqual(renderer.invoke('ask-back', 'py-packed', value), value)

    def test_subscriptions(self):
        renderer, seen = self.renderer(), []
        renderer.on('news', lambda event, value: seen.append(value))
        def published(channel='news'):
            renderer.send('publish', channel, BIG)
            return self.main.expect('published ', alongside=lambda: renderer.pump(.01))
        self.assertEqual(published(), '0')
        renderer.subscribe('news')
        renderer.subscribe('news')
        self.assertEqual(published(), '1')
        renderer.unsubscribe('news')
        self.assertEqual(published(), '0')
        renderer.subscribe(None)
        self.assertEqual(published('anything'), '1')
        renderer.unsubscribe('anything')
        self.assertEqual(published('anything'), '1')
        renderer.unsubscribe(None)
        self.assertEqual(published('anything'), '0')
        self.assertEqual(self.main.ask('broadcast news x', 'ok ', alongside=lambda: renderer.pump(.01)), '1')
        self.until(lambda: len(seen) == 2, lambda: renderer.pump(.01))
        self.assertEqual(seen, [BIG, 'x'])

    def test_liveness_and_resuming(self):
        renderer = self.renderer()
        renderer.pump(1.5)
        self.assertEqual(renderer.state, 'open')
        self.assertEqual(renderer.invoke('echo', 1), 1)
        id = renderer.call(p.INVOKE, 'echo', 'across')
        self.assertTrue(renderer.resume()['resumed'])
        self.assertEqual(renderer.result(id), 'across')
        self.assertEqual(renderer.welcome['id'], 1)
        before = renderer.welcome['session']
        # As long as main has not noticed that the connection is gone, it takes this for a second renderer.
        self.until(lambda: renderer.welcome['session'] != before, lambda: self.resume_with_wrong_secret(renderer))
        self.assertFalse(renderer.welcome['resumed'])
        self.assertEqual(renderer.invoke('echo', 2), 2)

    def resume_with_wrong_secret(self, renderer):
        try:
            renderer.resume(secret=bytes(16))
        except ProtocolError as e:
            self.assertEqual(e.code, 'duplicate_identity')

    def test_bye_and_leaving(self):
        renderer = self.renderer()
        self.assertEqual(self.main.expect('created '), 'py')
        self.assertTrue(renderer.bye())
        self.assertTrue(self.main.expect('gone py').startswith(' clean-exit'))
        renderer = self.renderer()
        self.assertEqual(renderer.welcome['id'], 2)
        self.main.say('exit')
        self.until(lambda: renderer.state == 'closed', lambda: renderer.pump(.01))
        self.assertEqual(renderer.bye_seen, 'closed')
        self.assertEqual(self.main.process.wait(5), 0)


if __name__ == '__main__':
    unittest.main()

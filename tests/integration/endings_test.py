# SPDX-License-Identifier: MIT
"""How calls, peers and processes end, with real processes on both sides: nothing leaks, nobody is taken for dead who is
only busy, and no exit hangs."""
import os, signal, time, unittest
from peer_process import PeerTest


class EndingsTest(PeerTest):
    def pair(self, identity='one', **options):
        self.main = self.peer('main', drive='start', **options)
        self.one = self.renderer(identity)

    def renderer(self, identity, **options):
        renderer = self.peer('renderer', identity=identity, drive='start', **options)
        self.assertIsNotNone(renderer.expect('connected'))
        return renderer

    def open_calls(self):
        return int(self.main.ask('open', 'open '))

    def open_calls_become(self, n, seconds=5):
        self.until(lambda: self.open_calls() == n, lambda: time.sleep(.01), seconds)

    def statistics(self, who):
        return {k: int(v) for k, v in (pair.split('=') for pair in who.ask('statistics', 'statistics ').split())}

    def freeze(self, peer):
        peer.process.send_signal(signal.SIGSTOP)
        self.addCleanup(peer.process.send_signal, signal.SIGCONT)
        self.until(lambda: self.stopped(peer.process.pid), lambda: time.sleep(.001))

    def stopped(self, pid):
        """All threads are: that takes a moment."""
        def state(task):
            with open(f'/proc/{pid}/task/{task}/stat') as f:
                return f.read().rpartition(')')[2].split()[0]
        return all(state(task) == 'T' for task in os.listdir(f'/proc/{pid}/task'))

    def said(self, peer, prefix):
        """What has been said, or is said next."""
        return next((line for line in peer.seen if line.startswith(prefix)), None) or peer.expect(prefix)

    def nothing_said(self, peer, *prefixes):
        said = peer.seen + list(peer.lines.queue)
        self.assertEqual([line for line in said if line.startswith(prefixes)], [])

    # --- calls

    def test_calls_whose_deadline_passes_end_on_both_sides(self):
        self.pair()
        self.one.ask('calls 100 3000', 'ok')
        self.open_calls_become(100)
        self.assertEqual(self.one.ask('ends', 'ends '), 'timed_out 100')
        self.open_calls_become(0)

    def test_calls_that_are_cancelled_end_on_both_sides(self):
        self.pair()
        self.one.ask('calls 100 60000', 'ok')
        self.open_calls_become(100)
        self.assertEqual(self.one.ask('cancel', 'ends '), 'cancelled 100')
        self.open_calls_become(0)

    def test_calls_of_a_caller_that_dies_end(self):
        for how in (signal.SIGKILL, signal.SIGABRT):
            with self.subTest(how.name):
                self.pair()
                self.one.ask('calls 100 60000', 'ok')
                self.open_calls_become(100)
                self.one.process.send_signal(how)
                self.open_calls_become(0, 2)
                self.main.end()

    def test_calls_of_a_caller_that_is_frozen_end_with_its_session_or_their_deadline(self):
        self.pair(ping_interval=100, ping_timeout=500, resume_for=500)
        self.one.ask('calls 100 60000', 'ok')
        self.open_calls_become(100)
        self.freeze(self.one)
        self.open_calls_become(0, 5)
        self.assertIn('lost', self.said(self.main, 'gone one'))

    def test_calls_that_wait_too_long_for_dispatch_are_not_dispatched(self):
        self.pair()
        self.one.ask('send block-for 700', 'ok')
        self.assertIsNotNone(self.main.expect('block begins'))
        self.one.ask('calls 50 100', 'ok')
        self.one.ask('calls 50 60000', 'ok')
        self.assertIsNotNone(self.main.expect('block ends'))
        self.open_calls_become(50)
        self.assertEqual(self.one.ask('cancel', 'ends '), 'cancelled 50timed_out 50')
        self.open_calls_become(0)

    def test_answers_that_come_too_late_are_counted_and_dropped(self):
        self.pair()
        self.freeze(self.main)
        self.one.ask('calls 20 200', 'ok')
        self.assertEqual(self.one.ask('ends', 'ends '), 'timed_out 20')
        time.sleep(1)  # beyond what the mapping of the clocks may be off by
        self.main.process.send_signal(signal.SIGCONT)
        self.open_calls_become(0)
        # Cancelled or expired there: answered or not, nothing stays behind, and the next call works.
        self.assertEqual(self.one.ask('invoke echo next', 'ok '), 'next')
        late, expired = self.statistics(self.one)['late'], self.statistics(self.main)['expired']
        self.assertLessEqual(late, expired)
        self.assertEqual(self.statistics(self.one)['lost'], 0)

    # --- who is there

    def test_renderer_that_is_busy_is_unresponsive_and_not_lost(self):
        self.pair(ping_interval=100, ping_timeout=500, unresponsive_after=300)
        self.main.ask('broadcast block-for 1800', 'ok 1')
        self.assertEqual(self.main.expect('unresponsive '), 'one')
        self.assertIsNotNone(self.one.expect('block ends'))
        self.assertEqual(self.main.expect('responsive '), 'one')
        self.nothing_said(self.main, 'gone')
        self.nothing_said(self.one, 'disconnected', 'recovered')

    def test_main_that_is_busy_is_not_lost(self):
        self.pair(ping_interval=100, ping_timeout=500)
        self.one.ask('send block-for 1800', 'ok')
        self.assertIsNotNone(self.main.expect('block begins'))
        self.assertEqual(self.one.ask('invoke echo late', 'ok '), 'late')
        self.nothing_said(self.main, 'gone', 'unresponsive')
        self.nothing_said(self.one, 'disconnected', 'recovered')

    def test_renderer_that_is_frozen_is_lost_and_others_are_not(self):
        self.pair(ping_interval=100, ping_timeout=500, resume_for=300)
        other = self.renderer('other')
        self.freeze(self.one)
        self.assertIn('lost', self.said(self.main, 'gone one'))
        self.assertEqual(other.ask('invoke echo here', 'ok '), 'here')
        self.nothing_said(other, 'disconnected', 'recovered')

    def test_main_that_is_frozen_is_lost_and_found_again(self):
        self.pair(ping_interval=100, ping_timeout=500)
        self.freeze(self.main)
        self.assertIsNotNone(self.one.expect('disconnected'))
        self.one.ask('numbers 100', 'ok')
        self.main.process.send_signal(signal.SIGCONT)
        self.assertIsNotNone(self.one.expect('recovered'))
        self.assertEqual(self.main.expect('numbers '), '100')
        self.assertEqual(self.one.ask('invoke echo again', 'ok '), 'again')
        self.nothing_said(self.main, 'disorder')
        self.nothing_said(self.main, 'gone')

    # --- the end

    def ends_within(self, peer, seconds):
        began = time.monotonic()
        peer.say('exit')
        peer.process.wait(seconds + 5)
        self.assertLess(time.monotonic() - began, seconds)
        self.assertEqual(peer.process.returncode, 0)

    def test_exit_does_not_hang_on_a_frozen_main(self):
        self.pair()
        self.assertEqual(self.one.ask('drain 5000', 'ok '), 'complete')  # what it listens on is told as well
        self.freeze(self.main)
        self.one.ask('send bounce x', 'ok')
        self.assertEqual(self.one.ask('drain 200', 'ok '), 'not 1')
        self.one.ask('calls 10 60000', 'ok')
        self.ends_within(self.one, 3)

    def test_exit_does_not_hang_on_a_frozen_renderer(self):
        self.pair()
        self.freeze(self.one)
        self.main.ask('broadcast news x', 'ok 1')
        self.assertEqual(self.main.ask('drain 200', 'ok '), 'not 1')
        self.ends_within(self.main, 3)

    def test_exit_does_not_hang_without_a_main(self):
        renderer = self.peer('renderer', identity='alone')
        renderer.ask('send x y', 'ok')
        self.ends_within(renderer, 3)

    def test_both_may_exit_at_once(self):
        self.pair()
        self.one.ask('calls 10 60000', 'ok')
        self.one.say('exit')
        self.main.say('exit')
        self.assertEqual((self.one.process.wait(5), self.main.process.wait(5)), (0, 0))

    def test_drain_is_complete_when_everything_is_acknowledged(self):
        self.pair()
        self.one.ask('numbers 20000', 'ok', 20)
        self.assertEqual(self.one.ask('drain 20000', 'ok ', 25), 'complete')
        self.ends_within(self.one, 2)
        self.assertEqual(self.main.expect('numbers ', 20), '20000')


if __name__ == '__main__':
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How programs end: with everything delivered, or said, and in time. closing_test.py PROGRAMS"""
import time

from harness.case import FaultCase, main

LINGER = 1.0  # the default, which the programs use


class Closing(FaultCase):
    def ends(self, member, how, within):
        since = time.monotonic()
        self.world.leave(member, how)
        self.assertLess(time.monotonic() - since, within)

    def test_drain_is_complete_only_when_the_other_side_has_everything(self):
        m, r = self.main(), self.renderer()
        m.process.stop()
        r.process.ask('events 1000', 'burst done')
        self.assertGreaterEqual(int(r.process.ask('drain 300', 'drained ')), 900)
        m.process.go_on()
        self.assertEqual(r.process.ask('drain 10000', 'drained '), 'complete')
        r.process.stop()
        m.process.say('burst 1000')
        time.sleep(.3)
        self.assertGreater(int(m.process.ask('drain 300', 'drained ')), 0)
        r.process.go_on()
        self.assertEqual(m.process.ask('drain 10000', 'drained '), 'complete')
        self.assertEqual(self.settled().missing, 0)

    def test_what_a_renderer_sends_right_before_its_end_arrives(self):
        for over in ('ipc', 'tcp'):
            for how in ('exit', 'return'):
                with self.case(over=over, how=how):
                    m, r = self.main(), self.renderer(endpoint=self.over(over))
                    r.process.say('events 3000')
                    r.process.say('note the last one')
                    self.ends(r, how, 5)
                    m.process.expect('note r the last one')
                    self.assertEqual(self.settled().missing, 0)

    def test_what_main_sends_right_before_its_end_arrives(self):
        for how in ('exit', 'return'):
            with self.case(how=how):
                m = self.main()
                renderers = [self.renderer('r0'), self.renderer('r1', endpoint=self.over('tcp'))]
                self.eventually(lambda: m.process.ask('publish first', 'published ') == '2')
                m.process.say('burst 1000')
                m.process.say('publish the last one')
                self.ends(m, how, 5)
                for r in renderers:
                    r.process.expect('note main the last one')
                    r.process.expect('disconnected disconnected')
                self.assertEqual(self.settled().missing, 0)

    def test_a_program_that_sends_and_ends_at_once_has_sent(self):
        m = self.main()
        seat = self.world.add_seat('hasty')
        for i in range(20):
            r = self.world.start_renderer(seat)
            r.process.say(f'note {i}')
            self.ends(r, 'return', 5)
            m.process.expect(f'note hasty {i}')

    def test_no_exit_hangs_on_a_stopped_peer_and_what_is_lost_is_counted(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over, who='renderer'):
                m, r = self.main(), self.renderer(endpoint=self.over(over))
                m.process.stop()
                r.process.ask('events 500', 'burst done')
                self.ends(r, 'exit', LINGER + 4)
                self.assertGreaterEqual(r.lost_at_end(), 450)
                m.process.go_on()
                self.eventually(lambda: m.gone())
            with self.case(over=over, who='main'):
                m, r = self.main(), self.renderer(endpoint=self.over(over))
                r.process.stop()
                m.process.say('burst 500')
                self.ends(m, 'exit', LINGER + 4)
                r.process.go_on()
                self.settled()

    def test_what_is_lost_with_a_main_that_dies_meanwhile_is_counted(self):
        """The next main takes the rest, which must not pass for everything."""
        for over in ('ipc', 'tcp'):
            for how in ('exit', 'drain 20000'):
                with self.case(over=over, how=how):
                    m, r = self.main(), self.renderer(endpoint=self.over(over), options=['linger=20000'])
                    m.process.stop()
                    r.process.ask('events 500', 'burst done')
                    r.process.say(how)
                    time.sleep(.3)
                    self.world.kill(m)
                    self.main()
                    if how == 'exit':
                        self.ends(r, how, 10)
                    else:
                        self.assertEqual(r.process.expect('drained ', 10), '500')
                        self.ends(r, 'exit', 5)
                    self.assertEqual(r.lost_at_end(), 500)
                    self.assertEqual(self.settled().missing, 500)

    def test_no_exit_hangs_when_nobody_was_ever_there(self):
        r = self.renderer()
        r.process.say('note lost')
        self.ends(r, 'return', LINGER + 4)
        self.assertIn("'r' closed with 1 message(s) not acknowledged", r.process.errors[-1])

    def test_no_exit_hangs_while_the_cable_is_silent(self):
        host = self.host()
        m, r = self.main(), self.renderer(host=host)
        host.weather(loss=1)
        r.process.say('note lost')
        self.ends(r, 'exit', LINGER + 4)
        self.assertGreaterEqual(r.lost_at_end(), 1)
        self.ends(m, 'exit', LINGER + 4)


if __name__ == '__main__':
    main()

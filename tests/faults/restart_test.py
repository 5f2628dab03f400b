#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Processes that die and come again: what is lost is reported, and what is not lost goes on. restart_test.py PROGRAMS"""
import time

from harness.case import FaultCase, main


class Restart(FaultCase):
    def test_killed_main_fails_calls_at_once_and_is_replaced(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                m, r = self.main(), self.renderer(endpoint=self.over(over))
                r.process.say('ask 30000')
                with self.traffic():
                    since = time.monotonic()
                    self.world.kill(m)
                    self.assertIn('main_restarted', r.process.expect('no answer '))
                    self.assertLess(time.monotonic() - since, 3)  # else it would be waited for for 8 s
                    second = self.main()
                    second.process.expect('created ')
                self.assertEqual(list(second.created().values()), ['r'])
                self.assertEqual(r.process.count('disconnected main_restarted'), 1)
                self.assertEqual(r.connections(), 2)

    def test_listeners_and_subscriptions_are_there_for_the_next_main(self):
        m, r = self.main(), self.renderer()
        self.eventually(lambda: m.process.ask('publish one', 'published ') == '1')
        self.world.kill(m)
        second = self.main()
        second.process.expect('created ')
        self.eventually(lambda: second.process.ask('publish two', 'published ') == '1')
        r.process.expect('note main two')
        r.process.say('ask 1')
        r.process.expect('answer 1')

    def test_what_is_sent_while_no_main_is_there_goes_to_the_next_one(self):
        m, r = self.main(), self.renderer()
        self.world.kill(m)
        r.process.expect('disconnected main_restarted')
        r.process.ask('events 3000', 'burst done')
        r.process.say('ask 1')
        self.main()
        r.process.expect('answer 1')
        self.assertEqual(self.settled().missing, 0)

    def test_renderers_may_be_started_before_main(self):
        r = [self.renderer('r0'), self.renderer('r1', endpoint=self.over('tcp'))]
        for each in r:
            each.process.expect('ready')
            each.process.say('events 2000')
            each.process.say('ask 1')
        self.main()
        for each in r:
            each.process.expect('answer 1')
        self.assertEqual(self.settled().missing, 0)

    def test_main_that_ends_orderly_loses_nothing_that_it_was_sent(self):
        m, r = self.main(), self.renderer()
        with self.traffic():
            self.world.leave(m)
            r.process.expect('disconnected disconnected')
            self.main()

    def test_killed_renderer_fails_the_calls_to_it_and_may_come_again(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                m, r = self.main(), self.renderer(endpoint=self.over(over))
                with self.traffic():
                    since = time.monotonic()
                    self.world.kill(r)
                    self.assertIn('crashed', m.process.expect('gone 1 r '))
                    self.assertLess(time.monotonic() - since, 3)  # else it would be waited for for 8 s
                    again = self.world.start_renderer(self.world.seats[0])
                    again.process.expect('connected')

    def test_renderer_restarts_under_its_name_while_main_is_busy(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                m, r = self.main(), self.renderer(endpoint=self.over(over))
                with self.traffic():
                    r.process.say('send-block 4000')
                    m.process.expect('block begins')
                    self.world.kill(r)
                    again = self.world.start_renderer(self.world.seats[0])
                    # The service thread lets it in: nobody waits for the busy one.
                    again.process.expect('connected')
                    self.assertIsNone(m.process.find('block ends'))
                    m.process.expect('block ends')
                self.assertEqual(list(m.created().values()), ['r', 'r'])
                self.assertEqual(list(m.gone()), [1])

    def test_renderer_that_restarts_again_and_again(self):
        m = self.main()
        seat = self.world.add_seat('r')
        self.world.start_renderer(seat)
        with self.traffic():
            for _ in range(20):
                seat.member.process.expect('connected')
                self.world.kill(seat.member)
                self.world.start_renderer(seat)
            seat.member.process.expect('connected')
        self.assertEqual(len(m.created()), 21)

    def test_both_die_at_once(self):
        m, r = self.main(), self.renderer()
        with self.traffic():
            m.process.child.kill()
            self.world.kill(r)
            self.world.kill(m)
            self.main()
            self.world.start_renderer(self.world.seats[0]).process.expect('connected')

    def test_pid_in_another_container_is_not_taken_for_that_of_main(self):
        m = self.main()
        # Among the renderer's processes there is one with the pid of main, and it ends.
        container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c',
                     f'echo {m.process.pid - 1} >/proc/sys/kernel/ns_last_pid; sleep 2 & echo namesake $!; exec "$@"', 'sh']
        proxy = self.world.add_proxy('tcp')
        r = self.renderer(proxy=proxy, inside=container)
        self.assertEqual(r.process.find('namesake '), str(m.process.pid))
        with self.traffic():
            time.sleep(2.5)
            proxy.cut()
            r.process.expect('recovered')
        self.no_session_was_lost(r)

    def test_main_that_stays_away_costs_the_session_and_says_so(self):
        m, r = self.main(), self.renderer()
        with self.traffic():
            r.process.say('ask 60000')
            m.process.stop()
            self.assertIn('disconnected', r.process.expect('no answer ', within=30))
            m.process.go_on()
            self.eventually(lambda: r.connections() == 2, 20)
        self.assertEqual(len(m.gone()), 1)


if __name__ == '__main__':
    main()

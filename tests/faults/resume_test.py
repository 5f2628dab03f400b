#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever happens to the connection, or to a process that goes on: nothing is lost, repeated or reordered, and calls
that are under way get their answers. resume_test.py PROGRAMS"""
import os
import sys
import time

import zmq

from harness.case import PING_TIMEOUT, RESUME_FOR, FaultCase, main

BRIEF, LONG = .4 * PING_TIMEOUT, 2.5 * PING_TIMEOUT  # noticed by the network alone; by pings, too
ANSWER = LONG + 1  # how long main takes for it
# A hundred processes under a sanitizer are so slow that they take each other for dead.
CROWD = 100 if os.environ.get('SANITIZER', 'none') == 'none' else 20


class Survival(FaultCase):
    def survives(self, member, *actions):
        """A call that takes longer than the actions, and traffic both ways."""
        with self.traffic():
            since = time.monotonic()
            member.process.say(f'ask {ANSWER * 1000:.0f}')
            for action in actions:
                time.sleep(action) if isinstance(action, float) else action()
            # It may have been cut off on its way to main.
            member.process.expect('answer ', within=RESUME_FOR + ANSWER)
            self.assertLess(time.monotonic() - since, RESUME_FOR + ANSWER)
        self.no_session_was_lost(member)


class Cables(Survival):
    def on_host(self):
        host = self.host()
        self.main()
        return host, self.renderer(host=host)

    def test_cable_that_is_unplugged_for_a_moment(self):
        host, r = self.on_host()
        self.survives(r, host.unplug, BRIEF, host.plug)

    def test_cable_that_is_unplugged_beyond_the_ping_timeout(self):
        host, r = self.on_host()
        self.survives(r, host.unplug, LONG, host.plug)
        self.assertGreaterEqual(r.process.count('recovered'), 1)

    def test_half_open_connection_that_comes_back_to_life(self):
        host, r = self.on_host()
        self.survives(r, lambda: host.weather(loss=1), BRIEF, host.weather)

    def test_half_open_connection_is_noticed_by_pings(self):
        host, r = self.on_host()
        self.survives(r, lambda: host.weather(loss=1), LONG, host.weather)
        self.assertGreaterEqual(r.process.count('recovered'), 1)

    def test_packets_that_are_lost_delayed_reordered_and_repeated(self):
        host, r = self.on_host()
        self.survives(r, lambda: host.weather(loss=.05, delay=20, jitter=40, repeat=.05), LONG, host.weather)

    def test_renderer_whose_host_gets_another_address(self):
        host, r = self.on_host()
        self.survives(r, host.move)
        self.assertGreaterEqual(r.process.count('recovered'), 1)


class Names(FaultCase):
    """Two processes of one name on other machines, whose processes main cannot see."""
    def far(self):
        seat = self.world.add_seat('r', host=self.host())
        seat.inside = [*seat.inside, 'unshare', '--pid', '--fork', '--kill-child']
        return seat

    def test_process_that_comes_after_one_that_fell_silent_gets_in_by_itself(self):
        self.main()
        old, new = self.far(), self.far()
        self.world.start_renderer(old).process.expect('connected')
        old.host.weather(loss=1)
        since = time.monotonic()
        self.world.start_renderer(new).process.expect('connected', within=PING_TIMEOUT + 3)
        print(f'in after {time.monotonic() - since:.2f} s, with a ping timeout of {PING_TIMEOUT} s', file=sys.stderr)
        self.eventually(lambda: len(self.world.main.gone()) == 1)
        # Who comes back too late is told, and the other goes on.
        old.host.weather()
        self.assertIn('duplicate_identity', old.member.process.expect('closed ', within=RESUME_FOR))
        new.member.process.say('ask 1')
        new.member.process.expect('answer ')

    def test_name_of_one_that_is_there_is_refused(self):
        self.main()
        old, new = self.far(), self.far()
        self.world.start_renderer(old).process.expect('connected')
        for _ in range(2):
            self.world.start_renderer(new)
            self.assertIn('duplicate_identity', new.member.process.expect('closed ', within=3))
        old.member.process.say('ask 1')
        old.member.process.expect('answer ')
        self.assertEqual(self.world.main.gone(), {})


class Proxies(Survival):
    def behind_proxy(self, over):
        proxy = self.world.add_proxy(over)
        self.main()
        return proxy, self.renderer(proxy=proxy)

    def test_half_open_connection_through_a_proxy_that_still_accepts(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                proxy, r = self.behind_proxy(over)
                self.survives(r, proxy.hold, LONG, lambda: proxy.hold(False))

    def test_connection_that_is_reset(self):
        proxy, r = self.behind_proxy('tcp')
        self.survives(r, *[proxy.reset, .3] * 5)
        self.assertGreaterEqual(r.process.count('recovered'), 1)

    def test_connection_that_ends_in_the_middle_of_a_frame(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                proxy, r = self.behind_proxy(over)
                self.survives(r, *[proxy.truncate, .3] * 5)

    def test_connections_that_are_refused_for_a_while(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                proxy, r = self.behind_proxy(over)
                self.survives(r, proxy.refuse, proxy.cut, LONG, lambda: proxy.refuse(False))

    def test_connections_that_are_refused_for_most_of_the_time_to_resume(self):
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                proxy, r = self.behind_proxy(over)
                self.survives(r, proxy.refuse, proxy.cut, .8 * RESUME_FOR, lambda: proxy.refuse(False))

    def test_first_connection_that_falls_silent_before_the_welcome(self):
        """To the kernel it looks whole for a quarter of an hour."""
        for over in ('ipc', 'tcp'):
            with self.case(over=over):
                self.main()
                proxy = self.world.add_proxy(over)
                # A main that never answers.
                with zmq.Context() as context, context.socket(zmq.ROUTER) as deaf:
                    deaf.linger = 0
                    port = deaf.bind_to_random_port('tcp://127.0.0.1')
                    real, proxy.target = proxy.target, f'tcp://127.0.0.1:{port}'
                    seat = self.world.add_seat('r', proxy=proxy)
                    r = self.world.start_renderer(seat)
                    self.assertTrue(deaf.poll(10000))
                    proxy.target = real
                    r.process.expect('connected', within=8)
                self.assertEqual(self.settled().missing, 0)


class Processes(Survival):
    def test_stopped_renderer_and_stopped_main(self):
        for over in ('ipc', 'tcp'):
            for seconds in (BRIEF, LONG):
                for role in ('renderer', 'main'):
                    with self.case(over=over, role=role, seconds=seconds):
                        m = self.main()
                        r = self.renderer(endpoint=self.over(over))
                        stopped = r.process if role == 'renderer' else m.process
                        self.survives(r, stopped.stop, seconds, stopped.go_on)


class Storm(FaultCase):
    """Times as they are by default: a hundred processes behind one slow proxy need more than what one does."""
    options = ['ping_interval=1000', 'ping_timeout=5000', 'resume_for=15000']

    def test_storm_of_many_renderers_that_are_cut_off_again_and_again(self):
        proxies = [self.world.add_proxy(over) for over in ('ipc', 'tcp')]
        self.main()
        seats = [self.world.add_seat(f'r{i}', proxy=proxies[i % 2]) for i in range(CROWD)]
        renderers = [self.world.start_renderer(s) for s in seats]
        for r in renderers:
            r.process.expect('connected', within=60)
        self.rates(renderer=20, main=20, all=5)
        for _ in range(5):
            time.sleep(.2)
            for p in proxies:
                p.cut()
        self.verdict = self.settled(within=90)
        self.no_session_was_lost(*renderers)
        self.assertGreaterEqual(min(r.process.count('recovered') for r in renderers), 1)


if __name__ == '__main__':
    main()

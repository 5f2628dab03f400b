# SPDX-License-Identifier: MIT
"""Peers that speak the protocol and mean harm: each is refused or bounded, counted, said once, and harms nobody else."""
import contextlib, math, secrets, select, sys, time, unittest
import msgpack
from exhausting import MEMORY, SANITIZER, ExhaustionTest
import protocol_peer as p
from protocol_peer import ProtocolError, Renderer, raw_frame
from raw_peer import RawPeer, message

MIB = 1 << 20
QUEUE = 8 * MIB  # main's queue_bytes
WHOLE = msgpack.ExtType(31, bytes(8))  # arguments that are the first attachment
# What main may hold for one peer that does not read: twice queue_bytes, and what libzmq makes of it.
HELD = MEMORY * (3 * QUEUE + 24 * MIB)
# Calls that each want a MiB, many times what main may hold. Main deals with a frame of calls in one turn, and under a
# sanitizer that takes so long for a thousand that their caller is taken for dead meanwhile.
CALLS = {'none': 1000, 'thread': 30}.get(SANITIZER, 60)


class HostilePeersTest(ExhaustionTest):
    def setUp(self):
        super().setUp()
        self.limited_main(queue_bytes=QUEUE, ping_interval=500, ping_timeout=6000, resume_for=1000)
        self.before = self.memory()

    def tearDown(self):
        grown = self.memory() - self.before
        self.worker_is_unharmed()
        self.assertLess(grown, HELD)
        super().tearDown()

    def raw(self, identity='evil', **more):
        raw = RawPeer(self.connect(), identity)
        raw.welcome = raw.open(**more)
        self.assertEqual(self.main.expect('created '), identity)
        return raw

    def renderer(self, identity='evil', **options):
        renderer = Renderer(self.bound, identity, **options)
        self.addCleanup(lambda: renderer.socket.close(0))
        return renderer

    def refusal(self, identity, **hello):
        """The code with which main refuses a hello, or None."""
        try:
            self.renderer(identity, **hello).bye()
        except ProtocolError as error:
            return error.code

    def flood(self, raw, bytes, seconds, reads=False, most_ahead=MIB):
        """Sends `bytes` again and again until main cuts; False when it has not in that time. It does not read, or reads
        and answers main's pings, and then is never more than `most_ahead` bytes ahead of what it has read."""
        end, poll = time.monotonic() + seconds, select.poll()
        raw.s.setblocking(False)
        poll.register(raw.s, select.POLLOUT | select.POLLRDHUP | (select.POLLIN if reads else 0))
        left, answers, ahead = memoryview(bytes), b'', 0
        while time.monotonic() < end:
            for _, what in poll.poll(100):
                if what & (select.POLLRDHUP | select.POLLHUP):
                    return True
                try:
                    if what & select.POLLIN:
                        got = raw.s.recv(MIB)
                        if not got:
                            return True
                        answers += raw.answer_pings(got)
                        ahead = max(0, ahead - len(got))
                    if what & select.POLLOUT and not (reads and ahead > most_ahead):
                        sent = raw.s.send(left)
                        ahead += sent
                        left = left[sent:]
                        if not left:
                            left, answers = memoryview(answers + bytes), b''
                except BlockingIOError:
                    pass
                except ConnectionError:
                    return True
        return False

    def lines_about(self, text):
        return [line for line in self.said() if text in line]

    # --- who it says it is

    def test_secret_that_is_guessed_opens_nothing(self):
        for i in range(200):
            guess = dict(session=secrets.token_bytes(16), secret=secrets.token_bytes(16), received=0)
            self.assertEqual(self.refusal('worker', resume=guess), 'duplicate_identity')

    def test_secret_of_another_renderer_opens_nothing(self):
        other = self.renderer('other')
        theirs = {k: other.welcome[k] for k in ('session', 'secret')}
        self.assertEqual(self.refusal('worker', resume=dict(theirs, received=0)), 'duplicate_identity')
        mixed = dict(session=theirs['session'], secret=secrets.token_bytes(16), received=0)
        self.assertEqual(self.refusal('other', resume=mixed), 'duplicate_identity')
        self.assertEqual(other.invoke('echo', 1), 1)

    def test_secret_of_a_session_that_is_over_opens_a_new_one_only(self):
        first = self.renderer('mayfly')
        old = dict(session=first.welcome['session'], secret=first.welcome['secret'], received=0)
        first.invoke('echo', 1)
        first.bye()
        replayed = self.renderer('mayfly', resume=old)
        self.assertFalse(replayed.welcome['resumed'])
        self.assertNotEqual(replayed.welcome['session'], old['session'])
        self.assertNotEqual(replayed.welcome['id'], first.welcome['id'])

    def test_resume_with_impossible_numbers_touches_no_session(self):
        victim = self.renderer('victim')
        victim.invoke('echo', 1)
        own = dict(session=victim.welcome['session'], secret=victim.welcome['secret'])
        for received in (1000, 2**63, 2**64 - 1):
            self.assertEqual(self.refusal('victim', resume=dict(own, received=received)), 'duplicate_identity')
        for received in (-1, 1.5, '1', None):
            self.assertEqual(self.refusal('victim', resume=dict(own, received=received)), 'bad_frame')
        self.assertEqual(victim.invoke('echo', 2), 2)
        self.assertEqual(self.statistics()['malformed'], 4)

    # --- numbers that cannot be

    def test_numbers_of_the_future_end_the_session_or_mean_nothing(self):
        ends = {
            'ack of a frame that was never sent': raw_frame(received=1 << 40),
            'the largest ack': raw_frame(received=2**64 - 1, dispatched=2**64 - 1),
            'dispatched beyond received': raw_frame(received=0, dispatched=1),
        }
        for name, parts in ends.items():
            with self.subTest(name):
                raw = self.raw(name)
                raw.send(parts)
                self.assertEqual(raw.expect(p.REFUSE)[1], 'bad_frame')
                self.assertTrue(self.main.expect(f'gone {name}').startswith(' protocol-error'))
                self.assertEqual(len(self.lines_about(f"'{name}'")), 1)
        self.assertEqual(self.statistics()['malformed'], len(ends))
        lives = {
            'seq of the far future': raw_frame(2**63, messages=[[p.EVENT, 'x', []]]),
            'highest of the far future': raw_frame(messages=[[p.PING, 1, 1, 2**64 - 1]]),
            'clock of the far future': raw_frame(messages=[[p.PING, 1, 2**64 - 1, 0]]),
            'deadline of the far future': raw_frame(1, messages=[[p.INVOKE, 1, 2**64 - 1, 'echo', [7]]]),
        }
        for name, parts in lives.items():
            with self.subTest(name):
                raw = self.raw(name)
                raw.send(parts)
                raw.send(raw_frame(1, messages=[[p.INVOKE, 1, 0, 'echo', [7]]]))
                self.assertEqual(raw.expect(p.REPLY)[1:], [1, 7])
                # Gaps are asked for once in 20 ms, whatever the numbers.
                frames, end = 0, time.monotonic() + .5
                raw.s.settimeout(.1)
                with contextlib.suppress(TimeoutError):
                    while time.monotonic() < end:
                        frames += bool(raw.receive())
                self.assertLess(frames, 40)
                raw.s.close()

    # --- floods

    def test_hellos_of_one_connection(self):
        raw = self.raw()
        hello = message(raw_frame(messages=[[p.HELLO, dict(protocol=1, identity='evil', clock=1)]]))
        self.assertTrue(self.flood(raw, hello * 100, 30), 'welcomes that are not read are not bounded')

    def test_hellos_of_one_connection_under_a_thousand_names(self):
        raw = RawPeer(self.connect(), 'evil')
        raw.exactly(64)
        with contextlib.suppress(ConnectionError):
            for i in range(1000):
                raw.send(raw_frame(messages=[[p.HELLO, dict(protocol=1, identity=f'evil {i}', clock=1)]]))
        self.assertTrue(raw.is_cut(5), 'one who is refused may go on for ever')
        # What is said is said after what is done.
        self.until(lambda: self.lines_about('was refused'), lambda: time.sleep(.01), 5)
        self.assertEqual(len(self.lines_about('was refused')), 1)

    def test_hellos_of_ever_new_connections(self):
        began, n = time.monotonic(), 0
        while time.monotonic() - began < 3 and n < 1000:  # half of them stay open here, too
            raw = RawPeer(self.connect(), f'evil {n}')
            raw.hello()
            n += 1
            if n % 2:
                raw.s.close()
        print(f'{n} connections said hello in {time.monotonic() - began:.1f} s', file=sys.stderr)
        self.assertGreater(n, 100)

    def test_pings_whose_pongs_are_not_read(self):
        raw = self.raw()
        self.assertTrue(self.flood(raw, message(raw_frame(messages=[[p.PING, 1, 1, 0]] * 500)), 60), 'not bounded')
        self.assertIn('protocol-error', self.main.expect('gone evil'))
        self.assertEqual(len(self.lines_about("'evil'")), 1)

    def test_pings_whose_pongs_are_read(self):
        self.assertFalse(self.flood(self.raw(), message(raw_frame(messages=[[p.PING, 1, 1, 0]] * 100)), 3, reads=True))

    @unittest.skipIf(SANITIZER == 'thread', 'main takes longer over the flood than a call of the worker waits')
    def test_subscriptions_without_end(self):
        raw, n = self.raw(), 0
        with contextlib.suppress(ConnectionError):
            for seq in range(1, 200):
                raw.send(raw_frame(seq, messages=[[p.SUBSCRIBE, f'{n + i:0200}'] for i in range(1000)]))
                n += 1000
        self.assertEqual(raw.expect(p.REFUSE)[1], 'bad_frame')
        self.assertIn('protocol-error', self.main.expect('gone evil'))

    def test_calls_without_end_that_are_never_answered(self):
        raw, id = self.raw(), 0
        raw.s.settimeout(30)
        with contextlib.suppress(ConnectionError):
            for seq in range(1, 150):
                raw.send(raw_frame(seq, messages=[[p.INVOKE, id + i, 0, 'forever', []] for i in range(1, 1001)]))
                id += 1000
        codes = set()
        while 'overflow' not in codes:
            codes |= {m[2] for m in raw.receive().messages if m[0] == p.ERROR}
        self.assertEqual(codes, {'overflow'})

    # --- who does not read, or does not acknowledge

    def test_pushes_to_a_renderer_that_does_not_read(self):
        self.raw()
        self.main.say(f'push evil {MIB}')
        self.assertTrue(self.main.expect('error overflow'))
        self.assertLessEqual(int(self.main.expect('pushed ')), QUEUE // MIB + 1)
        self.assertIn('lost', self.main.expect('gone evil', timeout=25))

    def test_pushes_to_a_renderer_that_reads_and_never_acknowledges(self):
        raw = self.raw()
        self.main.say(f'push evil {MIB}')
        self.assertTrue(self.main.expect('error overflow'))
        for _ in range(5):
            raw.receive()
            raw.send(raw_frame(messages=[[p.PING, 1, 1, 0]]))
        self.main.say(f'push evil {MIB}')
        self.assertTrue(self.main.expect('error overflow'))
        self.assertEqual(self.main.expect('pushed '), '0')

    def watch_memory(self, raw, of_what):
        """What main holds while `raw` says that it is there, and reads nothing."""
        most, end = 0, time.monotonic() + 3
        while time.monotonic() < end:
            raw.send(raw_frame(messages=[[p.PING, 1, 1, 0]]))
            most = max(most, self.memory() - self.before)
            time.sleep(.005)
        print(f'{CALLS} {of_what} of 1 MiB to one who does not read: main grew by {most >> 20} MiB', file=sys.stderr)
        self.assertLess(most, HELD)

    def test_large_answers_to_one_who_does_not_read(self):
        raw = self.raw()
        calls = [[p.INVOKE, i, 0, 'big', [MIB]] for i in range(1, CALLS + 1)]
        raw.send(raw_frame(1, messages=calls))
        self.watch_memory(raw, 'answers')
        # What it gets, when it reads after all, is answers first and then refusals.
        raw.s.settimeout(10)
        answers, refused = 0, set()
        while answers + len(refused) < len(calls):
            for m in raw.receive().messages:
                answers += m[0] == p.REPLY
                refused |= {(m[1], m[2]) for m in [m] if m[0] == p.ERROR}
        self.assertGreater(answers, QUEUE // MIB // 2)
        self.assertEqual({code for _, code in refused}, {'overflow'})

    def test_large_errors_to_one_who_does_not_read(self):
        raw = self.raw()
        # All with the one attachment as their arguments: a frame of 1 MiB asks for CALLS times as much.
        calls = [[p.INVOKE, i, 0, 'fail', WHOLE] for i in range(1, CALLS + 1)]
        raw.send(raw_frame(1, messages=calls, attachments=[msgpack.packb(['x' * MIB])]))
        self.watch_memory(raw, 'errors')
        raw.s.settimeout(10)
        codes = []
        while len(codes) < len(calls):
            codes += [m[2] for m in raw.receive().messages if m[0] == p.ERROR]
        self.assertEqual(set(codes), {'remote_failed', 'overflow'})
        self.assertGreater(codes.count('remote_failed'), QUEUE // MIB // 2)

    def gaps(self, reads):
        raw = self.raw()
        self.main.say(f'push evil {MIB}')
        self.main.expect('pushed ')
        resent = self.statistics()['resent']
        # Few of the requests are answered: who waited for the answers would ask no more often than main pings.
        self.flood(raw, message(raw_frame(flags=p.GAP)), 15, reads=reads, most_ahead=math.inf)
        again = self.statistics()['resent'] - resent
        print(f'{again} frames were sent again', file=sys.stderr)
        self.assertLess(again, 2000)
        said = next((line for line in self.main.seen if 'gone evil' in line), None) or self.main.expect('gone evil', 5)
        self.assertIn('protocol-error', said or 'the session goes on')

    def test_gaps_that_are_asked_for_without_end_and_not_read(self):
        self.gaps(False)

    def test_gaps_that_are_asked_for_without_end(self):
        self.gaps(True)


if __name__ == '__main__':
    unittest.main()

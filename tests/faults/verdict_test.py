#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The verdict sees what it is there to see: each kind of misbehaviour, made up, is found; what is allowed is not."""
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness.ledger import FIELDS, FLOW, LAYOUT, RECEIVED, SENT  # noqa: E402
from harness.verdict import Verdict  # noqa: E402
from harness.world import Member  # noqa: E402


class Said:
    """Stands for a process: what it has said."""
    def __init__(self, *lines):
        self.lines, self.errors = list(lines), []
        self.child = types.SimpleNamespace(returncode=0)

    def all(self, prefix):
        return [line[len(prefix):] for line in self.lines if line.startswith(prefix)]

    def count(self, prefix):
        return len(self.all(prefix))

    def find(self, prefix):
        return (self.all(prefix) or [None])[0]

    def running(self):
        return True


class VerdictTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.members, self.slots = folder.name, [], {}
        self.main = self.member('main', 'main', 'created 1 r')
        self.renderer = self.member('renderer', 'r', 'connected')
        # A thousand each way, and all of them there.
        self.up = self.slot(self.renderer, role=SENT, attempted=1000, accepted=1000, calls=10, answered=10)
        self.up_got = self.slot(self.main, role=RECEIVED, sender=2, session=1, first=1, last=1000)
        self.down = self.slot(self.main, role=SENT, session=1, attempted=1000, accepted=1000)
        self.down_got = self.slot(self.renderer, role=RECEIVED, sender=1, session=1, first=1, last=1000)

    def member(self, role, name, *lines):
        number = len(self.members) + 1
        m = Member(role, name, number, Said(*lines), os.path.join(self.folder, str(number)))
        self.members.append(m)
        self.slots[m] = []
        return m

    def slot(self, of, **fields):
        s = dict.fromkeys(FIELDS, 0) | {'stream': FLOW, 'sender': of.number} | fields
        self.slots[of].append(s)
        return s

    def verdict(self):
        for m, slots in self.slots.items():
            with open(m.ledger, 'wb') as f:
                for s in slots:
                    f.write(LAYOUT.pack(*(s[name] for name in FIELDS)))
        return Verdict(self.members, quiet=True)

    def passes(self):
        v = self.verdict()
        self.assertEqual(v.problems, [])
        return v

    def finds(self, *texts):
        problems = '\n'.join(self.verdict().problems)
        for text in texts:
            self.assertIn(text, problems)

    def another_main(self, **got):
        m = self.member('main', 'main', 'created 1 r')
        self.slot(m, role=RECEIVED, sender=2, session=1, **got)
        self.slot(m, role=SENT, session=1)
        self.main.state = 'killed'
        return m

    def test_all_is_there(self):
        self.assertEqual(self.passes().received, 2000)

    def test_gap(self):
        self.up_got.update(disorder=1, wanted=500, got=502)
        self.finds('out of order', 'lost')

    def test_repetition(self):
        self.down_got.update(disorder=1, wanted=500, got=499)
        self.finds('repeated or reordered')

    def test_other_content(self):
        self.down_got.update(corrupt=1)
        self.finds('other content')

    def test_end_that_has_not_come(self):
        self.up_got.update(last=990)
        self.finds('main has [990] and 1000 were sent', 'flow 991-1000 of session 0 are missing, and it was not told')

    def test_end_that_has_not_come_to_a_renderer(self):
        self.down_got.update(last=990)
        self.finds('it has 990, and 1000 were sent')

    def test_beginning_that_has_not_come(self):
        self.down_got.update(first=2)
        self.finds('began with 2: lost')

    def test_more_than_was_sent(self):
        self.up_got.update(last=1001)
        self.finds('only 1000 were sent')

    def another_main_after_losing(self, *lines):
        self.up_got.update(last=400)
        self.another_main(first=501, last=1000)
        self.renderer.process.lines += [*lines, 'disconnected main_restarted 100 0 x', 'connected']

    def test_loss_with_main_that_was_reported(self):
        self.another_main_after_losing('lost 0 1 received 401-450', 'lost 0 1 unknown 452-500,390-395',
                                       'failed main_restarted 451 0 x')
        self.assertEqual(self.passes().missing, 100)

    def test_loss_with_main_that_was_not_reported(self):
        self.another_main_after_losing('lost 0 1 received 401-450', 'lost 0 1 unknown 452-499')
        self.finds('flow 451-451, 500-500 of session 0 are missing, and it was not told')

    def test_what_is_said_to_be_unsent_and_came(self):
        self.another_main_after_losing('lost 0 1 unknown 401-500', 'lost 0 1 unsent 501-501')
        self.finds('flow 501-501 of session 0 came, and were said to be unsent')

    def test_repetition_across_mains(self):
        self.another_main(first=1000, last=1000)
        self.renderer.process.lines += ['disconnected main_restarted 100 0 x', 'connected']
        self.finds('flow 1000 came to main#3 again')

    def test_repetition_across_mains_that_is_wanted(self):
        self.renderer.repeats = True
        self.another_main(first=991, last=1000)
        self.renderer.process.lines += ['disconnected main_restarted 0 10 x', 'connected']
        self.assertEqual(self.passes().repeated, 10)
        self.renderer.process.lines[-2] = 'disconnected main_restarted 0 9 x'
        self.finds('10 message(s) came again, and 9 were reported')

    def test_loss_with_a_renderer(self):
        self.down_got.update(last=900)
        self.renderer.state = 'killed'
        self.main.process.lines += ['lost 1 1 received 901-1000', 'gone 1 r crashed 100 x']
        self.assertEqual(self.passes().missing, 100)
        self.main.process.lines[-2] = 'lost 1 1 received 901-999'
        self.main.handed_back.clear()
        self.main.lines_read = 0
        self.finds('flow 1000-1000 of session 1 are missing, and it was not told')

    def test_calls(self):
        self.up.update(wrong=1, answered=9)
        self.finds('wrong answer')
        self.up.update(wrong=0, answered=9)
        self.finds('1 call(s) without an outcome')
        self.up.update(failed=1)
        self.renderer.process.lines += ['failed disconnected 7 0 x']
        self.finds('no session was lost')
        self.renderer.process.lines[-1] = 'failed timed_out 7 0 x'
        self.finds('a call failed: timed_out')

    def test_calls_that_were_not_made(self):
        self.up_got.update(skipped=1)
        self.finds('1 call(s) were not made')

    def test_somebody_who_is_known_and_not_there(self):
        self.main.process.lines += ['created 2 ghost']
        self.finds("it knows ['ghost', 'r'], and ['r'] are there")

    def test_process_that_ended_by_itself(self):
        self.renderer.process.running = lambda: False
        self.finds('ended by itself')


if __name__ == '__main__':
    unittest.main()

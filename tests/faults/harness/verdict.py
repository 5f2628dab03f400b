# SPDX-License-Identifier: MIT
"""Compares what was sent with what was received, and what is missing with what the survivors have reported.

Within one session everything arrives in order, once, without a gap: only the end of it may be missing, when the session
was lost. What is missing of a sender that lives has been handed back to it, or was a call that has failed."""
from . import ledger
from .ledger import FLOW, NAMES, RECEIVED, REPLY, SENT

# What a call may fail with when its session was lost, or its own side closed.
LOST = {'main_restarted', 'disconnected', 'closed', 'peer_gone'}


def spans(numbers):
    """1-3, 7-7 and so on, the first few of them."""
    found = []
    for n in sorted(numbers):
        if found and n == found[-1][1] + 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return ', '.join(f'{a}-{b}' for a, b in found[:5]) + (f' and {len(found) - 5} more' if len(found) > 5 else '')


class Verdict:
    def __init__(self, members, quiet=False):
        """`members`: every process so far, in the order in which they were started. `quiet`: nobody sends any more, so
        what lives must have everything."""
        self.quiet = quiet
        self.mains = [m for m in members if m.role == 'main']
        self.renderers = [m for m in members if m.role == 'renderer']
        self.by_number = {m.number: m for m in members}
        self.problems, self.received, self.calls, self.missing, self.repeated = [], 0, 0, 0, 0
        self.arrived = {}  # (stream, sender) -> [(receiver, slot)]
        for m in members:
            if not m.final:  # nothing is added by those who have ended
                m.final, m.slots = m.state != 'running', ledger.read(m.ledger)
            m.read_losses()
        for m in members:
            self.read_received(m)
            self.check_lines(m)
        for r in self.renderers:
            self.check_renderer(r)
        for m in self.mains:
            self.check_main(m)

    def say(self, who, text):
        self.problems.append(f'{who}: {text}')

    def read_received(self, m):
        for s in m.slots:
            if s.role != RECEIVED:
                continue
            self.received += s.last - s.first + 1 if s.disorder == 0 else 0
            sender = self.by_number.get(s.sender)
            where = f'{NAMES[s.stream]} of {sender or s.sender} in session {s.session}'
            if s.disorder:
                what = 'lost' if s.got > s.wanted else 'repeated or reordered'
                self.say(m, f'{where}: {s.disorder} time(s) out of order; first came {s.got} for {s.wanted}: {what}')
            if s.skipped and not self.caller_is_gone(m, sender, s):
                self.say(m, f'{where}: {s.skipped} call(s) were not made, though their caller is there')
            if s.corrupt:
                self.say(m, f'{where}: {s.corrupt} message(s) with other content than was sent')
            self.arrived.setdefault((s.stream, s.sender), []).append((m, s))

    @staticmethod
    def caller_is_gone(receiver, sender, s):
        """Calls that wait for dispatch are not made any more when nobody waits for the answer, or the session ends; and
        what is repeated for a new main are events alone."""
        main = receiver if receiver.role == 'main' else sender
        return sender.repeats or sender.state != 'running' or receiver.state != 'running' or s.session in main.gone()

    def check_lines(self, m):
        if m.state != 'running' and m.lines_judged == len(m.process.lines):
            return
        before = len(self.problems)
        for prefix in ('broken ', 'wrong '):
            for line in m.process.all(prefix):
                self.say(m, prefix + line)
        if m.state == 'running' and not m.process.running():
            self.say(m, f'ended by itself with {m.process.child.returncode}; it said {m.process.lines[-3:]}'
                        f' {m.process.errors[-5:]}')
        for line in m.process.all('failed '):
            code = line.split()[0]
            if code not in LOST and not m.process.find(f'closed {code} '):
                self.say(m, f'a call failed: {line}')
            elif not m.session_lost():
                self.say(m, f'a call failed though no session was lost: {line}')
        for line in m.process.all('stopped '):
            if line.split()[0] not in ('closed', 'duplicate_identity'):
                self.say(m, f'a send verb threw: {line}')
        if len(self.problems) == before:
            m.lines_judged = len(m.process.lines)

    def check_calls(self, m, s):
        self.calls += s.calls
        if s.wrong:
            self.say(m, f'{s.wrong} call(s) with a wrong answer, or two outcomes')
        open_calls = s.calls - s.answered - s.failed - s.wrong
        if self.quiet and m.state == 'running' and open_calls:
            self.say(m, f'{open_calls} call(s) without an outcome')

    def check_renderer(self, r):
        """What it sent to one main after the other. A message belongs to one session of one main only, unless its
        sender wants it repeated when main is lost."""
        missing = repeated = 0
        for s in r.slots:
            if s.role != SENT:
                continue
            self.check_calls(r, s)
            name = NAMES[s.stream]
            arrived = sorted(self.arrived.get((s.stream, r.number), []), key=lambda a: (a[0].number, a[1].session))
            before, gaps = 0, set()
            for m, a in arrived:
                if a.first <= before and not r.repeats:
                    self.say(r, f'{name} {a.first} came to {m} again, in session {a.session}: {before} had come')
                # Calls between them are not repeated: they were skipped.
                repeated += max(0, min(before, a.last) - a.first + 1 - a.skipped)
                gaps |= set(range(before + 1, a.first))
                before = max(before, a.last)
            if before > s.attempted:
                self.say(r, f'{name} {before} came, and only {s.attempted} were sent')
            self.check_unsent(r, 0, s, gaps, before)
            # What a dead sender has taken with it nobody can report; nor what a main has, that died after it left.
            # What waits for the next main is not lost.
            if r.state == 'running' and self.mains[-1].state == 'running' or \
                    r.state == 'ended' and r.left_main.state == 'running':
                gaps |= set(range(before + 1, s.accepted + 1))
            missing += self.check_missing(r, 0, s, gaps, not r.unreported(self.sessions_at_mains(r)))
            if self.quiet and r.state == self.mains[-1].state == 'running' and s.stream == FLOW:
                last = [a.last for m, a in arrived if m is self.mains[-1]]
                if s.accepted and (not last or last[-1] < s.accepted):
                    self.say(r, f'{name}: main has {last[-1:]} and {s.accepted} were sent')
        self.check_end(r, missing, sum(r.reports()))
        if repeated > r.repeated() and r.state == 'running':
            self.say(r, f'{repeated} message(s) came again, and {r.repeated()} were reported to be sent again')
        self.repeated += repeated

    def check_missing(self, who, session, s, gaps, reported=True):
        """Each has to be among the events that were handed back or the calls that failed. Those that are not, of a
        sender that has ended, are returned: it can only have counted them."""
        self.missing += len(gaps)
        rest = gaps - who.lost(session, s.stream) - (who.failed_calls.get(session, set()) if s.stream == FLOW else set())
        if rest and reported and who.state == 'running':
            self.say(who, f'{NAMES[s.stream]} {spans(rest)} of session {session} are missing, and it was not told')
        return len(rest)

    def check_end(self, who, missing, reported):
        """What it did not say while it ran, it has to have counted when it ended: events, and calls that failed."""
        if who.state != 'ended':
            return
        counted = who.lost_at_end() - reported + sum(s.calls - s.answered for s in who.slots)
        if missing > counted:
            self.say(who, f'when it ended, {missing} message(s) were missing, and {counted} counted')

    def check_unsent(self, who, session, s, gaps, last):
        """What never left cannot have come."""
        came = {n for n in who.lost(session, s.stream, ['unsent']) if n <= last} - gaps
        if came and not who.repeats:
            self.say(who, f'{NAMES[s.stream]} {spans(came)} of session {session} came, and were said to be unsent')

    def sessions_at_mains(self, r):
        return len({(m.number, a.session) for stream in (FLOW, REPLY)
                    for m, a in self.arrived.get((stream, r.number), [])})

    def check_main(self, m):
        gone, created = m.gone(), m.created()
        uncounted = 0
        for s in m.slots:
            if s.role != SENT or s.stream not in (FLOW, REPLY):
                continue
            self.check_calls(m, s)
            name, identity = NAMES[s.stream], created.get(s.session, '?')
            arrived = [(r, a) for r, a in self.arrived.get((s.stream, m.number), []) if a.session == s.session]
            if len(arrived) > 1:
                self.say(m, f'{name} of session {s.session} came to {[str(r) for r, _ in arrived]}')
            last = 0
            for r, a in arrived:
                last = a.last
                if r.name != identity:
                    self.say(m, f'{name} to {identity} came to {r}')
                if a.first != 1:
                    self.say(m, f'{name} to {r} in session {s.session} began with {a.first}: lost')
                if last > s.attempted:
                    self.say(m, f'{name} {last} came, and only {s.attempted} were sent')
            self.check_unsent(m, s.session, s, set(), last)
            gap = set(range(last + 1, s.accepted + 1))
            if self.quiet and m.state == 'running' and s.session not in gone and gap:
                self.say(m, f'{name} to {identity}: it has {last}, and {s.accepted} were sent')
            elif s.session in gone or m.state == 'ended':
                rest = self.check_missing(m, s.session, s, gap)
                # A renderer may die with what it has, after main has ended.
                uncounted += 0 if s.session in gone or any(r.state == 'killed' for r, _ in arrived) else rest
        self.check_end(m, uncounted, sum(gone.values()))
        if self.quiet and m.state == 'running':
            there = sorted(created[s] for s in created if s not in gone)
            wanted = sorted(r.name for r in self.renderers if r.state == 'running')
            if there != wanted:
                self.say(m, f'it knows {there}, and {wanted} are there')

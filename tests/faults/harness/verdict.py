# SPDX-License-Identifier: MIT
"""Compares what was sent with what was received, and what is missing with what the survivors have reported.

Within one session everything arrives in order, once, without a gap: only the end of it may be missing, when the session
was lost. What is missing of a sender that lives may not be more than it was told."""
from . import ledger
from .ledger import FLOW, NAMES, RECEIVED, REPLY, SENT

# What a call may fail with when its session was lost, or its own side closed.
LOST = {'main_restarted', 'disconnected', 'closed', 'peer_gone'}


class Verdict:
    def __init__(self, members, quiet=False):
        """`members`: every process so far, in the order in which they were started. `quiet`: nobody sends any more, so
        what lives must have everything."""
        self.quiet = quiet
        self.mains = [m for m in members if m.role == 'main']
        self.renderers = [m for m in members if m.role == 'renderer']
        self.by_number = {m.number: m for m in members}
        self.problems, self.received, self.calls, self.missing, self.reported = [], 0, 0, 0, 0
        self.arrived = {}  # (stream, sender) -> [(receiver, slot)]
        for m in members:
            if not m.final:  # nothing is added by those who have ended
                m.final, m.slots = m.state != 'running', ledger.read(m.ledger)
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
        """Calls that wait for dispatch are not made any more when nobody waits for the answer, or the session ends."""
        main = receiver if receiver.role == 'main' else sender
        return sender.state != 'running' or receiver.state != 'running' or s.session in main.gone()

    def check_lines(self, m):
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

    def check_calls(self, m, s):
        self.calls += s.calls
        if s.wrong:
            self.say(m, f'{s.wrong} call(s) with a wrong answer, or two outcomes')
        open_calls = s.calls - s.answered - s.failed - s.wrong
        if self.quiet and m.state == 'running' and open_calls:
            self.say(m, f'{open_calls} call(s) without an outcome')

    def check_renderer(self, r):
        """What it sent to one main after the other. A message belongs to one session of one main only."""
        missing = 0
        for s in r.slots:
            if s.role != SENT:
                continue
            self.check_calls(r, s)
            name = NAMES[s.stream]
            arrived = sorted(self.arrived.get((s.stream, r.number), []), key=lambda a: (a[0].number, a[1].session))
            before, covered = 0, 0
            for m, a in arrived:
                if a.first <= before:
                    self.say(r, f'{name} {a.first} came to {m} again, in session {a.session}: {before} had come')
                before, covered = max(before, a.last), covered + a.last - a.first + 1
            if before > s.attempted:
                self.say(r, f'{name} {before} came, and only {s.attempted} were sent')
            # What a dead sender has taken with it nobody can report; nor what a main has, that died after it left.
            # What waits for the next main is not lost.
            over = r.state == 'killed' or (r.left_main or self.mains[-1]).state != 'running'
            missing += (before if over else max(s.accepted, before)) - covered
            if self.quiet and r.state == self.mains[-1].state == 'running' and s.stream == FLOW:
                last = [a.last for m, a in arrived if m is self.mains[-1]]
                if s.accepted and (not last or last[-1] < s.accepted):
                    self.say(r, f'{name}: main has {last[-1:]} and {s.accepted} were sent')
        self.account(r, 'to main', missing, r.reported() if not r.unreported(self.sessions_at_mains(r)) else None)

    def sessions_at_mains(self, r):
        return len({(m.number, a.session) for stream in (FLOW, REPLY)
                    for m, a in self.arrived.get((stream, r.number), [])})

    def account(self, who, what, missing, reported):
        self.missing += missing
        self.reported += reported or 0
        if reported is not None and missing > reported:
            self.say(who, f'{missing} message(s) {what} are missing, {reported} were reported')

    def check_main(self, m):
        gone, created = m.gone(), m.created()
        missing = {}
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
            died_later = m.state == 'ended' and any(r.state == 'killed' for r, _ in arrived)
            missing[s.session] = missing.get(s.session, 0) + (0 if died_later else max(0, s.accepted - last))
            if self.quiet and m.state == 'running' and s.session not in gone and last < s.accepted:
                self.say(m, f'{name} to {identity}: it has {last}, and {s.accepted} were sent')
        if m.state == 'killed':
            return
        for session, n in missing.items():
            if session in gone:
                self.account(m, f'to {created[session]} in session {session}', n, gone[session])
        if m.state == 'ended':
            rest = sum(n for session, n in missing.items() if session not in gone)
            self.account(m, 'to those who were there when it closed', rest, m.lost_at_end() - sum(gone.values()))
        if self.quiet and m.state == 'running':
            there = sorted(created[s] for s in created if s not in gone)
            wanted = sorted(r.name for r in self.renderers if r.state == 'running')
            if there != wanted:
                self.say(m, f'it knows {there}, and {wanted} are there')

# SPDX-License-Identifier: MIT
"""One main, its renderers and what is between them."""
import os
import random

from .network import Host
from .process import Process
from .proxy import Proxy


class Member:
    """One run of a program: renderers and mains that are restarted are other members."""
    def __init__(self, role, name, number, process, ledger_path):
        self.role, self.name, self.number, self.process, self.ledger = role, name, number, process, ledger_path
        self.state = 'running'  # then killed, or ended
        self.slots, self.final = [], False
        self.lines_read = self.lines_judged = 0
        self.handed_back, self.failed_calls, self.gone_read = {}, {}, {}
        self.repeats = False    # it sends again to a new main what the last one may not have dispatched
        self.excuses = 0        # sessions that it may have lost
        self.left_main = None   # the main that was there when it ended

    def __str__(self):
        return f'{self.name}#{self.number}'

    # What a renderer has said.
    def connections(self):
        return self.process.count('connected')

    def reports(self):
        return [int(line.split()[1]) for prefix in ('disconnected ', 'closed ') for line in self.process.all(prefix)]

    def repeated(self):
        """Messages that it was told are sent to the next main, though the last one may have had them."""
        return sum(int(line.split()[2]) for line in self.process.all('disconnected '))

    def unreported(self, sessions):
        """It was killed before it could say what its last loss of a session has cost."""
        losses = self.process.count('disconnected main_restarted') + self.connections() - 1
        return self.state == 'killed' and losses < sessions - 1

    # What a main has said.
    def created(self):
        return {int(s): name for s, name in (line.split() for line in self.process.all('created '))}

    def gone(self):
        """Session -> messages to it that main was told may be lost."""
        lines = self.process.all('gone ')
        for line in lines[len(self.gone_read):]:
            session, _, _, lost, *_ = line.split()
            self.gone_read[int(session)] = int(lost)
        return self.gone_read

    # Both.
    def read_losses(self):
        """What it has said since the last time about events that were handed back, and calls that failed."""
        lines = self.process.lines
        for line in lines[self.lines_read:]:
            if line.startswith('lost '):
                _, session, stream, fate, ranges = line.split()
                numbers = self.handed_back.setdefault((int(session), int(stream), fate), set())
                for r in ranges.split(','):
                    first, last = map(int, r.split('-'))
                    numbers.update(range(first, last + 1))
            elif line.startswith('failed '):
                _, _, number, session, *_ = line.split()
                self.failed_calls.setdefault(int(session), set()).add(int(number))
            self.lines_read += 1

    def lost(self, session, stream, fates=('unsent', 'received', 'unknown')):
        """The numbers of the events that were handed back when the session ended."""
        return set().union(*(self.handed_back.get((session, stream, fate), ()) for fate in fates))

    def session_lost(self):
        if self.role == 'main':
            return bool(self.gone()) or self.state != 'running'
        return bool(self.reports()) or self.state != 'running'

    def lost_at_end(self):
        line = self.process.find('ended lost=')
        return int(line) if line else 0


class Seat:
    """Where a renderer of that name sits: how it reaches main, and who sits there now."""
    def __init__(self, name, endpoint, inside=(), host=None, proxy=None, options=()):
        self.name, self.endpoint, self.inside, self.host, self.proxy = name, endpoint, inside, host, proxy
        self.options, self.member = list(options), None
        self.trouble = [0.0, 0.0]  # from, until: as seen from here, main was or may have been away


class World:
    PORT = 5555  # in a network namespace of our own

    def __init__(self, directory, programs, seed, main_options=(), renderer_rate=0, main_rate=0, all_rate=0):
        self.directory, self.programs = directory, programs
        self.random = random.Random(seed)
        self.main_options = list(main_options)
        self.rates = renderer_rate, main_rate, all_rate
        self.members, self.seats, self.hosts, self.proxies = [], [], [], []
        self.main = None
        self.sending = True
        self.ipc = f'ipc://{directory}/main.sock'
        self.endpoints = [self.ipc, f'tcp://*:{self.PORT}']

    def program(self, name):
        return os.path.join(self.programs, f'fault_{name}')

    def add_host(self):
        host = Host(len(self.hosts) + 1, self.program('link'), self.random.getrandbits(63))
        self.hosts.append(host)
        return host

    def add_proxy(self, over):
        n = len(self.proxies)
        if over == 'ipc':
            proxy = Proxy(f'ipc://{self.directory}/proxy{n}.sock', self.ipc, n)
        else:
            proxy = Proxy('tcp://127.0.0.1:0', f'tcp://127.0.0.1:{self.PORT}', n)
        self.proxies.append(proxy)
        return proxy

    def add_seat(self, name, inside=(), **how):
        host, proxy = how.get('host'), how.get('proxy')
        endpoint = host.endpoint(self.PORT) if host else proxy.endpoint if proxy else how.pop('endpoint', self.ipc)
        seat = Seat(name, endpoint, inside=host.inside if host else inside, **how)
        self.seats.append(seat)
        return seat

    def start(self, role, name, endpoint, options, inside=()):
        number = len(self.members) + 1
        path = os.path.join(self.directory, f'{number}.ledger')
        process = Process([self.program(role), f'endpoint={endpoint}', f'identity={name}', f'number={number}',
                           f'ledger={path}', *options], inside)
        member = Member(role, name, number, process, path)
        member.repeats = 'repeat=1' in options
        self.members.append(member)
        return member

    def start_main(self):
        self.main = self.start('main', 'main', ','.join(self.endpoints), self.main_options)
        self.main.process.expect('ready', 30)
        self.set_rates(self.main)
        return self.main

    def start_renderer(self, seat):
        seat.member = self.start('renderer', seat.name, seat.endpoint, seat.options, seat.inside)
        self.set_rates(seat.member)
        return seat.member

    def set_rates(self, member):
        renderer_rate, main_rate, all_rate = self.rates if self.sending else (0, 0, 0)
        if member.role == 'main':
            member.process.say(f'rate {main_rate}')
            member.process.say(f'all {all_rate}')
        else:
            member.process.say(f'rate {renderer_rate}')

    def send(self, sending):
        self.sending = sending
        for m in self.running():
            self.set_rates(m)

    def running(self):
        return [m for m in self.members if m.state == 'running']

    def kill(self, member):
        member.left_main = self.main
        member.process.kill()
        member.state = 'killed'

    def leave(self, member, how='exit', within=30):
        """An orderly end, whose time is bounded."""
        member.left_main = self.main
        member.process.say(how)
        code = member.process.wait(within)
        member.state = 'ended'
        if code != 0:
            raise RuntimeError(f'{member} ended with {code}: {member.process.errors[-5:]}')

    def end(self):
        for m in self.members:  # all, before waiting for one: they would keep the machine busy looking for main
            m.process.child.kill()
        for m in self.members:
            m.process.wait()
        for thing in (*self.proxies, *self.hosts):
            thing.end()
        self.members, self.proxies, self.hosts = [], [], []

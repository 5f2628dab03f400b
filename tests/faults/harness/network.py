# SPDX-License-Identifier: MIT
"""Hosts (network namespaces) and the cables between them and the sandbox's own network, where main runs."""
import os
import subprocess
import time

from .process import Process


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(command)}: {done.stderr.strip()}')


class Host:
    """The n-th host: it has the address 10.N.0.2, and knows the sandbox as 10.N.0.1."""
    def __init__(self, n, link_program, seed):
        self.n, self.address = n, f'10.{n}.0.2'
        self.holder = subprocess.Popen(['unshare', '--net', 'sleep', 'infinity'])
        ours = os.readlink('/proc/self/ns/net')
        while os.readlink(f'/proc/{self.holder.pid}/ns/net') == ours:
            time.sleep(.005)
        self.inside = ['nsenter', '--target', str(self.holder.pid), '--net']
        self.device = f'cable{n}'
        self.cable = Process([link_program, str(self.holder.pid), self.device, str(seed)])
        self.cable.expect('ready')
        run('ip', 'addr', 'add', f'10.{n}.0.1/24', 'dev', self.device)
        run('ip', 'link', 'set', self.device, 'up')
        run(*self.inside, 'ip', 'link', 'set', 'lo', 'up')
        run(*self.inside, 'ip', 'addr', 'add', f'{self.address}/24', 'dev', self.device)
        run(*self.inside, 'ip', 'link', 'set', self.device, 'up')

    def endpoint(self, port):
        """Of a main that listens on tcp://*:port in the sandbox."""
        return f'tcp://10.{self.n}.0.1:{port}'

    def weather(self, **what):
        """See link_program.cpp; nothing is fine weather, loss=1 a cable that is cut silently."""
        words = ' '.join(f'{k}={v}' for k, v in what.items())
        self.cable.ask(f'set {words}', 'ok')

    def unplug(self):
        """The device goes down, and the host knows it."""
        run(*self.inside, 'ip', 'link', 'set', self.device, 'down')

    def plug(self):
        run(*self.inside, 'ip', 'link', 'set', self.device, 'up')

    def move(self):
        """Gives the host another address; connections from the old one are dead."""
        last = int(self.address.rsplit('.', 1)[1])
        new = f'10.{self.n}.0.{last + 1 if last < 250 else 2}'
        run(*self.inside, 'ip', 'addr', 'del', f'{self.address}/24', 'dev', self.device)
        run(*self.inside, 'ip', 'addr', 'add', f'{new}/24', 'dev', self.device)
        self.address = new

    def end(self):
        self.cable.end()
        self.holder.kill()
        self.holder.wait()

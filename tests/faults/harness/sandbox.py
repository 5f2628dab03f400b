# SPDX-License-Identifier: MIT
"""Namespaces of its own for a whole test: processes, network, mounts. When it ends, however it ends, so does everything
in there: no process, device or address is left over, and no name can clash with another run's."""
import os
import shutil
import signal
import subprocess
import sys

INSIDE = 'IPCZMQ_FAULTS_INSIDE'
SKIP = 77


def skip(reason):
    print(f'skipped: {reason}', flush=True)
    sys.exit(SKIP)


def command():
    """unshare and its arguments, or a reason why it cannot be."""
    for tool in ('unshare', 'nsenter', 'setpriv', 'ip'):
        if not shutil.which(tool):
            return None, f'{tool} is missing (Debian: util-linux, iproute2)'
    spaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
    if os.geteuid() != 0:
        # An unprivileged user has all rights in namespaces of his own, where the system allows them.
        spaces = ['--user', '--map-root-user', *spaces]
    probe = subprocess.run(['unshare', *spaces, 'ip', 'link', 'set', 'lo', 'up'], capture_output=True, text=True)
    if probe.returncode != 0:
        return None, 'namespaces cannot be made here: ' + probe.stderr.strip()
    return ['unshare', *spaces], ''


def enter():
    """Runs the program again inside; returns there only. Exits with 77 where that is not possible."""
    if os.environ.get(INSIDE):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
        return
    unshare, reason = command()
    if unshare is None:
        skip(reason)
    # unshare ignores signals while it waits, so it is killed with us, and its child with it.
    child = subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', *unshare, sys.executable, *sys.argv],
                             env={**os.environ, INSIDE: '1', 'PYTHONUNBUFFERED': '1'})

    def end(signum, _frame):
        child.kill()
        os._exit(128 + signum)  # not wait(): it may be what was interrupted
    for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(s, end)
    sys.exit(child.wait())


def tun_works():
    """Links between hosts are TUN devices; False where they cannot be made."""
    try:
        os.close(os.open('/dev/net/tun', os.O_RDWR))
        return True
    except OSError:
        return False

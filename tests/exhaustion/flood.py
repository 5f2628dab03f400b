# SPDX-License-Identifier: MIT
"""Connects to ENDPOINT as fast as it can for SECONDS, keeping up to KEPT connections that say nothing; connects again
in place of those that are cut. Prints how many it made."""
import resource, select, socket, sys, time

endpoint, kept, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
scheme, _, where = endpoint.partition('://')
family, to = ((socket.AF_UNIX, where) if scheme == 'ipc' else
              (socket.AF_INET, (where.rpartition(':')[0], int(where.rpartition(':')[2]))))
poll, connections, made, end = select.epoll(), {}, 0, time.monotonic() + seconds
while time.monotonic() < end:
    for _ in range(64):
        if len(connections) >= kept:
            break
        s = socket.socket(family)
        s.setblocking(False)
        try:
            s.connect(to)
        except BlockingIOError:
            if family == socket.AF_UNIX:  # its backlog is full
                s.close()
                break
        except OSError:
            s.close()
            break
        made += 1
        connections[s.fileno()] = s
        poll.register(s, select.EPOLLRDHUP | select.EPOLLHUP)
    for fd, _ in poll.poll(0 if len(connections) < kept else .01):
        connections.pop(fd).close()
print(made)

# SPDX-License-Identifier: MIT
"""A renderer that works while others misbehave, and must not notice."""
import threading, time


class Bystander(threading.Thread):
    """Asks nobody for anything: by what it is late in all, this process was kept from running, by the machine or by a
    thread of its own that packs a huge message."""
    STEP = .005

    def __init__(self, over):
        super().__init__(daemon=True)
        self.over, self.late = over, 0.

    def run(self):
        while not self.over.is_set():
            began = time.monotonic()
            time.sleep(self.STEP)
            late = time.monotonic() - began - self.STEP
            self.late += late if late > self.STEP else 0


class Worker(threading.Thread):
    """Has a C++ renderer call main all the time; counts, and keeps what was not answered. `slowest` is how long an answer
    took, without what a bystander was late meanwhile."""
    def __init__(self, renderer, timeout=5):
        super().__init__(daemon=True)
        self.renderer, self.timeout, self.over = renderer, timeout, threading.Event()
        self.answered, self.wrong, self.slowest = 0, [], 0
        self.bystander = Bystander(self.over)

    def end(self):
        self.over.set()
        self.join(self.timeout + 1)

    def run(self):
        self.bystander.start()
        while not self.over.is_set():
            began, late = time.monotonic(), self.bystander.late
            answer = self.renderer.ask(f'invoke echo {self.answered}', 'ok ', timeout=self.timeout)
            took = time.monotonic() - began
            if answer != str(self.answered):
                self.wrong.append(answer)
                return
            self.answered += 1
            if took > self.slowest + 2 * Bystander.STEP:
                time.sleep(2 * Bystander.STEP)  # it tells when it wakes
                took -= self.bystander.late - late
            self.slowest = max(self.slowest, took)

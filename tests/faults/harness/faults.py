# SPDX-License-Identifier: MIT
"""Every kind of fault, as something that begins now and is over after a while. A schedule picks them from a seed."""
import heapq
import itertools
import time


class Faults:
    """`ping`, `resume`: main's ping_timeout and resume_for in seconds. Times of faults follow from them: within the
    ping timeout, beyond it but well within resume_for, and beyond that."""
    def __init__(self, world, ping, resume, main_dies=True):
        self.world, self.ping, self.resume = world, ping, resume
        self.random = world.random
        self.start = time.monotonic()
        self.story, self.count = [], {}
        self.later, self.order = [], itertools.count()
        self.main_busy = self.main_away = False
        kinds = [
            (6, self.kill_renderer), (3, self.stop_renderer), (2, self.leave_renderer), (2, self.block_renderer),
            (3, self.stop_main), (2, self.block_main), (2, self.busy_restart), (2, self.storm),
        ]
        if main_dies:
            kinds += [(3, self.kill_main), (1, self.leave_main)]
        if world.hosts:
            kinds += [(3, self.unplug), (3, self.silence), (3, self.bad_weather), (2, self.move)]
        if world.proxies:
            kinds += [(4, self.cut), (3, self.hold), (3, self.truncate), (2, self.refuse)]
            kinds += [(3, self.reset)] if any(p.endpoint.startswith('tcp') for p in world.proxies) else []
        self.weights, self.kinds = zip(*kinds)

    def now(self):
        return time.monotonic() - self.start

    def tell(self, text):
        self.story.append(f'{self.now():8.2f} s  {text}')

    def one(self):
        """Begins a fault, chosen from the seed."""
        kind = self.random.choices(self.kinds, self.weights)[0]
        if kind() is not False:
            self.count[kind.__name__] = self.count.get(kind.__name__, 0) + 1

    def after(self, seconds, action):
        heapq.heappush(self.later, (self.now() + seconds, next(self.order), action))

    def work(self, until):
        """Ends what is due, until then."""
        while True:
            now = self.now()
            while self.later and self.later[0][0] <= now:
                heapq.heappop(self.later)[2]()
            if now >= until:
                return
            time.sleep(max(0.0, min(until, self.later[0][0] if self.later else until) - now))

    def end_all(self):
        while self.later:
            heapq.heappop(self.later)[2]()

    def total(self):
        return sum(self.count.values())

    # How long.
    def duration(self):
        """Seconds, mostly short; sometimes beyond the ping timeout, rarely beyond resume_for."""
        return self.random.choices([self.random.uniform(.05, .6 * self.ping),
                                    self.random.uniform(1.2 * self.ping, .5 * self.resume),
                                    1.5 * self.resume], [70, 26, 4])[0]

    def trouble(self, seats, seconds):
        """Main is away from these for so long. Where it was away shortly before, it counts as one time: it takes a
        while to connect again. Beyond resume_for a session may be lost."""
        now = self.now()
        for s in seats:
            if now > s.trouble[1] + self.resume / 3:
                s.trouble = [now, now]
            s.trouble[1] = max(s.trouble[1], now + seconds)
            if s.trouble[1] - s.trouble[0] > .6 * self.resume and s.member:
                s.member.excuses += 1
                s.trouble[0] = now

    def seat(self):
        return self.random.choice(self.world.seats)

    # Processes.
    def kill_renderer(self):
        seat = self.seat()
        pause = self.random.choice([0, 0, self.random.uniform(0, 1)])
        if seat.member is None or seat.member.process.stopped:
            return False
        self.tell(f'kill {seat.member}, back after {pause:.2f}')
        self.world.kill(seat.member)
        self.seat_again(seat, pause)

    def seat_again(self, seat, pause):
        seat.member = None
        self.after(pause, lambda: self.world.start_renderer(seat))

    def leave_renderer(self):
        seat = self.seat()
        if seat.member is None or seat.member.process.stopped:
            return False
        self.tell(f'{seat.member} ends')
        self.world.leave(seat.member)
        self.seat_again(seat, 0)

    def stop_renderer(self):
        seat, seconds = self.seat(), self.duration()
        member = seat.member
        if member is None or member.process.stopped:
            return False
        self.tell(f'stop {member} for {seconds:.2f}')
        member.process.stop()
        self.trouble([seat], seconds)
        self.after(seconds, member.process.go_on)

    def block_renderer(self):
        seat, ms = self.seat(), self.random.randrange(50, 3000)
        if seat.member is None:
            return False
        self.tell(f'block {seat.member} for {ms} ms')
        seat.member.process.say(f'block {ms}')

    def main_is_there(self):
        return not self.main_away and not self.main_busy

    def kill_main(self):
        if not self.main_is_there():
            return False
        pause = self.random.choice([0, self.random.uniform(0, 2)])
        self.tell(f'kill {self.world.main}, another after {pause:.2f}')
        self.world.kill(self.world.main)
        self.another_main(pause)

    def leave_main(self):
        if not self.main_is_there():
            return False
        self.tell(f'{self.world.main} ends')
        self.world.leave(self.world.main)
        self.another_main(self.random.uniform(0, 1))

    def another_main(self, pause):
        for s in self.world.seats:
            if s.member:
                s.member.excuses += 1
        self.main_away = True
        self.after(pause, self.main_again)

    def main_again(self):
        self.world.start_main()
        self.main_away = False

    def stop_main(self):
        if not self.main_is_there():
            return False
        seconds = self.duration()
        self.tell(f'stop {self.world.main} for {seconds:.2f}')
        self.main_busy = True
        self.world.main.process.stop()
        self.trouble(self.world.seats, seconds)
        self.after(seconds, self.main_goes_on)

    def main_goes_on(self):
        self.world.main.process.go_on()
        self.main_busy = False

    def block_main(self):
        if not self.main_is_there():
            return False
        ms = self.random.randrange(50, 3000)
        self.tell(f'block {self.world.main} for {ms} ms')
        self.world.main.process.say(f'block {ms}')

    def busy_restart(self):
        """A renderer restarts under its name while main's thread is busy."""
        return self.block_main() is not False and self.kill_renderer()

    # Connections.
    def seats_of(self, link):
        return [s for s in self.world.seats if link in (s.host, s.proxy)]

    def on_link(self, link, what, begin, end, seconds):
        self.tell(f'{what} {self.name(link)} for {seconds:.2f}')
        begin()
        self.trouble(self.seats_of(link), seconds)
        self.after(seconds, end)

    def name(self, link):
        return getattr(link, 'device', None) or link.endpoint

    def unplug(self):
        host = self.random.choice(self.world.hosts)
        self.on_link(host, 'unplug', host.unplug, host.plug, self.duration())

    def silence(self):
        host = self.random.choice(self.world.hosts)
        self.on_link(host, 'silence', lambda: host.weather(loss=1), host.weather, self.duration())

    def bad_weather(self):
        host = self.random.choice(self.world.hosts)
        w = {'loss': self.random.choice([0, .01, .05]), 'repeat': self.random.choice([0, .02]),
             'delay': self.random.randrange(0, 60), 'jitter': self.random.choice([0, 5, 30])}
        seconds = self.random.uniform(1, 6)
        self.tell(f'{w} on {host.device} for {seconds:.2f}')
        host.weather(**w)
        self.after(seconds, host.weather)

    def move(self):
        host = self.random.choice(self.world.hosts)
        host.move()
        self.trouble(self.seats_of(host), self.ping)
        self.tell(f'{host.device} has the address {host.address} now')

    def proxy(self):
        return self.random.choice(self.world.proxies)

    def at_once(self, what, proxy):
        self.tell(f'{what} {proxy.endpoint}')
        getattr(proxy, what)()
        self.trouble(self.seats_of(proxy), .5)

    def cut(self):
        self.at_once('cut', self.proxy())

    def truncate(self):
        self.at_once('truncate', self.proxy())

    def reset(self):
        self.at_once('reset', self.random.choice([p for p in self.world.proxies if p.endpoint.startswith('tcp')]))

    def hold(self):
        proxy = self.proxy()
        self.on_link(proxy, 'hold', proxy.hold, lambda: proxy.hold(False), self.duration())

    def refuse(self):
        proxy = self.proxy()

        def begin():
            proxy.refuse()
            proxy.cut()
        self.on_link(proxy, 'refuse', begin, lambda: proxy.refuse(False), self.duration())

    def storm(self):
        """Everybody is cut off, several times in short order."""
        if not self.world.proxies:
            return False
        for i in range(self.random.randrange(2, 8)):
            self.after(.1 * i, lambda: [self.at_once('cut', p) for p in self.world.proxies])

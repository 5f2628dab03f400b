"""One end of a session's numbered stream, from core/PROTOCOL.md alone (§ refers to it)."""
import time
from protocol_wire import ACK_NOW, GAP, HEADER, LIMITS, RESENT, need, raw_frame


class Stream:
    """One end of a session's numbered stream (§2, §5), the same for both roles."""
    def __init__(self, transmit, count, limits):
        self.transmit, self.count, self.quarter, self.window = transmit, count, limits['window'] // 4, LIMITS['window']
        self.open, self.queue, self.kept, self.weights, self.finished = False, [], {}, {}, set()
        self.sent = self.acked = self.freed = self.received = self.dispatched = self.pending = 0
        self.ack_due, self.gap_due, self.gap_at, self.gap_to = None, None, 0.0, 0

    def emit(self, seq, body, attachments=(), flags=0):
        self.ack_due, self.pending = None, 0
        self.transmit(raw_frame(seq, self.received, self.dispatched, flags, [body], attachments))

    def post(self, body, attachments, weighs, tag=None):
        self.queue.append((body, attachments, weighs and HEADER.size + len(body) + sum(map(len, attachments)), tag))
        self.flush()

    def flush(self):
        """Sends what waits, in order; what the window holds back is overtaken by what does not count in it."""
        waiting, blocked, self.queue = self.queue, False, []
        for body, attachments, weight, tag in waiting:
            blocked |= bool(weight and self.weights and sum(self.weights.values()) + weight > self.window)
            if not self.open or weight and blocked:
                self.queue.append((body, attachments, weight, tag))
                continue
            self.sent += 1
            self.kept[self.sent] = (body, attachments)
            self.weights.update({self.sent: weight} if weight else {})
            self.emit(self.sent, body, attachments)

    def heed(self, received, dispatched=0):
        need(received <= self.sent, 'received is beyond what was sent')
        self.acked, self.freed = max(self.acked, received), max(self.freed, dispatched)
        self.kept = {seq: frame for seq, frame in self.kept.items() if seq > self.acked}
        self.weights = {seq: weight for seq, weight in self.weights.items() if seq > self.freed}

    def resend(self):
        for seq, frame in list(self.kept.items()):
            self.count['resent'] += 1
            self.emit(seq, *frame, flags=RESENT)

    def missing(self, seq):
        """Asks for the frames up to `seq`, if they have not come."""
        if seq > self.received:
            self.count['gaps'] += 1
            self.gap_to, self.gap_due = max(seq, self.gap_to), max(time.monotonic(), self.gap_at + .02)
            self.tick()

    def heed_header(self, frame):
        self.heed(frame.received, frame.dispatched)
        if frame.flags & GAP:
            self.count['gap_requests'] += 1
            self.resend()

    def take(self, frame):
        """Heeds the header; True if the frame is the next in order and now to be dispatched."""
        self.heed_header(frame)
        fresh = frame.seq == self.received + 1
        if fresh:
            self.received, self.pending = frame.seq, self.pending + frame.size
        self.missing(frame.seq - 1)
        self.count['duplicates'] += bool(frame.seq and frame.seq <= self.received and not fresh)
        if 0 < frame.seq <= self.received:
            self.ack_due = self.ack_due or time.monotonic() + .02
        if frame.flags & ACK_NOW or self.pending >= self.quarter:
            self.emit(0, b'')
        self.flush()
        return fresh

    def done(self, seq):
        self.finished.add(seq)
        while self.dispatched + 1 in self.finished:
            self.dispatched += 1
            self.finished.remove(self.dispatched)
        self.ack_due = self.ack_due or time.monotonic() + .02

    def tick(self):
        now = time.monotonic()
        if self.gap_due and self.received >= self.gap_to:
            self.gap_due = None
        if self.gap_due and now >= self.gap_due:
            self.gap_due, self.gap_at = None, now
            self.emit(0, b'', flags=GAP)
        elif self.ack_due and now >= self.ack_due:
            self.emit(0, b'')

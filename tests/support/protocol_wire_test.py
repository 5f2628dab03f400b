"""Frames that are wrong, or that come without a session, between the two Python roles of protocol_peer.py."""
import unittest
import msgpack
import protocol_peer as p
from protocol_case import ProtocolCase
from protocol_peer import raw_frame

BIG = bytes(range(256)) * 40


class ProtocolWireTest(ProtocolCase):
    def test_frames_without_session(self):
        renderer = self.renderer(wait=0)
        refuse = p.pack([p.REFUSE, 5, 5])
        for parts in raw_frame(), raw_frame(flags=p.ACK_NOW), raw_frame(messages=[refuse]), raw_frame(
                messages=[[p.BYE, 'closed', 0]]), raw_frame(messages=[[p.REFUSE, 'x', '']]):
            renderer.send_raw(parts)
        renderer.send_raw(raw_frame(0, 0, 1))
        self.main.alongside.clear()
        self.main.pump(2, lambda: renderer.socket.poll(0))
        self.assertEqual(renderer.recv_frame(.5).messages[0][:2], [p.REFUSE, 'bad_frame'])
        self.fails('timed_out', renderer.recv_frame, .02)

    def test_malformed(self):
        def one(message, *attachments):
            return raw_frame(1, messages=[message], attachments=attachments)
        def whole(index, base):
            return msgpack.ExtType(31, bytes([0, 0, 0, index, 0, 0, 0, base]))
        good, first = p.pack([1, 'n', []]), msgpack.ExtType(31, bytes(4))
        inner = p.pack([msgpack.ExtType(31, b'\0\0\0\1')])
        cases = dict(
            short=[b'\x94\xcc\x00'], no_array=[b'\x95' + raw_frame()[0][1:]], wide=[b'\x94\xcd' + raw_frame()[0][2:]],
            dispatched=raw_frame(0, 0, 1), received=raw_frame(0, 99), truncated=one(good[:-1]),
            trailing=one(good + b'\xc1'),
            no_list=one(5), empty=one([]), lacks=one([1, 'n']), type=one([1, 'n', 'args']), no_channel=one([1, '', []]),
            long_channel=one([1, 'x' * 256, []]), utf8=one(b'\x93\x01\xa1\xff\x90'), id=one([3, 0, 0, 'n', []]),
            control=one([35, 1, 1, 1]), numbered=raw_frame(0, messages=[good]),
            direction=raw_frame(messages=[[33, {}]]),
            ext=one([1, 'n', [msgpack.ExtType(31, bytes(3))]]), index=one([1, 'n', [first]]),
            bare=one([1, 'n', first], b'\x90'), packed=one([1, 'n', whole(0, 0)], b'\x90\x90'),
            whole_index=one([1, 'n', whole(1, 0)], b'\x90'), whole_base=one([1, 'n', whole(0, 2)], b'\x90'),
            beyond=one([1, 'n', whole(0, 1)], inner, b''), twice=one([1, 'n', whole(0, 0)], p.pack(whole(0, 0))),
            inside=one([1, 'n', [whole(0, 0)]], b'\x90'), data=one([5, 1, '', '', '', whole(0, 0)], b'\x90'),
            map=one([1, 'n', whole(0, 0)], b'\x80'), extra=one([1, 'n', [], first]),
            unknown=one([77, whole(0, 0)], b'\x90'), length=one(b'\x93\x01\xa1n\xdd\xff\xff\xff\xff'),
            depth=one(b'\x93\x01\xa1n' + b'\x91' * 65 + b'\x90'), attachments=one(good, *[b''] * 257),
        )
        for name, parts in cases.items():
            with self.subTest(name):
                renderer = self.renderer(name)
                renderer.send_raw(parts)
                self.until(renderer, lambda: renderer.state == 'closed')
                self.assertEqual((renderer.ended.code, renderer.routing in self.main.peers), ('bad_frame', False))
        self.assertEqual(self.seen, [])

    def test_raw(self):
        self.main.on('n', self.record)
        renderer = self.renderer(wait=0)
        renderer.send_raw(raw_frame(1, messages=[[1, 'n', [1]]]))
        self.main.alongside.clear()
        self.main.pump(2, lambda: renderer.socket.poll(0))
        frame = renderer.recv_frame(.5)
        self.assertEqual((frame.seq, frame.messages[0][:2]), (0, [p.REFUSE, 'unknown_session']))
        renderer.open()
        messages = [[1, 'n', [1], 'more'], [77, 'new'], [1, 'n', [2]]]
        renderer.send_raw(raw_frame(1, flags=p.ACK_NOW | 0x80, messages=messages))
        self.until(renderer, lambda: self.seen == [(1,), (2,)])
        self.assertEqual(self.peer(renderer).count['unknown'], 1)
        second, whole = msgpack.ExtType(31, b'\0\0\0\1'), msgpack.ExtType(31, b'\0\0\0\1\0\0\0\2')
        attachments = [BIG, p.pack([second, {second: 1}]), b'', b'blob']
        messages = [[4, 9, msgpack.ExtType(31, bytes(4))], [1, 'n', whole]]
        frame = p.decode(raw_frame(2, 1, 1, 4, messages, attachments))
        self.assertEqual((frame.seq, frame.received, frame.dispatched, frame.flags), (2, 1, 1, 4))
        self.assertTrue(frame.messages == [[4, 9, BIG], [1, 'n', [b'blob', {b'blob': 1}]]])


if __name__ == '__main__':
    unittest.main()

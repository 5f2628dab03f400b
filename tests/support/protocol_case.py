"""What the tests of protocol_peer.py stand on: both roles in one process, over a socket of their own."""
import tempfile, time, unittest
from protocol_peer import Main, ProtocolError, Renderer


class ProtocolCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.endpoint, self.started, self.seen = f'ipc://{folder.name}/s', time.monotonic(), []
        self.main = self.make_main()

    def make_main(self, **options):
        main = Main(self.endpoint, alongside=[], **options)
        self.addCleanup(main.socket.close)
        return main

    def tearDown(self):
        self.assertLess(time.monotonic() - self.started, 8)

    def renderer(self, identity='py', **options):
        renderer = Renderer(self.endpoint, identity, alongside=[lambda: self.main.step()], **options)
        self.addCleanup(lambda: renderer.socket.close())
        self.main.alongside.append(renderer.step)
        return renderer

    def peer(self, renderer):
        return self.main.peers[renderer.routing]

    def record(self, event, *args):
        self.seen.append(args)

    def until(self, renderer, condition):
        self.assertTrue(renderer.pump(2, condition), 'not in time')

    def fails(self, code, function, *args, **options):
        with self.assertRaises(ProtocolError) as caught:
            function(*args, **options)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def lossy(self, stream, change):
        """Every numbered frame of `stream` is sent as the list of frames that change(parts, seq) returns."""
        def transmit(parts):
            seq = int.from_bytes(parts[0][4:12], 'big')
            for each in change(parts, seq) if seq else [parts]:
                real(each)
        real, stream.transmit = stream.transmit, transmit
        return lambda: setattr(stream, 'transmit', real)

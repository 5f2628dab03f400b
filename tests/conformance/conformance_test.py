#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every ordered pair of languages as main and renderer × every verb × the value table.

Usage: conformance_test.py VECTORS LANGUAGE=PROGRAM[@PYTHONPATH]... [unittest arguments]
"""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peers import Peer, languages as languages_of  # noqa: E402
from values import TEXT_KEYS, same, table, unpack, with_text_keys  # noqa: E402

VECTORS = sys.argv.pop(1)
PROGRAMS = [a for a in sys.argv[1:] if "=" in a]
sys.argv[1:] = [a for a in sys.argv[1:] if "=" not in a]
LANGUAGES = languages_of(PROGRAMS)
TABLE = list(table(VECTORS))
# What hands on the bytes without a codec of its own hands on exactly these bytes.
BYTES_AS_THEY_ARE = {"c", "cpp"}


class Pair(unittest.TestCase):
    main_language = renderer_language = ""
    main = renderer = folder = None

    @classmethod
    def setUpClass(cls):
        if cls.missing():
            return
        cls.folder = tempfile.TemporaryDirectory(prefix="ipczmq-")
        endpoint = f"ipc://{cls.folder.name}/endpoint"
        command, environment, _ = LANGUAGES[cls.main_language]
        cls.main = Peer(command, "main", endpoint, environment)
        command, environment, _ = LANGUAGES[cls.renderer_language]
        cls.renderer = Peer(command, "renderer", endpoint, environment)
        if cls.main.line() != {"ready": [endpoint]}:
            raise AssertionError("main did not say that it is ready")

    @classmethod
    def missing(cls):
        return LANGUAGES[cls.main_language][2] or LANGUAGES[cls.renderer_language][2]

    def setUp(self):
        if self.missing():
            self.skipTest(self.missing())

    @classmethod
    def tearDownClass(cls):
        for peer in (cls.main, cls.renderer):
            if peer is not None:
                peer.kill()
        if cls.folder is not None:
            cls.folder.cleanup()

    def echoes(self, verb, wanted):
        languages = {self.main_language, self.renderer_language}
        exact = languages <= BYTES_AS_THEY_ARE
        usual = with_text_keys if languages & TEXT_KEYS else lambda value: value
        for name, args in TABLE:
            with self.subTest(value=name):
                answer = self.renderer.ask(verb, args)
                self.assertTrue(answer["ok"], answer)
                got, want = bytes.fromhex(answer["hex"]), wanted(args)
                if exact:
                    self.assertEqual(got.hex()[:200], want.hex()[:200])
                    self.assertEqual(got, want)
                else:
                    self.assertTrue(same(unpack(got), usual(unpack(want))), f"{got[:80].hex()} for {want[:80].hex()}")

    def test_1_send_comes_back_by_reply(self):
        self.echoes("send", lambda args: args)

    def test_2_send_sync_returns_the_value(self):
        self.echoes("sendSync", lambda args: args[1:])

    def test_3_invoke_returns_the_value(self):
        self.echoes("invoke", lambda args: args[1:])

    def test_4_what_the_handler_throws_reaches_the_caller(self):
        answer = self.renderer.ask("invoke", b"\x91\xa7too big", "throw")
        self.assertEqual(answer, {"ok": False, "error": "Error invoking remote method 'throw': Error: too big",
                                  "code": "remote_failed"})

    def test_5_nobody_there_is_an_error_with_its_code(self):
        answer = self.renderer.ask("invoke", b"\x90", "nobody")
        self.assertEqual(answer, {"ok": False, "code": "no_handler", "error":
                                  "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'"})
        answer = self.renderer.ask("sendSync", b"\x90", "nobody")
        self.assertEqual((answer["ok"], answer["code"]), (False, "no_listener"))

    def test_6_both_end_when_they_are_told(self):
        answer = self.renderer.ask("send", b"\x90", "quit")
        self.assertIn(answer, [{"ok": True, "hex": nothing} for nothing in ("c0", "d40000")])  # nil, or undefined
        self.assertEqual(self.renderer.ended(), 0)
        self.assertEqual(self.main.ended(), 0)


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for main in LANGUAGES:
        for renderer in LANGUAGES:
            pair = type(f"{main}_main_{renderer}_renderer", (Pair,),
                        {"main_language": main, "renderer_language": renderer})
            suite.addTests(loader.loadTestsFromTestCase(pair))
    return suite


if __name__ == "__main__":
    unittest.main(verbosity=2)

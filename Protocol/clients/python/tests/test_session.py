"""A session against a small stand-in for a server, for what the real one never does; and key files."""

import os
import socket
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lockstep import MalformedFrame, Message, ReportGap, SessionEnded, connect, decode, ed25519, encode  # noqa: E402
from lockstep.keys import read_key_file  # noqa: E402

SEED = bytes(range(32))


class StandIn:
    """Takes one login, notes what was signed, then sends what it was given and closes."""

    def __init__(self, *frames, greeting=b"", **established):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.frames, self.greeting, self.established = frames, greeting, established
        self.signed = self.signature = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection, _ = self.listener.accept()
        with self.listener, connection:
            negotiate = connection.recv(4096)
            if self.greeting:
                connection.sendall(self.greeting)
                return
            challenge = Message("Challenge", nonce=bytes(range(32)), connectionId=7, venueId=9)
            connection.sendall(encode(challenge))
            self.signature = decode(connection.recv(4096)).signature
            self.signed = (b"lockstep-login-1" + (9).to_bytes(8, "little") + bytes(range(32)) + (7).to_bytes(8, "little")
                           + (111).to_bytes(4, "little") + negotiate)
            connection.sendall(encode(Message("NegotiateAck", key=111)))
            connection.recv(4096)
            # Reports in one piece with the acknowledgement.
            connection.sendall(encode(Message("EstablishAck", keepAlive=1000, **self.established))
                               + b"".join(map(encode, self.frames)))


class Sessions(unittest.TestCase):
    def connect(self, stand_in, **options):
        self.addCleanup(stand_in.thread.join)
        session = connect("127.0.0.1", stand_in.port, 111, SEED, **options)
        self.addCleanup(session.close)
        return session

    def test_login_is_signed(self):
        stand_in = StandIn(lastRequest=41)
        self.assertEqual(self.connect(stand_in).next_request, 42)
        self.assertTrue(ed25519.verify(ed25519.public_key(SEED), stand_in.signed, stand_in.signature))

    def test_reports_right_behind_the_acknowledgement(self):
        reports = [Message("OrderCancelled", reportNumber=number) for number in (6, 7, 8)]
        session = self.connect(StandIn(*reports, lastReport=7, oldestReport=2), last_report=5)
        self.assertEqual((session.last_report, session.next(5).reportNumber, session.last_report), (5, 6, 6))
        self.assertEqual([event.reportNumber for event in session], [7, 8])
        with self.assertRaises(SessionEnded):
            session.next(1)

    def test_hole_before_the_oldest_report(self):
        session = self.connect(StandIn(Message("OrderFilled", reportNumber=9), lastReport=9, oldestReport=9), last_report=5)
        self.assertEqual((session.oldest_report, session.next(5).reportNumber), (9, 9))

    def test_journal_regressed(self):
        stand_in = StandIn(Message("OrderFilled", reportNumber=4), lastReport=3, oldestReport=1, journalRegressed=1)
        session = self.connect(stand_in, last_report=5)
        self.assertTrue(session.journal_regressed)
        self.assertEqual(session.next(5).reportNumber, 4)

    def test_gap_in_reports(self):
        with self.assertRaises(ReportGap):
            session = self.connect(StandIn(Message("OrderFilled", reportNumber=3), lastReport=1, oldestReport=1), last_report=1)
            session.next(5)

    def test_another_kind_of_server(self):
        with self.assertRaisesRegex(MalformedFrame, "HTTP"):
            self.connect(StandIn(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    def test_server_ends_the_login(self):
        with self.assertRaisesRegex(SessionEnded, "lockedOut, detail 3"):
            self.connect(StandIn(greeting=encode(Message("Terminate", reason="lockedOut", detail=3))))


class KeyFiles(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "login.key")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return read_key_file(path)

    def test_what_keygen_writes(self):
        self.assertEqual(self.read("# Public key: %s\n%s\n" % ("ab" * 32, SEED.hex())), SEED)

    def test_other_files(self):
        for text in ("", "# only\n", SEED.hex()[:-1], SEED.hex() + "\n" + SEED.hex(), "x" * 64, "[venue]\nname = \"é\"\n"):
            with self.assertRaisesRegex(ValueError, "no login key"):
                self.read(text)


if __name__ == "__main__":
    unittest.main()

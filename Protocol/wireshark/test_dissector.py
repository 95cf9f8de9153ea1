#!/usr/bin/env python3
"""Tests of the Wireshark dissector with tshark; skips where that is not installed.

    python3 Protocol/wireshark/test_dissector.py
    LOCKSTEP=.build/release/lockstep python3 Protocol/wireshark/test_dissector.py    # also a session with a real server
"""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "lockstep.lua")
VECTORS = os.path.join(os.path.dirname(HERE), "vectors", "frames.jsonl")
PORT = 7400
TSHARK = shutil.which("tshark")


def capture(segments):
    """A capture file of TCP segments from a client's port to ours, raw IPv4 packets."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    sequence = 1
    for number, segment in enumerate(segments):
        tcp = struct.pack(">HHIIBBHHH", 50000, PORT, sequence, 1, 5 << 4, 0x18, 65535, 0, 0)
        total = 20 + len(tcp) + len(segment)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, number, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        packet = ip + tcp + segment
        out.append(struct.pack("<IIII", number, 0, len(packet), len(packet)) + packet)
        sequence += len(segment)
    return b"".join(out)


def tshark(file, *options, port=PORT):
    command = [TSHARK, "-X", f"lua_script:{SCRIPT}", "-d", f"tcp.port=={port},lockstep", "-r", file, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or "Lua Error" in done.stdout + done.stderr:
        raise AssertionError(done.stderr + done.stdout[:2000])
    return done.stdout


class Generated(unittest.TestCase):
    """The committed file is what the generator writes."""

    def test_up_to_date(self):
        subprocess.run([sys.executable, os.path.join(HERE, "make.py"), "--check"], check=True)


@unittest.skipIf(TSHARK is None, "tshark is not installed: apt-get install tshark")
class Dissector(unittest.TestCase):
    """What tshark makes of frames."""

    @classmethod
    def setUpClass(cls):
        with open(VECTORS, encoding="utf-8") as file:
            cls.vectors = [json.loads(line) for line in file]

    def write(self, segments):
        file = tempfile.NamedTemporaryFile(suffix=".pcap", delete=False)
        self.addCleanup(os.unlink, file.name)
        with file:
            file.write(capture(segments))
        return file.name

    def test_every_golden_frame(self):
        """One frame a segment: every name, and every plain number, as the vectors say."""
        file = self.write([bytes.fromhex(vector["hex"]) for vector in self.vectors])
        packets = json.loads(tshark(file, "-T", "json"))
        self.assertEqual(len(packets), len(self.vectors))
        compared = 0
        for vector, packet in zip(self.vectors, packets):
            layers = packet["_source"]["layers"]
            self.assertIn("lockstep", layers, vector["name"])
            found = layers["lockstep"]
            self.assertNotIn("_ws.malformed", layers)
            for name, value in vector["fields"].items():
                if isinstance(value, int) and not isinstance(value, bool):
                    self.assertEqual(int(found[f"lockstep.{vector['name']}.{name}"], 0), value, (vector["name"], name))
                    compared += 1
        self.assertGreater(compared, 1500)

    def test_frames_across_segments(self):
        """All frames in one stream, cut anywhere: the same frames come out."""
        stream = b"".join(bytes.fromhex(vector["hex"]) for vector in self.vectors)
        file = self.write([stream[start:start + 97] for start in range(0, len(stream), 97)])
        text = tshark(file, "-T", "fields", "-e", "lockstep.template")
        found = [int(number) for line in text.split() for number in line.split(",")]
        expected = [int.from_bytes(bytes.fromhex(vector["hex"])[6:8], "little") for vector in self.vectors]
        self.assertEqual(found, expected)

    @unittest.skipIf("LOCKSTEP" not in os.environ, "LOCKSTEP does not name the program: no session with a real server")
    def test_real_session(self):
        """A login and a query of the real server, captured on the loopback device."""
        program = os.path.abspath(os.environ["LOCKSTEP"])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with tempfile.TemporaryDirectory() as folder:
            config = subprocess.run([program, "config", "--example"], check=True, capture_output=True, text=True).stdout
            with open(os.path.join(folder, "venue.toml"), "w", encoding="utf-8") as file:
                file.write(config)
            subprocess.run([program, "keygen", "--config", "venue.toml"], cwd=folder, check=True, capture_output=True)
            server = subprocess.Popen(
                [program, "serve", "--config", "venue.toml", "--data", "data", "--listen", f"127.0.0.1:{port}"], cwd=folder,
                stderr=subprocess.DEVNULL)
            file = os.path.join(folder, "session.pcap")
            recorder = subprocess.Popen(
                [TSHARK, "-i", "lo", "-f", f"tcp port {port}", "-w", file, "-q"], stderr=subprocess.PIPE, text=True)
            try:
                if recorder.stderr.readline().startswith("tshark: "):
                    self.skipTest("tshark may not capture here")
                time.sleep(3)
                if recorder.poll() is not None:
                    self.skipTest("tshark may not capture here")
                for _ in range(50):
                    status = subprocess.run(
                        [program, "admin", "status", "--config", "venue.toml", "--connect", f"127.0.0.1:{port}"], cwd=folder,
                        capture_output=True)
                    if status.returncode == 0:
                        break
                    time.sleep(0.2)
                self.assertEqual(status.returncode, 0, status.stderr)
                time.sleep(2)
            finally:
                recorder.terminate()
                recorder.communicate()
                server.terminate()
                server.wait()
            text = tshark(file, "-T", "fields", "-e", "_ws.col.Info", "-Y", "lockstep", port=port)
        for name in ("Negotiate", "Challenge", "Proof", "NegotiateAck", "Establish", "EstablishAck", "QueryStatus",
                     "StatusReport"):
            self.assertIn(name, text)
        self.assertNotIn("Malformed", text)


if __name__ == "__main__":
    unittest.main()

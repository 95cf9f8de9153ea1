"""Frames without a server: golden vectors, the cutting of streams, wrong values."""

import enum
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from lockstep import FrameReader, MalformedFrame, Message, decode, encode  # noqa: E402

VECTORS = os.path.join(HERE, "..", "..", "..", "vectors", "frames.jsonl")


def as_json(value):
    """A decoded value as the vectors write it."""
    if isinstance(value, enum.IntFlag):
        kind = type(value)
        names = [choice.name for choice in kind if int(value) & int(choice)]
        rest = int(value) & ~sum(int(choice) for choice in kind)
        return names + ([rest] if rest else [])
    if isinstance(value, enum.IntEnum):
        return value.name
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [{name: as_json(field) for name, field in row.items()} for row in value]
    return value


class GoldenVectors(unittest.TestCase):
    def setUp(self):
        with open(VECTORS, encoding="utf-8") as file:
            self.vectors = [json.loads(line) for line in file]

    def test_decode_and_encode_every_frame(self):
        for vector in self.vectors:
            with self.subTest(vector["name"]):
                frame = bytes.fromhex(vector["hex"])
                message = decode(frame)
                self.assertEqual(message.name, vector["name"])
                fields = {name: as_json(value) for name, value in message.values.items()}
                self.assertEqual(fields, vector["fields"])
                self.assertEqual(encode(message), frame)
        self.assertGreater(len(self.vectors), 300)

    def test_any_cut_gives_the_same_frames(self):
        frames = [bytes.fromhex(vector["hex"]) for vector in self.vectors]
        stream = b"".join(frames)
        for step in (1, 13, 4096):
            reader = FrameReader()
            found = [f for at in range(0, len(stream), step) for f in reader.feed(stream[at:at + step])]
            self.assertEqual(found, frames)


class OtherVersions(unittest.TestCase):
    def test_shorter_and_longer_blocks(self):
        frame = encode(Message("Sequence", nextReport=5))
        short = (12).to_bytes(2, "little") + frame[2:4] + bytes(2) + frame[6:12]
        self.assertEqual(decode(short).values, {})
        long = (28).to_bytes(2, "little") + frame[2:4] + (16).to_bytes(2, "little") + frame[6:] + bytes(8)
        self.assertEqual(decode(long).nextReport, 5)

    def test_unknown_template(self):
        frame = encode(Message("Sequence"))
        self.assertIsNone(decode(frame[:6] + (60000).to_bytes(2, "little") + frame[8:]))


class WrongInput(unittest.TestCase):
    def test_values_that_do_not_fit(self):
        for values in ({"side": "left"}, {"price": 1.5}, {"price": 1 << 63}, {"account": -1}, {"quantity": "many"}):
            with self.assertRaises(MalformedFrame):
                encode(Message("NewOrder", **values))

    def test_unknown_names(self):
        with self.assertRaisesRegex(MalformedFrame, "no field 'prize'; it has account"):
            Message("NewOrder", prize=1)
        with self.assertRaises(MalformedFrame):
            Message("NewOrders")

    def test_damaged_frames(self):
        frame = encode(Message("Sequence", nextReport=1))
        for damaged in (frame[:-1], frame + b"\0", b"", frame[:2] + b"\0\0" + frame[4:], frame[:8] + b"\0\0" + frame[10:],
                        frame[:4] + b"\xff\xff" + frame[6:], frame[:4] + b"\0\0" + frame[6:]):
            with self.assertRaises(MalformedFrame):
                decode(damaged)
        with self.assertRaises(MalformedFrame):
            list(FrameReader().feed(b"\x0b\x00"))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Decodes the golden frames with an SBE decoder that nobody here wrote: the package `sbe` of PyPI.

    pip install sbe && python3 Protocol/conformance/sbe_vectors.py

Every frame of Protocol/vectors/frames.jsonl is decoded by Protocol/lockstep.xml, and every field compared with what the
vector says. Skips where the package is not installed.

What the package does not do, and what is therefore compared differently:
- it knows no null values: an optional number that is not given comes out as the type's null, the lowest (signed) or
  highest (unsigned) number;
- it gives a composite as its parts: bytes32 and bytes64 are put together again here;
- a code that is none of an enumeration's comes out as nothing (None), not as its number;
- of a set, only the bits that have names come out.
Padding is not in the vectors; it must be zero bytes.
"""

import json
import os
import unittest

try:
    import sbe
except ImportError:
    sbe = None

PROTOCOL = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIMPLE_OPEN_FRAMING = 4
NULLS = {-(1 << 63), (1 << 64) - 1, (1 << 32) - 1, (1 << 16) - 1, 255}


def plain(value):
    """A decoded value in the form of the vectors."""
    if isinstance(value, dict) and value and all(name.startswith("word") for name in value):
        words = [value[f"word{index}"] for index in range(len(value))]
        return b"".join(word.to_bytes(8, "little") for word in words).hex()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items() if not name.startswith("padding")}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def paddings(value):
    """All padding fields of a decoded message."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name.startswith("padding"):
                yield part
            else:
                yield from paddings(part)
    elif isinstance(value, list):
        for part in value:
            yield from paddings(part)


def is_set(value):
    """Whether a value is a set: names of bits, and a number for those without one."""
    return isinstance(value, list) and not any(isinstance(part, dict) for part in value)


def differences(expected, found, path=""):
    """Where two values differ, as text."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in sorted(set(expected) | set(found)):
            if name not in expected or name not in found:
                yield f"{path}/{name} is missing"
            else:
                yield from differences(expected[name], found[name], f"{path}/{name}")
    elif is_set(expected) and is_set(found):
        names = [name for name in expected if isinstance(name, str)]
        if names != found:
            yield f"{path}: {expected!r} and {found!r}"
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found)):
            yield from differences(one, other, f"{path}[{index}]")
    elif expected is None and found in NULLS or isinstance(expected, int) and found is None:
        return
    elif expected != found:
        yield f"{path}: {expected!r} and {found!r}"


@unittest.skipIf(sbe is None, "the package sbe is not installed: pip install sbe")
class GoldenFrames(unittest.TestCase):
    """Every golden frame, decoded by somebody else."""

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(PROTOCOL, "lockstep.xml"), encoding="utf-8") as file:
            cls.schema = sbe.Schema.parse(file)
        with open(os.path.join(PROTOCOL, "vectors", "frames.jsonl"), encoding="utf-8") as file:
            cls.vectors = [json.loads(line) for line in file]

    def test_every_message_has_vectors(self):
        named = {vector["name"] for vector in self.vectors}
        self.assertEqual(named, {message.name for message in self.schema.messages.values()})

    def test_every_frame_decodes_to_its_fields(self):
        for number, vector in enumerate(self.vectors):
            frame = bytes.fromhex(vector["hex"])
            with self.subTest(line=number + 1, name=vector["name"]):
                self.assertEqual(int.from_bytes(frame[:2], "little"), len(frame))
                decoded = self.schema.decode(frame[SIMPLE_OPEN_FRAMING:])
                self.assertEqual(decoded.message_name, vector["name"])
                found = list(differences(vector["fields"], plain(decoded.value)))
                self.assertEqual(found, [])
                self.assertEqual([text for text in paddings(decoded.value) if text not in ("", b"")], [])


if __name__ == "__main__":
    unittest.main()

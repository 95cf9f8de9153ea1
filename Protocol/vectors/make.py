#!/usr/bin/env python3
"""Writes frames.jsonl: golden frames of every message, made from lockstep.xml without any code of the project.

One JSON object per line: name of the message, its fields, and the frame as hexadecimal digits. The fields are written
as the library's FrameText.json writes them. Three frames per message: distinct ordinary values, the highest values,
the lowest values (with optional numbers not given). Run it after a change of the schema and read the difference.
"""

import json
import os
import struct
import xml.etree.ElementTree as ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = {"char": 1, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int64": 8}
CODES = {"uint8": "<B", "uint16": "<H", "uint32": "<I", "uint64": "<Q", "int64": "<q"}
ORDINARY, HIGHEST, LOWEST = range(3)


def integer(primitive, style, seed):
    bits = 8 * SIZES[primitive]
    signed = primitive.startswith("int")
    if style == HIGHEST:
        return (1 << (bits - signed)) - 1
    if style == LOWEST:
        return -(1 << (bits - 1)) if signed else 0
    value = seed * 0x0123_4567_89AB_CDEF % (1 << (bits - 1))
    return -value if signed and seed % 3 == 0 else value


def field_value(kind, style, seed):
    """The bytes of a field and its value in JSON (None for padding: no value at all)."""
    tag, name = kind.tag, kind.get("name")
    if tag == "enum":
        code_format = CODES[kind.get("encodingType")]
        values = kind.findall("validValue")
        if style == HIGHEST:
            code = 256 ** struct.calcsize(code_format) - 1
            return struct.pack(code_format, code), code
        value = values[0 if style == LOWEST else seed % len(values)]
        return struct.pack(code_format, int(value.text)), value.get("name")
    if tag == "set":
        code_format = CODES[kind.get("encodingType")]
        choices = kind.findall("choice")
        chosen = [c for i, c in enumerate(choices) if style == HIGHEST or (style == ORDINARY and (i + seed) % 2)]
        bits = sum(1 << int(choice.text) for choice in chosen)
        names = [choice.get("name") for choice in chosen]
        if style == HIGHEST:
            rest = 256 ** struct.calcsize(code_format) - 1 - bits
            bits, names = bits + rest, names + [rest]
        return struct.pack(code_format, bits), names
    if tag == "composite":
        members = [(m.get("name"), integer(m.get("primitiveType"), style, seed + i), m.get("primitiveType"))
                   for i, m in enumerate(kind.findall("type"))]
        data = b"".join(struct.pack(CODES[primitive], value) for _, value, primitive in members)
        return data, data.hex() if members[0][0] == "word0" else {n: value for n, value, _ in members}
    primitive, length = kind.get("primitiveType"), int(kind.get("length", "1"))
    if primitive == "char":
        if name.startswith("padding"):
            return bytes(length), None
        text = ("name-%d" % seed, 'a "quoted" \\text', "")[style][:length]
        return text.encode("ascii").ljust(length, b"\0"), text
    if name == "fieldFlag":
        code = {ORDINARY: seed % 2, HIGHEST: 255, LOWEST: 0}[style]
        return bytes([code]), bool(code) if code < 2 else code
    value = integer(primitive, style, seed)
    optional = kind.get("presence") == "optional" and value == -(1 << 63)
    return struct.pack(CODES[primitive], value), Null if optional else value


class Null:
    """JSON null, which differs from a field without a value."""


def block(fields, types, style, seed):
    data, values = b"", {}
    for index, field in enumerate(fields):
        part, value = field_value(types[field.get("type")], style, seed + index)
        data += part
        if value is not None:
            values[field.get("name")] = None if value is Null else value
    return data, values


def main():
    root = ElementTree.parse(os.path.join(HERE, "..", "lockstep.xml")).getroot()
    types = {kind.get("name"): kind for kind in root.find("types")}
    schema, version = int(root.get("id")), int(root.get("version"))
    with open(os.path.join(HERE, "frames.jsonl"), "w", encoding="ascii", newline="\n") as output:
        for message in root.findall("{http://fixprotocol.io/2016/sbe}message"):
            template = int(message.get("id"))
            for style in (ORDINARY, HIGHEST, LOWEST):
                body, values = block(message.findall("field"), types, style, template)
                block_length = len(body)
                group = message.find("group")
                if group is not None:
                    rows = [block(group.findall("field"), types, style, template + 50 + i)
                            for i in range((3, 1, 0)[style])]
                    row_length = len(block(group.findall("field"), types, LOWEST, 0)[0])
                    body += struct.pack("<HH", row_length, len(rows)) + b"".join(data for data, _ in rows)
                    values[group.get("name")] = [row for _, row in rows]
                header = struct.pack("<HHHHHH", 12 + len(body), 0xEB50, block_length, template, schema, version)
                line = {"name": message.get("name"), "fields": values, "hex": (header + body).hex()}
                output.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

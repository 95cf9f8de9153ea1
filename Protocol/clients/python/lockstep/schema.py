"""The messages of lockstep.xml: names, fields, codes and sizes, read when the package is imported."""

import enum
import os
import xml.etree.ElementTree as ElementTree
from typing import Any, Dict, List, NamedTuple, Optional

# Beside this file: in the repository a link to Protocol/lockstep.xml, elsewhere a copy of it.
SCHEMA_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lockstep.xml")
PRIMITIVES = {"uint8": (1, False), "uint16": (2, False), "uint32": (4, False), "uint64": (8, False), "int64": (8, True)}


class FieldType(NamedTuple):
    """How the bytes of a field are read: `form` is number, optional, flag, text, padding, codes, bits, bytes or record."""

    name: str
    form: str
    size: int
    signed: bool = False
    codes: Any = None
    members: tuple = ()


class Field(NamedTuple):
    """A field of a message or row."""

    name: str
    offset: int
    type: FieldType
    description: str


class Block(NamedTuple):
    """Fields that lie one behind the other."""

    fields: Dict[str, Field]
    size: int


class MessageType(NamedTuple):
    """A message: its root block and, if it has rows, their name and block."""

    name: str
    template: int
    block: Block
    rows_name: Optional[str]
    rows: Optional[Block]
    description: str


def _codes(kind: ElementTree.Element) -> Any:
    name = kind.get("name", "")
    if kind.tag == "enum":
        return enum.IntEnum(name, {v.get("name"): int(v.text or "") for v in kind.findall("validValue")})
    return enum.IntFlag(name, {c.get("name"): 1 << int(c.text or "") for c in kind.findall("choice")})


def _field_type(kind: ElementTree.Element) -> FieldType:
    name = kind.get("name", "")
    if kind.tag in ("enum", "set"):
        size, signed = PRIMITIVES[kind.get("encodingType", "")]
        return FieldType(name, "codes" if kind.tag == "enum" else "bits", size, signed, _codes(kind))
    if kind.tag == "composite":
        members = tuple((m.get("name", ""), *PRIMITIVES[m.get("primitiveType", "")]) for m in kind.findall("type"))
        opaque = members[0][0] == "word0"
        return FieldType(name, "bytes" if opaque else "record", sum(m[1] for m in members), members=members)
    primitive = kind.get("primitiveType", "")
    if primitive == "char":
        return FieldType(name, "padding" if name.startswith("padding") else "text", int(kind.get("length", "1")))
    form = "optional" if kind.get("presence") == "optional" else "flag" if name == "fieldFlag" else "number"
    return FieldType(name, form, *PRIMITIVES[primitive])


def _block(fields: List[ElementTree.Element], types: Dict[str, FieldType]) -> Block:
    found, offset = {}, 0
    for field in fields:
        kind = types[field.get("type", "")]
        if kind.form != "padding":
            name = field.get("name", "")
            found[name] = Field(name, offset, kind, field.get("description", ""))
        offset += kind.size
    return Block(found, offset)


class Schema:
    """Everything that lockstep.xml says."""

    def __init__(self, file: str = SCHEMA_FILE) -> None:
        if not os.path.exists(file):
            raise FileNotFoundError("%s is missing: copy Protocol/lockstep.xml of your venue's version there" % file)
        root = ElementTree.parse(file).getroot()
        self.id, self.version = int(root.get("id", "")), int(root.get("version", ""))
        kinds = root.find("types")
        assert kinds is not None
        types = {kind.get("name", ""): _field_type(kind) for kind in kinds}
        self.codes = {name: kind.codes for name, kind in types.items() if kind.codes is not None}
        self.by_name: Dict[str, MessageType] = {}
        self.by_template: Dict[int, MessageType] = {}
        for message in root.findall("{http://fixprotocol.io/2016/sbe}message"):
            group = message.find("group")
            kind = MessageType(
                message.get("name", ""), int(message.get("id", "")), _block(message.findall("field"), types),
                None if group is None else group.get("name"),
                None if group is None else _block(group.findall("field"), types), message.get("description", ""))
            self.by_name[kind.name] = self.by_template[kind.template] = kind


SCHEMA = Schema()

"""Frames: messages to bytes and back, and the cutting of a TCP stream into frames."""

from typing import Any, Dict, Iterator, List, Optional

from .schema import SCHEMA, Block, FieldType, MessageType

HEADER_BYTES = 12
ENCODING = 0xEB50
NULL = -(1 << 63)
ROWS_HEADER_BYTES = 4


class MalformedFrame(ValueError):
    """Bytes that are no frame of the protocol, or a value that does not fit its field."""


class Message:
    """A message with its fields as attributes: `Message("NewOrder", account=111, …)`; fields left out are 0."""

    def __init__(self, name: str, **values: Any) -> None:
        kind = SCHEMA.by_name.get(name)
        if kind is None:
            raise MalformedFrame("there is no message %r" % name)
        known = set(kind.block.fields) | ({kind.rows_name} if kind.rows_name else set())
        for field in values:
            if field not in known:
                raise MalformedFrame("%s has no field %r; it has %s" % (name, field, ", ".join(sorted(known))))
        self.type: MessageType = kind
        self.values: Dict[str, Any] = values

    @property
    def name(self) -> str:
        """The name of the message in the schema."""
        return self.type.name

    def __getattr__(self, field: str) -> Any:
        # Only called for what is no ordinary attribute.
        values = self.__dict__.get("values", {})
        if field in values:
            return values[field]
        raise AttributeError("%s without %s" % (self.__dict__["type"].name if "type" in self.__dict__ else "?", field))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.name, self.values) == (other.name, other.values)

    def __repr__(self) -> str:
        return "%s(%s)" % (self.name, ", ".join("%s=%s" % (n, getattr(v, "name", None) or v) for n, v in self.values.items()))


def _integer(value: Any, size: int, signed: bool, name: str) -> bytes:
    try:
        return int(value).to_bytes(size, "little", signed=signed)
    except (OverflowError, TypeError, ValueError) as error:
        raise MalformedFrame("%s: %r is no %s of %d bytes" % (name, value, "integer" if signed else "number from 0", size)) \
            from error


def _encode_value(kind: FieldType, value: Any, name: str) -> bytes:
    if kind.form == "text":
        try:
            data = str(value).encode("ascii")
        except UnicodeEncodeError as error:
            raise MalformedFrame("%s: %r is not ASCII" % (name, value)) from error
        if len(data) > kind.size:
            raise MalformedFrame("%s: %r is longer than %d characters" % (name, value, kind.size))
        return data.ljust(kind.size, b"\0")
    if kind.form == "bytes":
        if not isinstance(value, (bytes, bytearray)) or len(value) != kind.size:
            raise MalformedFrame("%s: %d bytes are needed" % (name, kind.size))
        return bytes(value)
    if kind.form == "record":
        return b"".join(_integer(value[m], size, signed, name + "." + m) for m, size, signed in kind.members)
    if isinstance(value, str) and kind.codes is not None:
        if value not in kind.codes.__members__:
            raise MalformedFrame("%s: %r is none of %s" % (name, value, ", ".join(kind.codes.__members__)))
        value = kind.codes[value]
    if isinstance(value, float):
        raise MalformedFrame("%s: %r is a floating-point number; the protocol has integers only" % (name, value))
    if value is None and kind.form == "optional":
        value = NULL
    return _integer(value, kind.size, kind.signed, name)


def _encode_block(block: Block, values: Dict[str, Any]) -> bytes:
    data = bytearray(block.size)
    for name, field in block.fields.items():
        if name in values:
            data[field.offset:field.offset + field.type.size] = _encode_value(field.type, values[name], name)
        elif field.type.form == "optional":
            data[field.offset:field.offset + 8] = NULL.to_bytes(8, "little", signed=True)
    return bytes(data)


def encode(message: Message) -> bytes:
    """The frame of a message."""
    kind = message.type
    body = _encode_block(kind.block, message.values)
    if kind.rows is not None:
        rows = message.values.get(kind.rows_name or "", [])
        body += kind.rows.size.to_bytes(2, "little") + len(rows).to_bytes(2, "little")
        body += b"".join(_encode_block(kind.rows, row) for row in rows)
    length = HEADER_BYTES + len(body)
    if length > 0xFFFF:
        raise MalformedFrame("%s: %d bytes are too long for a frame" % (kind.name, length))
    header = (length, ENCODING, kind.block.size, kind.template, SCHEMA.id, SCHEMA.version)
    return b"".join(number.to_bytes(2, "little") for number in header) + body


def _decode_value(kind: FieldType, data: bytes) -> Any:
    if kind.form == "bytes":
        return data
    if kind.form == "text":
        return data.split(b"\0", 1)[0].decode("ascii", "replace")
    if kind.form == "record":
        values, at = {}, 0
        for name, size, signed in kind.members:
            values[name] = int.from_bytes(data[at:at + size], "little", signed=signed)
            at += size
        return values
    value = int.from_bytes(data, "little", signed=kind.signed)
    if kind.form == "optional" and value == NULL:
        return None
    if kind.form == "flag":
        return bool(value) if value < 2 else value
    if kind.form == "bits":
        return kind.codes(value)
    if kind.form == "codes":
        try:
            return kind.codes(value)
        except ValueError:
            return value  # a code of a later version
    return value


def _decode_block(block: Block, data: bytes) -> Dict[str, Any]:
    # A block that ends early is from an older sender: the fields behind its end are absent.
    return {name: _decode_value(field.type, data[field.offset:field.offset + field.type.size])
            for name, field in block.fields.items() if field.offset + field.type.size <= len(data)}


def decode(frame: bytes) -> Optional[Message]:
    """The message of a whole frame; None: its template is of a later version."""
    if len(frame) < HEADER_BYTES:
        raise MalformedFrame("%d bytes are no frame" % len(frame))
    length, encoding, block_bytes, template, schema, _ = (
        int.from_bytes(frame[at:at + 2], "little") for at in range(0, HEADER_BYTES, 2))
    if length != len(frame):
        raise MalformedFrame("a frame of %d bytes says that it has %d" % (len(frame), length))
    if encoding != ENCODING or schema != SCHEMA.id:
        raise MalformedFrame("encoding %#x and schema %d are another protocol" % (encoding, schema))
    kind = SCHEMA.by_template.get(template)
    if kind is None:
        return None
    end = HEADER_BYTES + block_bytes
    if end > length:
        raise MalformedFrame("%s: a block of %d bytes in a frame of %d" % (kind.name, block_bytes, length))
    message = Message(kind.name)
    message.values = _decode_block(kind.block, frame[HEADER_BYTES:end])
    if kind.rows is not None and kind.rows_name is not None:
        message.values[kind.rows_name] = _decode_rows(kind, frame[end:])
    elif end != length:
        raise MalformedFrame("%s: %d bytes behind its block" % (kind.name, length - end))
    return message


def _decode_rows(kind: MessageType, data: bytes) -> List[Dict[str, Any]]:
    assert kind.rows is not None
    size, count = int.from_bytes(data[0:2], "little"), int.from_bytes(data[2:4], "little")
    if len(data) != ROWS_HEADER_BYTES + size * count:
        raise MalformedFrame("%s: %d rows of %d bytes do not fit" % (kind.name, count, size))
    return [_decode_block(kind.rows, data[at:at + size])
            for at in range(ROWS_HEADER_BYTES, len(data), size or 1)]


class FrameReader:
    """Cuts a stream into frames, however TCP has cut it before."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Takes what has arrived and gives each frame that is whole now."""
        self._waiting += data
        while len(self._waiting) >= 2:
            length = int.from_bytes(self._waiting[:2], "little")
            if length < HEADER_BYTES:
                raise MalformedFrame("a frame of %d bytes" % length)
            if len(self._waiting) >= 4 and int.from_bytes(self._waiting[2:4], "little") != ENCODING:
                # Told at once: what looks like a length may be one that never comes.
                raise MalformedFrame("%r… is no Lockstep frame" % bytes(self._waiting[:16]))
            if len(self._waiting) < length:
                return
            frame = bytes(self._waiting[:length])
            del self._waiting[:length]
            yield frame

"""A client of a Lockstep venue in plain Python: order entry and market data. See README.md beside this package."""

from .frames import FrameReader, MalformedFrame, Message, decode, encode

__all__ = ["FrameReader", "MalformedFrame", "Message", "decode", "encode"]

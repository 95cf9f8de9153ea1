"""A client of a Lockstep venue in plain Python: order entry and market data. See README.md beside this package."""

from .book import BookOrder, FeedGap, Level, LevelBook, OrderBook
from .frames import FrameReader, MalformedFrame, Message, decode, encode
from .session import QueryRefused, ReportGap, Session, SessionEnded, connect

__all__ = [
    "BookOrder", "FeedGap", "FrameReader", "Level", "LevelBook", "MalformedFrame", "Message", "OrderBook", "QueryRefused",
    "ReportGap", "Session", "SessionEnded", "connect", "decode", "encode",
]

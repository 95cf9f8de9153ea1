"""Books rebuilt from market data, order by order or level by level."""

from typing import Dict, FrozenSet, List, NamedTuple, Optional

from .frames import Message
from .session import Session


class FeedGap(RuntimeError):
    """An increment is missing: subscribe again."""


class BookOrder(NamedTuple):
    """An order in a book: lots shown, and its place by price and then by time."""

    order_id: int
    side: str
    price: int
    quantity: int


class Level(NamedTuple):
    """All orders of one price."""

    price: int
    quantity: int
    orders: int


class _Feed:
    """What both books have in common: the full book, then increments numbered without gaps."""

    kind = ""
    # What this feed carries behind the full book; other messages with a feedSequence are of other feeds.
    increments: FrozenSet[str] = frozenset()

    def __init__(self, instrument: int) -> None:
        self.instrument = instrument
        self.phase: Optional[str] = None
        self.feed_sequence: Optional[int] = None
        self._rows_to_come = 0

    @property
    def complete(self) -> bool:
        """Whether the book has been filled."""
        return self.feed_sequence is not None and self._rows_to_come == 0

    def apply(self, message: Message) -> bool:
        """Takes a message; False: it is none of this book's. Raises FeedGap where an increment is missing."""
        if message.values.get("instrument") != self.instrument or "feedSequence" not in message.values:
            return False
        number = message.feedSequence
        if message.name == "BookSnapshot":
            if message.feed.name != self.kind:
                return False
            self._clear()
            self.feed_sequence, self._rows_to_come = number, message.rows
            self.phase = getattr(message.phase, "name", None)
            return True
        if self.feed_sequence is None or message.name not in self.increments:
            return False
        if message.name in ("Trade", "InstrumentStatus") and message.feed.name != self.kind:
            return False
        if self._rows_to_come:
            if number != 0:
                raise FeedGap("an increment came before the full book was there")
            self._rows_to_come -= 1
        elif number != self.feed_sequence + 1:
            raise FeedGap("increment %d came after %d" % (number, self.feed_sequence))
        else:
            self.feed_sequence = number
        if message.name == "InstrumentStatus":
            self.phase = getattr(message.phase, "name", None)
        else:
            self._change(message)
        return True

    def follow(self, session: Session, message: Message) -> bool:
        """As `apply`, but a gap is mended: the book is asked for again and not complete until it is there."""
        try:
            return self.apply(message)
        except FeedGap:
            self.feed_sequence, self._rows_to_come = None, 0
            self._clear()
            session.subscribe(self.instrument, self.kind)
            return True

    def _clear(self) -> None:
        raise NotImplementedError

    def _change(self, message: Message) -> None:
        raise NotImplementedError


class OrderBook(_Feed):
    """Every visible order, from the feed `orders`."""

    kind = "orders"
    increments = frozenset(("BookOrder", "BookOrderChanged", "BookOrderRemoved", "Trade", "InstrumentStatus"))

    def __init__(self, instrument: int) -> None:
        super().__init__(instrument)
        # In the order of their arrival, which within a price is their priority.
        self._orders: Dict[int, BookOrder] = {}

    def orders(self, side: str) -> List[BookOrder]:
        """The orders of a side ("buy" or "sell") in priority order, the best first."""
        sign = -1 if side == "buy" else 1
        return sorted((o for o in self._orders.values() if o.side == side), key=lambda order: sign * order.price)

    def levels(self, side: str) -> List[Level]:
        """The same by price."""
        found: Dict[int, Level] = {}
        for order in self.orders(side):
            level = found.get(order.price, Level(order.price, 0, 0))
            found[order.price] = Level(order.price, level.quantity + order.quantity, level.orders + 1)
        return list(found.values())

    def _clear(self) -> None:
        self._orders.clear()

    def _change(self, message: Message) -> None:
        if message.name == "BookOrder":
            self._orders[message.orderId] = BookOrder(message.orderId, message.side.name, message.price, message.quantity)
        elif message.name == "BookOrderChanged":
            self._orders[message.orderId] = self._orders[message.orderId]._replace(quantity=message.quantity)
        elif message.name == "BookOrderRemoved":
            del self._orders[message.orderId]


class LevelBook(_Feed):
    """Prices with their lots and number of orders, from the feed `levels`."""

    kind = "levels"
    increments = frozenset(("BookLevel", "Trade", "InstrumentStatus"))

    def __init__(self, instrument: int) -> None:
        super().__init__(instrument)
        self._levels: Dict[str, Dict[int, Level]] = {"buy": {}, "sell": {}}

    def levels(self, side: str) -> List[Level]:
        """The levels of a side ("buy" or "sell"), the best first."""
        return [level for _, level in sorted(self._levels[side].items(), reverse=side == "buy")]

    def _clear(self) -> None:
        for side in self._levels.values():
            side.clear()

    def _change(self, message: Message) -> None:
        if message.name == "Trade":
            return  # the level has its own message
        side = self._levels[message.side.name]
        if message.quantity == 0:
            side.pop(message.price, None)
        else:
            side[message.price] = Level(message.price, message.quantity, message.orders)

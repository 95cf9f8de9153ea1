"""Books without a server: what belongs to a feed, and gaps in it."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lockstep import FeedGap, Level, LevelBook, Message, OrderBook, decode, encode  # noqa: E402


def sent(name, **values):
    """A message as it comes from the server, with all its fields."""
    return decode(encode(Message(name, **values)))


def order(number, order_id, side="buy", price=100, quantity=5, instrument=1):
    return sent("BookOrder", feedSequence=number, orderId=order_id, side=side, price=price, quantity=quantity,
                instrument=instrument)


class Books(unittest.TestCase):
    def setUp(self):
        self.book = OrderBook(1)
        self.assertFalse(self.book.apply(order(1, 1)))
        self.book.apply(sent("BookSnapshot", feedSequence=7, instrument=1, rows=2, feed="orders", phase="continuous"))
        self.assertFalse(self.book.complete)
        self.book.apply(order(0, 1))
        self.book.apply(order(0, 2, price=101))
        self.assertTrue(self.book.complete)

    def test_priority_and_changes(self):
        self.book.apply(order(8, 3, price=101, quantity=1))
        self.book.apply(sent("BookOrderChanged", feedSequence=9, orderId=2, price=101, quantity=4, instrument=1))
        self.assertEqual([(o.order_id, o.quantity) for o in self.book.orders("buy")], [(2, 4), (3, 1), (1, 5)])
        self.assertEqual(self.book.levels("buy"), [Level(101, 5, 2), Level(100, 5, 1)])
        self.book.apply(sent("BookOrderRemoved", feedSequence=10, orderId=2, price=101, instrument=1))
        self.book.apply(order(11, 2, price=101))  # an iceberg shows again, at the back
        self.assertEqual([o.order_id for o in self.book.orders("buy")], [3, 2, 1])
        self.book.apply(order(12, 4, "sell", 103))
        self.book.apply(order(13, 5, "sell", 102))
        self.assertEqual([o.order_id for o in self.book.orders("sell")], [5, 4])

    def test_gap(self):
        for number in (7, 9, 0):
            with self.assertRaises(FeedGap):
                self.book.apply(order(number, 3))
        self.assertEqual(len(self.book.orders("buy")), 2)

    def test_other_feeds_do_not_count(self):
        for message in (order(99, 9, instrument=2), sent("MarkChanged", feedSequence=1, instrument=1),
                        sent("BookLevel", feedSequence=1, instrument=1, price=5, quantity=1),
                        sent("BookSnapshot", feedSequence=1, instrument=1, feed="risk"), sent("Sequence")):
            self.assertFalse(self.book.apply(message))
        self.assertTrue(self.book.apply(order(8, 3)))

    def test_phase_and_trades_have_numbers(self):
        self.book.apply(sent("Trade", feedSequence=8, instrument=1, price=100, quantity=1))
        self.book.apply(sent("InstrumentStatus", feedSequence=9, instrument=1, phase="halted"))
        self.assertEqual((self.book.phase, self.book.feed_sequence), ("halted", 9))

    def test_levels(self):
        book = LevelBook(1)
        book.apply(sent("BookSnapshot", feedSequence=0, instrument=1, rows=0, feed="levels", phase="continuous"))
        for number, (price, quantity) in enumerate(((10, 5), (11, 2), (10, 0), (9, 1)), 1):
            book.apply(sent("BookLevel", feedSequence=number, instrument=1, price=price, quantity=quantity, orders=1))
        self.assertEqual(book.levels("buy"), [Level(11, 2, 1), Level(9, 1, 1)])


if __name__ == "__main__":
    unittest.main()

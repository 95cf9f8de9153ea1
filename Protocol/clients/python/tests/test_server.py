"""The client against a running server: LOCKSTEP names the program; without it these tests are skipped.

    LOCKSTEP=.build/release/lockstep python3 -m unittest discover -s Protocol/clients/python/tests
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, PACKAGE)

from lockstep import LevelBook, Message, OrderBook, QueryRefused, SessionEnded, connect, encode  # noqa: E402

PROGRAM = os.environ.get("LOCKSTEP")
MAKER, TAKER, OBSERVER = (101, "maker-1", 101), (111, "taker-1", 111), (3, "observer", 0)


@unittest.skipUnless(PROGRAM, "LOCKSTEP does not name the program: no test with a running server")
class RunningServer(unittest.TestCase):
    """A server of the example venue on a free port, for all tests."""

    @classmethod
    def setUpClass(cls):
        program = os.path.abspath(PROGRAM)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        config = subprocess.run([program, "config", "--example"], check=True, capture_output=True, text=True).stdout
        with open(os.path.join(cls.folder, "venue.toml"), "w", encoding="utf-8") as file:
            file.write(config)
        subprocess.run([program, "keygen", "--config", "venue.toml"], cwd=cls.folder, check=True, capture_output=True)
        cls.log = open(os.path.join(cls.folder, "log"), "w+", encoding="utf-8")
        cls.addClassCleanup(cls.log.close)
        server = subprocess.Popen(
            [program, "serve", "--config", "venue.toml", "--data", "data", "--listen", "127.0.0.1:%d" % cls.port],
            cwd=cls.folder, stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", cls.port), 1).close()
                return
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    with open(os.path.join(cls.folder, "log"), encoding="utf-8") as file:
                        raise AssertionError("the server does not start: " + file.read()) from None
                time.sleep(0.05)

    def login(self, who, **options):
        session = connect("127.0.0.1", self.port, who[0], os.path.join(self.folder, "keys", who[1] + ".key"), **options)
        self.addCleanup(session.close)
        while session.last_report < session.established.lastReport:  # reports of earlier tests
            session.next(5)
        return session

    def await_event(self, session, name, **fields):
        while True:
            event = session.next(5)
            self.assertIsNotNone(event, "no %s" % name)
            if event.name == name and all(event.values[field] == value for field, value in fields.items()):
                return event

    def tearDown(self):
        for who in (MAKER, TAKER):
            with self.login(who) as session:
                request = session.mass_cancel(who[2])
                self.await_event(session, "MassCancelDone", requestId=request)

    def test_enter_replace_fill_cancel(self):
        maker, taker = self.login(MAKER), self.login(TAKER)
        order = maker.new_order(101, 1, "sell", 640010, 5000)
        accepted = self.await_event(maker, "OrderAccepted", orderRequestId=order)
        self.assertEqual((accepted.price, accepted.quantity), (640010, 5000))
        maker.replace(order, 640020, 4000)
        self.assertEqual(self.await_event(maker, "OrderReplaced", orderRequestId=order).price, 640020)
        bought = taker.new_order(111, 1, "buy", 640020, 1500, timeInForce="immediateOrCancel")
        fill = self.await_event(taker, "OrderFilled", orderRequestId=bought)
        self.assertEqual((fill.price, fill.quantity, fill.open), (640020, 1500, 0))
        self.assertEqual(self.await_event(maker, "OrderFilled", orderRequestId=order).tradeId, fill.tradeId)
        maker.cancel(order)
        cancelled = self.await_event(maker, "OrderCancelled", orderRequestId=order)
        self.assertEqual((cancelled.quantity, cancelled.filled), (2500, 1500))
        position = [row for row in taker.query("QueryPositions", account=111) if row.instrument == 1]
        self.assertEqual(position[0].position, fill.position)

    def test_margin_and_refusals(self):
        taker = self.login(TAKER)
        rows = taker.query("QueryMargin", account=111)
        self.assertEqual((rows[0].name, rows[0].account), ("MarginReport", 111))
        self.assertGreater(rows[0].margin["equity"], 0)
        with self.assertRaises(QueryRefused) as refused:
            taker.query("QueryMargin", account=101)
        self.assertEqual(refused.exception.reason.name, "notYourAccount")
        self.assertEqual(len(taker.query("QueryMargin", account=111)), len(rows))
        request = taker.new_order(111, 99, "buy", 1, 1)
        self.assertEqual(self.await_event(taker, "OrderRejected", requestId=request).reason.name, "unknownInstrument")
        # A number that has been used is refused, without a report number, and the session goes on.
        taker.send(Message("CancelOrder", requestId=request, orderRequestId=1))
        duplicate = self.await_event(taker, "OrderRejected", requestId=request)
        self.assertEqual((duplicate.reason.name, duplicate.reportNumber), ("duplicateRequest", 0))

    def test_wrong_signature(self):
        with self.assertRaises(SessionEnded) as ended:
            connect("127.0.0.1", self.port, 111, bytes(32))
        self.assertEqual(ended.exception.terminate.reason.name, "notAuthenticated")

    def test_malformed_frame(self):
        taker = self.login(TAKER)
        frame = encode(Message("Sequence"))
        taker._write(frame[:8] + b"\0\0" + frame[10:])
        with self.assertRaises(SessionEnded) as ended:
            taker.next(5)
        self.assertEqual((ended.exception.terminate.reason.name, ended.exception.terminate.detail), ("malformedFrame", 4))
        with self.assertRaises(SessionEnded):
            taker.cancel(1)

    def test_heartbeats_keep_a_quiet_session(self):
        taker = self.login(TAKER, keep_alive=0.2)
        self.assertIsNone(taker.next(1.5))
        self.assertTrue(taker.query("QueryMargin", account=111))
        silent = self.login(MAKER, keep_alive=0.2)
        time.sleep(1)
        with self.assertRaises(SessionEnded) as ended:
            while True:
                silent.next(1)
        self.assertEqual(ended.exception.terminate.reason.name, "keepAliveTimeout")

    def test_one_session_per_key(self):
        first = self.login(TAKER)
        self.login(TAKER)
        with self.assertRaises(SessionEnded) as ended:
            first.next(5)
        self.assertEqual(ended.exception.terminate.reason.name, "superseded")

    def test_reports_after_a_lost_connection(self):
        maker, taker = self.login(MAKER), self.login(TAKER)
        order = maker.new_order(101, 1, "sell", 640050, 3000)
        self.await_event(maker, "OrderAccepted", orderRequestId=order)
        seen = maker.last_report
        maker._socket.shutdown(socket.SHUT_RDWR)
        for _ in range(3):
            bought = taker.new_order(111, 1, "buy", 640050, 1000, timeInForce="immediateOrCancel")
            self.await_event(taker, "OrderFilled", orderRequestId=bought)
        again = connect("127.0.0.1", self.port, 101, os.path.join(self.folder, "keys", "maker-1.key"), last_report=seen)
        self.addCleanup(again.close)
        self.assertEqual(again.next_request, order + 1)
        fills = [self.await_event(again, "OrderFilled", orderRequestId=order) for _ in range(3)]
        self.assertEqual([fill.reportNumber for fill in fills], [seen + 1, seen + 2, seen + 3])
        again.retransmit(seen + 1, 2)
        self.assertEqual(self.await_event(again, "Retransmission").count, 2)
        self.assertEqual([again.next(5), again.next(5)], fills[:2])

    def test_rebuilt_books(self):
        """After a few hundred random commands both books are what the venue says its open orders are."""
        maker, taker = self.login(MAKER), self.login(TAKER)
        # A session for each feed: trades do not say of which feed they are.
        feeds = [(self.login(OBSERVER), OrderBook(1))]
        chosen = random.Random(20261127)
        names = []
        for phase in range(2):
            if phase == 1:  # subscribed to a book that is not empty, on the maker's session
                feeds.append((maker, LevelBook(1)))
            feeds[-1][0].subscribe(1, feeds[-1][1].kind)
            for _ in range(150):
                action = chosen.random()
                if action < 0.55 or not names:
                    side = chosen.choice(("buy", "sell"))
                    price = 640000 + chosen.randrange(-12, 4) * (1 if side == "buy" else -1)
                    names.append(maker.new_order(101, 1, side, price, chosen.randrange(1, 50),
                                                 selfTradePrevention="cancelOldest"))
                elif action < 0.7:
                    maker.cancel(chosen.choice(names))
                elif action < 0.85:
                    maker.replace(chosen.choice(names), 640000 + chosen.randrange(-12, 12), chosen.randrange(1, 50))
                else:
                    taker.new_order(111, 1, chosen.choice(("buy", "sell")), 640000 + chosen.randrange(-12, 12),
                                    chosen.randrange(1, 80), timeInForce="immediateOrCancel")
        taker.query("QueryPositions", account=111)
        pending = []
        orders = {row.orderId: row for row in maker.query("QueryOpenOrders", account=101, instrument=1)}
        self.assertGreater(len(orders), 10)
        for session, book in feeds:
            # An answer comes behind all market data of commands before it.
            session.query("QueryStatus")
            while True:
                event = session.next(0.5)
                if event is None:
                    break
                if book.apply(event):
                    pending.append(event.name)
        for name in ("BookSnapshot", "BookOrder", "BookOrderRemoved", "BookLevel", "Trade"):
            self.assertIn(name, pending)
        by_order, by_level = feeds[0][1], feeds[1][1]
        self.assertTrue(by_order.complete and by_level.complete)
        found = {order.order_id: order for side in ("buy", "sell") for order in by_order.orders(side)}
        self.assertEqual({i: (o.side, o.price, o.quantity) for i, o in found.items()},
                         {i: (row.side.name, row.price, row.open) for i, row in orders.items()})
        for side in ("buy", "sell"):
            self.assertEqual(by_order.levels(side), by_level.levels(side))
        # A book that starts now is the same in priority too.
        fresh, session = OrderBook(1), self.login(OBSERVER)
        session.subscribe(1)
        while not fresh.complete:
            fresh.apply(session.next(5))
        for side in ("buy", "sell"):
            self.assertEqual(fresh.orders(side), by_order.orders(side))

    def test_gap_in_a_feed(self):
        """An increment that is left out is noticed, and the book is asked for again."""
        maker, session = self.login(MAKER), self.login(OBSERVER)
        book = OrderBook(1)
        session.subscribe(1)
        while not book.complete:
            book.apply(session.next(5))
        for price in (639900, 639901, 639902):
            maker.new_order(101, 1, "buy", price, 1)
        self.await_event(session, "BookOrder")
        while book.complete:
            self.assertTrue(book.follow(session, session.next(5)))
        while not book.complete or len(book.orders("buy")) < 3:
            book.follow(session, session.next(5))
        self.assertEqual([order.price for order in book.orders("buy")], [639902, 639901, 639900])

    def test_example(self):
        maker = self.login(MAKER)
        order = maker.new_order(101, 1, "sell", 640010, 5000)
        self.await_event(maker, "OrderAccepted", orderRequestId=order)
        done = subprocess.run(
            [sys.executable, "-m", "lockstep.example", "127.0.0.1", str(self.port),
             os.path.join(self.folder, "keys", "taker-1.key")],
            capture_output=True, text=True, timeout=20, env={**os.environ, "PYTHONPATH": PACKAGE})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("filled 2000 lots at 640010 - 0 still open", done.stdout)


if __name__ == "__main__":
    unittest.main()

"""A session: login, numbers of requests and reports, heartbeats, recovery, the end."""

import select
import socket
import time
from collections import deque
from typing import Any, Deque, Iterator, List, Optional

from .frames import FrameReader, MalformedFrame, Message, decode, encode
from .keys import KeySource, Signer, signer
from .schema import SCHEMA

LOGIN_TEXT = b"lockstep-login-1"
LOGIN_SECONDS = 10.0


class SessionEnded(ConnectionError):
    """The session is over. `terminate` is the server's Terminate; None: the connection was lost without one."""

    def __init__(self, terminate: Optional[Message]) -> None:
        self.terminate = terminate
        if terminate is None:
            super().__init__("the connection was lost")
        else:
            reason = terminate.reason
            super().__init__("the server ended the session: %s, detail %d" % (getattr(reason, "name", reason), terminate.detail))


class QueryRefused(RuntimeError):
    """A query or subscription was refused; `reason` says why."""

    def __init__(self, reason: Any) -> None:
        self.reason = reason
        super().__init__("refused: %s" % getattr(reason, "name", reason))


class ReportGap(RuntimeError):
    """A report is missing between two that came. The session is over: log in again with its `last_report`."""


class Session:
    """An established session. Made by `connect`.

    `for event in session` gives every message of the server until the session ends. Heartbeats are sent while the
    program waits here, so come back at least every `keep_alive` seconds.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._reader = FrameReader()
        self._events: Deque[Message] = deque()
        self._last_sent = self._last_heard = time.monotonic()
        self._next_query = 1
        self._ended: Optional[SessionEnded] = None
        self._retransmitted = 0
        self.next_request = 1
        # The last report that has been read, and the last that the program has been given.
        self._read_report = self.last_report = 0
        self.keep_alive = LOGIN_SECONDS
        self.identity: Message = Message("NegotiateAck")
        self.established: Message = Message("EstablishAck")

    # Login

    def _login(self, key: int, sign: Signer, last_report: int, keep_alive: float, cancel_on_disconnect: float) -> None:
        negotiate = encode(Message("Negotiate", key=key, version=SCHEMA.version, clientName="python"))
        self._write(negotiate)
        challenge = self._expect("Challenge")
        text = (LOGIN_TEXT + challenge.venueId.to_bytes(8, "little") + challenge.nonce
                + challenge.connectionId.to_bytes(8, "little") + key.to_bytes(4, "little") + negotiate)
        self._write(encode(Message("Proof", signature=sign(text))))
        self.identity = self._expect("NegotiateAck")
        self.last_report = last_report
        self._write(encode(Message("Establish", lastReport=last_report, keepAlive=round(keep_alive * 1000),
                                   cancelOnDisconnect=round(cancel_on_disconnect * 1000))))
        self._expect("EstablishAck")

    def _establish(self, acknowledgement: Message) -> None:
        """Notes what was granted, before the reports behind it are looked at."""
        self.established = acknowledgement
        self.keep_alive = acknowledgement.keepAlive / 1000
        self.next_request = acknowledgement.lastRequest + 1
        # Reports that are gone on the server, or that it no longer knows, do not come: numbers go on with those that do.
        if self.journal_regressed or not self.oldest_report:
            self.last_report = acknowledgement.lastReport
        else:
            self.last_report = max(self.last_report, self.oldest_report - 1)
        self._read_report = self.last_report

    def _expect(self, name: str) -> Message:
        message = self._take(LOGIN_SECONDS)
        if message is None:
            raise TimeoutError("no %s within %g s" % (name, LOGIN_SECONDS))
        if message.name != name:
            raise ConnectionError("%s came instead of %s" % (message.name, name))
        return message

    @property
    def oldest_report(self) -> int:
        """The oldest report the server could send again at login; above the last one seen + 1 there is a hole: query."""
        return self.established.oldestReport

    @property
    def journal_regressed(self) -> bool:
        """Whether the server has lost reports that this client has seen (power loss): reconcile by queries."""
        return bool(self.established.journalRegressed)

    # Sending

    def send(self, message: Message) -> int:
        """Sends a message and returns its requestId or queryId; the next free one is filled in where none is given."""
        for field in ("requestId", "queryId"):
            if field in message.type.block.fields:
                number = message.values.get(field)
                if number is None:
                    number = self.next_request if field == "requestId" else self._next_query
                frame = encode(Message(message.name, **{**message.values, field: number}))
                self._write(frame)
                if field == "requestId":
                    self.next_request = max(self.next_request, number + 1)
                else:
                    self._next_query = max(self._next_query, number + 1)
                return number
        self._write(encode(message))
        return 0

    def new_order(self, account: int, instrument: int, side: str, price: int, quantity: int, **more: Any) -> int:
        """Enters an order; `more` are other fields of NewOrder, such as timeInForce. Returns its requestId, its name."""
        return self.send(Message("NewOrder", account=account, instrument=instrument, side=side, price=price,
                                 quantity=quantity, **more))

    def cancel(self, order: int, **more: Any) -> int:
        """Cancels what is left of an order, which is named by the requestId that entered it."""
        return self.send(Message("CancelOrder", orderRequestId=order, **more))

    def replace(self, order: int, price: int, quantity: int, **more: Any) -> int:
        """Changes price and open quantity (and display, timeInForce, expiry: given anew, not kept)."""
        return self.send(Message("ReplaceOrder", orderRequestId=order, price=price, quantity=quantity, **more))

    def mass_cancel(self, account: int = 0, instrument: int = 0, side: str = "both", **more: Any) -> int:
        """Cancels all orders that every field matches; account 0: of all accounts that the key may act for; `more` are
        other fields of MassCancel, such as underlying or orderKey."""
        return self.send(Message("MassCancel", account=account, instrument=instrument, side=side, **more))

    def subscribe(self, instrument: int, feed: str = "orders") -> int:
        """Asks for a feed: orders, levels or risk of an instrument; best, trades or statistics of one or of all (0);
        instruments (0). What it starts with comes first, and QueryEnd with the returned queryId."""
        return self.send(Message("Subscribe", instrument=instrument, feed=feed))

    def retransmit(self, first_report: int, count: int) -> int:
        """Asks for reports again. They come, behind a Retransmission, among the events with the numbers they had."""
        return self.send(Message("RetransmitRequest", firstReport=first_report, count=count))

    def query(self, name: str, timeout: float = 10.0, **fields: Any) -> List[Message]:
        """Asks and waits for the rows, e.g. `query("QueryMargin", account=111)`. Other events wait in their order.

        An answer has at most 4,096 rows; QueryEnd.more is not followed up.
        """
        number = self.send(Message(name, **fields))
        rows: List[Message] = []
        others: List[Message] = []
        deadline = time.monotonic() + timeout
        try:
            while True:
                message = self._take(deadline - time.monotonic())
                if message is None:
                    raise TimeoutError("no answer to %s within %g s" % (name, timeout))
                if message.name == "SessionReject" and message.requestId == number and \
                        message.template == SCHEMA.by_name[name].template:
                    raise QueryRefused(message.reason)
                if message.values.get("queryId") != number:
                    others.append(message)
                elif message.name != "QueryEnd":
                    rows.append(message)
                elif message.reason != 0:
                    raise QueryRefused(message.reason)
                else:
                    return rows
        finally:
            self._events.extendleft(reversed(others))

    def _write(self, frame: bytes) -> None:
        if self._ended is not None:
            raise self._ended
        try:
            self._socket.sendall(frame)
        except OSError:
            # The server's Terminate may still be waiting to be read, and says more.
            self._fill(1.0)
            if self._ended is None:
                self._end(None)
            raise self._ended from None
        self._last_sent = time.monotonic()

    # Receiving

    def next(self, timeout: Optional[float] = None) -> Optional[Message]:
        """The next message of the server; None: nothing within `timeout` seconds. Raises SessionEnded at the end."""
        message = self._take(timeout)
        if message is not None:
            self.last_report = max(self.last_report, message.values.get("reportNumber", 0))
        return message

    def _take(self, timeout: Optional[float]) -> Optional[Message]:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._events:
            if self._ended is not None:
                raise self._ended
            now = time.monotonic()
            if now - self._last_heard > 2 * self.keep_alive and not self._readable(0):
                self._end(None)
                continue
            if now - self._last_sent > self.keep_alive / 2 and self.established.values:
                self._write(encode(Message("Sequence")))
            wait = self.keep_alive / 4
            if deadline is not None:
                if now > deadline:
                    return None
                wait = min(wait, deadline - now)
            self._fill(wait)
        return self._events.popleft()

    def __iter__(self) -> Iterator[Message]:
        try:
            while True:
                message = self.next()
                assert message is not None
                yield message
        except SessionEnded:
            return

    def _readable(self, wait: float) -> bool:
        return bool(select.select([self._socket], [], [], max(wait, 0))[0])

    def _fill(self, wait: float) -> None:
        """Reads what has arrived, waiting for it so many seconds."""
        if self._ended is not None or not self._readable(wait):
            return
        try:
            data = self._socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._end(None)
            return
        self._last_heard = time.monotonic()
        try:
            for frame in self._reader.feed(data):
                self._receive(decode(frame))
        except (MalformedFrame, ReportGap):
            self._end(None)  # what follows cannot be trusted; a new login gets what is missing
            raise

    def _receive(self, message: Optional[Message]) -> None:
        if message is None or message.name == "Sequence" or self._ended is not None:
            return
        if message.name == "Terminate":
            self._end(message)
            return
        if message.name == "EstablishAck":
            self._establish(message)
        self._count(message)
        self._events.append(message)

    def _count(self, message: Message) -> None:
        """Checks that reports have no gap; those asked for again are not counted."""
        if message.name == "Retransmission":
            self._retransmitted = message.count
        number = message.values.get("reportNumber", 0)
        if number == 0 or not self.established.values:
            return
        if number <= self._read_report and self._retransmitted > 0:
            self._retransmitted -= 1
        elif number == self._read_report + 1:
            self._read_report = number
        else:
            raise ReportGap("report %d came after %d" % (number, self._read_report))

    # The end

    def _end(self, terminate: Optional[Message]) -> None:
        self._ended = SessionEnded(terminate)
        self._socket.close()

    def close(self) -> None:
        """Ends the session in order. Nothing happens if it is over already."""
        if self._ended is not None:
            return
        try:
            self._write(encode(Message("Terminate", reason="finished")))
            deadline = time.monotonic() + 2.0
            while self._ended is None and time.monotonic() < deadline:
                self._fill(deadline - time.monotonic())
        except SessionEnded:
            pass
        if self._ended is None:
            self._end(None)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def connect(host: str, port: int, key: int, key_source: KeySource, last_report: int = 0, keep_alive: float = 10.0,
            cancel_on_disconnect: float = 0.0) -> Session:
    """Logs in and returns the session.

    `key` is the key's number, `key_source` its key file, its 32-byte seed or a function that signs. After a lost
    session give the old one's `last_report`: the reports after it come first. Seconds everywhere.
    """
    sign = signer(key_source)
    connection = socket.create_connection((host, port), timeout=LOGIN_SECONDS)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = Session(connection)
        session._login(key, sign, last_report, keep_alive, cancel_on_disconnect)
        return session
    except BaseException:
        connection.close()
        raise

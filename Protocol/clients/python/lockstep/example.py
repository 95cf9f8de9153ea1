"""Buys at most 2 BTC-PERP at 64,001.0 or better at the example venue, and says what became of it.

    python3 -m lockstep.example [HOST PORT KEY-FILE]     default: 127.0.0.1 7400 keys/taker-1.key
"""

import sys

from lockstep import connect


def main() -> None:
    host, port, key_file = sys.argv[1:] or ("127.0.0.1", "7400", "keys/taker-1.key")
    with connect(host, int(port), key=111, key_source=key_file) as session:
        print("logged in, durability", session.identity.durability.name)
        order = session.new_order(account=111, instrument=1, side="buy", price=640010, quantity=2000,
                                  timeInForce="immediateOrCancel")
        for event in session:
            if event.values.get("orderRequestId") != order:
                continue  # of an earlier order: a login without last_report gets all reports that are kept
            if event.name == "OrderAccepted":
                print("accepted, free margin", event.margin["initialEquity"] - event.margin["initialMargin"], "mq")
            elif event.name == "OrderFilled":
                print("filled", event.quantity, "lots at", event.price, "-", event.open, "still open")
            elif event.name == "OrderExpired":
                print("nothing more to trade with,", event.quantity, "lots expired")
            elif event.name == "OrderRejected":
                print("refused:", event.reason.name, "detail", event.detail)
            if event.name in ("OrderExpired", "OrderRejected") or event.values.get("open") == 0:
                break
        print("margin:", session.query("QueryMargin", account=111)[0].margin)


if __name__ == "__main__":
    main()

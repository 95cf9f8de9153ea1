import Client
import Values
import Wire

// Buys at most 2 BTC-PERP at 64,001.0 or better, and says what became of it.
let keyPair = try KeyPair(contentsOf: "keys/taker-1.key")
let client = try Client(to: "127.0.0.1:7400", key: KeyId(111), keyPair: keyPair)
let session = try client.connect()
print("logged in, durability \(session.identity.durability.map { "\($0)" } ?? "unknown")")

let order = try client.newOrder(
  account: AccountId(111), instrument: InstrumentId(1), side: .buy, price: Price(640_010), quantity: Quantity(2000),
  timeInForce: .immediateOrCancel)

events: while let event = try client.next(timeout: .seconds(5)) {
  switch event {
  case .accepted(let report):
    print("accepted, free margin \(report.margin.free.rawValue) mq")
  case .filled(let fill):
    print("filled \(fill.quantity.rawValue) lots at \(fill.price.rawValue), \(fill.open.rawValue) still open")
    if fill.open == .zero { break events }
  case .expired(let rest):
    print("nothing more to trade with, \(rest.quantity.rawValue) lots expired")
    break events
  case .rejected(let reject) where reject.requestId == order:
    print("refused: \(reject.reason.map { "\($0)" } ?? "unknown reason"), detail \(reject.detail)")
    break events
  default:
    break
  }
}
client.disconnect()

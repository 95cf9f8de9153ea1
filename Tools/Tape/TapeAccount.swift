import Values

/// What the tool knows of one account of the tape's venue: never less used than it really is.
///
/// Orders count as open from the moment they are sent until a report says otherwise, so that an order that is placed
/// within these figures is within the venue's bounds too, whatever is still on its way.
struct TapeAccount {
  /// What each account is given. Below the largest balance, so that profit has room.
  static let funding: Int64 = 1_500_000_000_000_000_000
  /// The instrument's mark, in price units: the lowest there can be. So a buy is charged all of its price and a sell
  /// hardly anything, and the largest sizes at the lowest prices stay inside the bound on notional.
  static let mark: Int64 = 1
  /// Initial margin of the mark notional: 0.2 %.
  static let initialRate = Rate(2_000_000)
  /// Maintenance margin of the mark notional: 0.1 %.
  static let maintenanceRate = Rate(1_000_000)

  let account: AccountId
  /// Index of the master among the pool's masters.
  let master: Int
  var position: Int64 = 0
  /// E: cash and unrealised profit at the mark.
  var equity = Int128(TapeAccount.funding)
  private(set) var buys: Int64 = 0
  private(set) var sells: Int64 = 0
  /// Highest price of a buy since there was none.
  private var highestBuy: Int64 = 0
  /// Lowest and highest price of a sell since there was none.
  private var lowestSell: Int64 = .max
  private var highestSell: Int64 = 0

  init(account: AccountId, master: Int) {
    self.account = account
    self.master = master
  }

  /// Lots that the account can end up with if all its buys fill: the worst case of the master's long side.
  var worstLong: Int64 { max(0, position + buys) }
  /// The same for its sells.
  var worstShort: Int64 { max(0, sells - position) }

  /// Whether the venue takes an order of `lots` at `price` from this account, with what is open already.
  func admits(_ side: Side, price: Int64, lots: Int64) -> Bool {
    let total = Int128(position.magnitude) + Int128(buys) + Int128(sells) + Int128(lots)
    guard total <= Int128(Limits.quantity), equity < 2 * Int128(TapeAccount.funding) else { return false }
    let worstPrice = max(TapeAccount.mark, highestBuy, highestSell, price)
    guard total * Int128(worstPrice) <= Int128(Limits.notionalPerAccount) else { return false }
    let buyPrice = side == .buy ? max(highestBuy, price) : highestBuy
    let sellPrice = side == .sell ? min(lowestSell, price) : lowestSell
    let openBuys = Int128(buys) + (side == .buy ? Int128(lots) : 0)
    let openSells = Int128(sells) + (side == .sell ? Int128(lots) : 0)
    let buyLoss = openBuys * Int128(max(0, buyPrice - TapeAccount.mark))
    let sellLoss = openSells * Int128(max(0, TapeAccount.mark - sellPrice))
    let margin = TapeAccount.initialRate.roundedUp(of: Money(total * Int128(TapeAccount.mark))).rawValue
    return equity - buyLoss - sellLoss - margin > 0
  }

  /// Counts `lots` more (or less, when negative) as open on `side`; a rise is at `price`.
  mutating func reserve(_ side: Side, price: Int64, lots: Int64) {
    if side == .buy {
      buys += lots
      highestBuy = buys == 0 ? 0 : lots > 0 ? max(highestBuy, price) : highestBuy
    } else {
      sells += lots
      if sells == 0 {
        (lowestSell, highestSell) = (.max, 0)
      } else if lots > 0 {
        (lowestSell, highestSell) = (min(lowestSell, price), max(highestSell, price))
      }
    }
  }

  /// An order moves to another price and keeps its lots.
  mutating func reprice(_ side: Side, to price: Int64) {
    if side == .buy {
      highestBuy = max(highestBuy, price)
    } else {
      (lowestSell, highestSell) = (min(lowestSell, price), max(highestSell, price))
    }
  }

  /// A fill: position and equity at the mark. What was open is taken off by ``reserve(_:price:lots:)``.
  mutating func fill(_ side: Side, price: Int64, lots: Int64) {
    position += side == .buy ? lots : -lots
    let gain = Int128(lots) * Int128(TapeAccount.mark - price)
    equity += side == .buy ? gain : -gain
  }
}

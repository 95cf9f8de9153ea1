import Values

/// What the margin rules need to know of one open order.
@frozen public struct OpenLots: BitwiseCopyable {
  public var side: Side
  public var reduceOnly: Bool
  public var lots: Quantity
  public var limit: Price
  /// Provision set aside for its fees, in quanta of the quote asset.
  public var provision: Money

  @inlinable public init(side: Side, reduceOnly: Bool, lots: Quantity, limit: Price, provision: Money) {
    self.side = side
    self.reduceOnly = reduceOnly
    self.lots = lots
    self.limit = limit
    self.provision = provision
  }
}

extension Ledger {
  /// Adds an order to a position's open lots. The caller refreshes the position afterwards.
  @inlinable mutating func include(_ order: OpenLots, in position: UInt32) {
    if order.side == .buy {
      if positions[position].allBuy == 0 || order.limit > positions[position].worstBuy {
        positions[position].worstBuy = order.limit
      }
    } else {
      if positions[position].allSell == 0 || order.limit < positions[position].worstSell {
        positions[position].worstSell = order.limit
      }
    }
    shift(order, in: position, sign: 1)
  }

  /// Takes an order (what is open of it) out again. The side's sticky worst limit goes when the side is empty.
  @inlinable mutating func exclude(_ order: OpenLots, from position: UInt32) {
    shift(order, in: position, sign: -1)
    if positions[position].allBuy == 0 { positions[position].worstBuy = Price(0) }
    if positions[position].allSell == 0 { positions[position].worstSell = Price(0) }
  }

  /// Moves lots, provision and, for spot, what the account can pay and receive.
  @inlinable mutating func shift(_ order: OpenLots, in position: UInt32, sign: Int64) {
    let lots = sign < 0 ? -order.lots : order.lots
    let provision = sign < 0 ? -order.provision : order.provision
    switch (order.side, order.reduceOnly) {
    case (.buy, false): positions[position].openBuy += lots
    case (.buy, true): positions[position].reduceBuy += lots
    case (.sell, false): positions[position].openSell += lots
    case (.sell, true): positions[position].reduceSell += lots
    }
    positions[position].provision += provision
    let account = positions[position].account
    let instrument = positions[position].instrument
    if instruments[instrument].kind.isLinear {
      accounts[account].payable += provision
      return
    }
    let value = instruments[instrument].value(lots, at: order.limit)
    if instruments[instrument].kind == .option {
      accounts[account].payable += order.side == .buy ? value + provision : provision
      accounts[account].receivable += order.side == .buy ? .zero : value
      return
    }
    let quanta = Money(Int128(lots.rawValue) * Int128(instruments[instrument].baseLot))
    let (base, quote) = (positions[position].baseBalance, positions[position].quoteBalance)
    if order.side == .buy {
      addPayable(value + provision, account: account, balance: quote)
      addReceivable(quanta, account: account, balance: base)
    } else {
      addPayable(quanta, account: account, balance: base)
      addPayable(provision, account: account, balance: quote)
      addReceivable(value, account: account, balance: quote)
    }
    accounts[account].spotStale = true
  }

  @inlinable mutating func addPayable(_ amount: Money, account: UInt32, balance: UInt32) {
    if balance == 0 { accounts[account].payable += amount } else { balances[balance].payable += amount }
  }

  @inlinable mutating func addReceivable(_ amount: Money, account: UInt32, balance: UInt32) {
    if balance == 0 { accounts[account].receivable += amount } else { balances[balance].receivable += amount }
  }

  /// Adds an order and brings the account's sums up to date.
  @inlinable public mutating func addOpen(_ order: OpenLots, to position: UInt32) {
    include(order, in: position)
    refreshOrders(position)
  }

  /// Removes an order and brings the account's sums up to date.
  @inlinable public mutating func removeOpen(_ order: OpenLots, from position: UInt32) {
    exclude(order, from: position)
    refreshOrders(position)
  }

  /// Changes one order into another (other size, price or provision) in one step: the side never counts as empty in
  /// between when `keepingWorst`, so its sticky worst limit stays.
  @inlinable public mutating func changeOpen(
    _ old: OpenLots, to new: OpenLots, in position: UInt32, keepingWorst: Bool
  ) {
    if keepingWorst { shift(old, in: position, sign: -1) } else { exclude(old, from: position) }
    if keepingWorst { shift(new, in: position, sign: 1) } else { include(new, in: position) }
    refreshOrders(position)
  }

  /// Changes the provision of an order of which nothing else changes.
  @inlinable public mutating func changeProvision(by change: Money, in position: UInt32) {
    let account = positions[position].account
    positions[position].provision += change
    if instruments[positions[position].instrument].kind == .spot {
      addPayable(change, account: account, balance: positions[position].quoteBalance)
      accounts[account].spotStale = true
    } else {
      accounts[account].payable += change
      positions[position].terms.initialMargin += change
      accounts[account].terms.initialMargin += change
    }
  }

  /// Puts a side's sticky worst limit back to what it was before an order that did not rest.
  @inlinable public mutating func restoreWorst(_ side: Side, to limit: Price, in position: UInt32) {
    if side == .buy {
      guard positions[position].allBuy > 0, positions[position].worstBuy != limit else { return }
      positions[position].worstBuy = limit
    } else {
      guard positions[position].allSell > 0, positions[position].worstSell != limit else { return }
      positions[position].worstSell = limit
    }
    refreshOrders(position)
  }

  /// The side's sticky worst limit as it stands.
  @inlinable public func worstLimit(_ side: Side, of position: UInt32) -> Price {
    side == .buy ? positions[position].worstBuy : positions[position].worstSell
  }

}

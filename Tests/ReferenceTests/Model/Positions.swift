import Values

// How orders and fills change one account. Used on the account itself and on copies, to ask what would be.

extension ModelAccount {
  private func hasOrders(_ instrument: InstrumentId, _ side: Side) -> Bool {
    orders.contains { $0.instrument == instrument && $0.side == side }
  }

  private func worst(_ instrument: InstrumentId, _ side: Side) -> Int128 {
    let position = positions[instrument] ?? ModelPosition()
    return side == .buy ? position.worstBuy : position.worstSell
  }

  private mutating func setWorst(_ instrument: InstrumentId, _ side: Side, _ price: Int128) {
    if side == .buy {
      positions[instrument, default: ModelPosition()].worstBuy = price
    } else {
      positions[instrument, default: ModelPosition()].worstSell = price
    }
  }

  /// Puts an order among the open orders; the side's worst limit sticks until the side is empty.
  mutating func add(_ order: ModelOrder) {
    var order = order
    let before = worst(order.instrument, order.side)
    let isFirst = !hasOrders(order.instrument, order.side)
    order.worstBefore = before
    let after =
      isFirst ? order.price : order.side == .buy ? max(before, order.price) : min(before, order.price)
    setWorst(order.instrument, order.side, after)
    orders.append(order)
  }

  /// Takes an order out. When it never rested, the side's worst limit is put back to what it was.
  @discardableResult mutating func remove(_ name: OrderName, loosely: Bool = false) -> ModelOrder {
    let order = orders.remove(at: index(name))
    if !hasOrders(order.instrument, order.side) {
      setWorst(order.instrument, order.side, 0)
    } else if let before = order.worstBefore {
      setWorst(order.instrument, order.side, before)
    } else if loosely {
      let prices = orders.filter { $0.instrument == order.instrument && $0.side == order.side }.map(\.price)
      setWorst(order.instrument, order.side, order.side == .buy ? prices.max()! : prices.min()!)
    }
    return order
  }

  /// Trades `lots` (signed: bought or sold) at `price` and pays `fee`.
  mutating func trade(
    _ lots: Int128, at price: Int128, fee: Int128, _ instrument: ModelInstrument, roundsWrongly: Bool = false
  ) {
    balances[instrument.quote, default: 0] -= fee
    if instrument.kind == .spot {
      balances[instrument.base, default: 0] += lots * instrument.baseLot
      balances[instrument.quote, default: 0] -= lots * price * instrument.multiplier
      return
    }
    var position = positions[instrument.id] ?? ModelPosition()
    var opening = lots
    if position.lots.signum() * lots.signum() < 0 {
      let closed = min(abs(position.lots), abs(lots)) * position.lots.signum()
      let share = roundsWrongly ? productDown : productUp
      let part = share(position.cost, abs(closed), abs(position.lots))
      balances[.settlement, default: 0] += closed * price * instrument.multiplier - part
      position.cost -= part
      position.lots -= closed
      opening += closed
    }
    position.cost += opening * price * instrument.multiplier
    position.lots += opening
    positions[instrument.id] = position
  }

  /// Fills an open order; it is taken out when nothing is left of it. Returns the order afterwards and the fee.
  mutating func fill(
    _ name: OrderName, _ lots: Int128, at price: Int128, rate: Int128, _ instrument: ModelInstrument,
    fault: PlantedFault = .none
  ) -> (order: ModelOrder, fee: Int128) {
    let position = index(name)
    let before = orders[position].charged
    orders[position].open -= lots
    orders[position].shown -= lots
    orders[position].filled += lots
    orders[position].feeBase += lots * price * instrument.multiplier * rate
    let order = orders[position]
    let fee = order.charged - before
    trade(
      order.side == .buy ? lots : -lots, at: price, fee: fee, instrument, roundsWrongly: fault == .wrongRounding)
    if order.open == 0 { remove(name) }
    return (order, fee)
  }

  /// Lots by which an order on `side` could bring the position nearer to zero.
  func reducible(_ instrument: InstrumentId, _ side: Side) -> Int128 {
    side == .buy ? max(0, -lots(instrument)) : max(0, lots(instrument))
  }
}

/// Margin §3: whether a change may be, given the account before and after it.
func acceptable(_ before: ModelMargin, _ after: ModelMargin) -> Bool {
  if after.unpricedDebt != nil { return false }
  if after.free >= 0 && after.cushion >= 0 { return true }
  let isSafer = after.cushion >= before.cushion && before.cushion >= 0
  return after.initialMargin <= before.initialMargin && after.free >= before.free
    && (isSafer || 10 * after.equity >= 11 * after.maintenanceMargin)
}

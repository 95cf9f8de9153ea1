import Values

// The same figures with 128 bits, from the positions: for holdings that a mark has carried beyond 64-bit lanes.

extension Ledger {
  /// As ``figures(of:account:worst:)``, by the same formulas, without vectors. O(16 × positions²).
  func wideFigures(of holding: UInt32, account: UInt32, worst: Bool) -> GroupFigures {
    var figures = GroupFigures()
    for scenario in 0..<Scenarios.count {
      figures.scanLoss = max(
        figures.scanLoss, wideLoss(scenario, of: holding, account: account, worst: worst))
    }
    addDeltas(to: &figures, of: holding, account: account, worst: worst)
    var short: Int128 = 0
    forEachLeg(of: holding, account: account) { position in
      if instruments[positions[position].instrument].kind == .option {
        short += Int128(max(0, worst ? -positions[position].worstShort : -positions[position].quantity.rawValue))
      }
    }
    figures.shortOptions = Money(short * groups[holdings[holding].group].parameters.shortOptionMinimum.rawValue)
    return figures
  }

  private func forEachLeg(of holding: UInt32, account: UInt32, _ body: (UInt32) -> Void) {
    var position = accounts[account].firstPosition
    while position != 0 {
      let leg = positions[position].leg
      if leg != 0 && legs[leg].holding == holding && !instruments[positions[position].instrument].isExpired {
        body(position)
      }
      position = positions[position].next
    }
  }

  /// What counts of the loss in one scenario.
  func wideLoss(_ scenario: Int, of holding: UInt32, account: UInt32, worst: Bool) -> Money {
    let loss = max(.zero, -wideSum(scenario, of: holding, account: account, worst: worst))
    return scenario < Scenarios.firstExtreme ? loss : Scenarios.extremeWeight.roundedUp(of: loss)
  }

  /// One lane of S or W.
  private func wideSum(_ scenario: Int, of holding: UInt32, account: UInt32, worst: Bool) -> Money {
    var sum: Int128 = 0
    forEachLeg(of: holding, account: account) { position in
      let change = wideChange(scenario, of: positions[position].instrument, range: holdings[holding].range)
      func contribution(_ lots: Int64) -> Int128 {
        Int128(lots) * (lots < 0 ? change.high : change.low).rawValue
      }
      sum +=
        worst
        ? min(contribution(positions[position].worstLong), contribution(positions[position].worstShort))
        : contribution(positions[position].quantity.rawValue)
    }
    return Money(sum)
  }

  /// Value change of one lot, rounded down and up.
  private func wideChange(_ scenario: Int, of instrument: UInt32, range: Rate) -> (low: Money, high: Money) {
    let record = instruments[instrument]
    let lot = record.value(Quantity(1), at: record.mark)
    if record.kind == .option {
      let array = risks[instrument].array
      if array.reach <= RiskArray.narrow { return (Money(array.low[scenario]), Money(array.high[scenario])) }
      // One lot is beyond 64 bits: a long can lose all, a short up to the highest price.
      return (-lot, record.value(Quantity(1), at: record.maximumPrice) - lot)
    }
    return RiskArray.linearChange(of: lot, range: range, thirds: Scenarios.thirds[scenario])
  }

  /// Delta notional of one lot.
  private func wideDelta(of instrument: UInt32) -> Int128 {
    if instruments[instrument].kind == .option {
      return risks[instrument].array.reach <= RiskArray.narrow ? Int128(risks[instrument].array.delta) : 0
    }
    return linearDelta(of: instrument)
  }

  private func linearDelta(of instrument: UInt32) -> Int128 {
    instruments[instrument].value(Quantity(1), at: instruments[instrument].mark).rawValue
  }

  /// Calendar charge and certain delta.
  private func addDeltas(to figures: inout GroupFigures, of holding: UInt32, account: UInt32, worst: Bool) {
    var (long, short, low, high): (Int128, Int128, Int128, Int128) = (0, 0, 0, 0)
    var expiry = holdings[holding].firstExpiry
    while expiry != 0 {
      var (bottom, top): (Int128, Int128) = (0, 0)
      forEachLeg(of: holding, account: account) { position in
        if legs[positions[position].leg].expiry != expiry { return }
        let delta = wideDelta(of: positions[position].instrument)
        let held = Int128(positions[position].quantity.rawValue) * delta
        let (one, other) =
          worst
          ? (Int128(positions[position].worstLong) * delta, Int128(positions[position].worstShort) * delta)
          : (held, held)
        bottom += min(one, other)
        top += max(one, other)
      }
      long += max(0, top)
      short += max(0, -bottom)
      low += bottom
      high += top
      expiry = expiries[expiry].next
    }
    let rate = groups[holdings[holding].group].parameters.spreadRate
    figures.spread = calendarCharge(long: Money(long), short: Money(short), rate: rate)
    figures.delta = guaranteedDelta(low: Money(low), high: Money(high))
  }
}

import Values

// From a move of a mark, price or rate to the accounts whose bands it has left.

extension Ledger {
  /// Remembers an instrument when its mark or a rate has crossed a trigger. Six comparisons when it has not; of an option
  /// eleven.
  @inlinable mutating func noteMove(ofInstrument instrument: UInt32) {
    if uncheckedAccounts.count > 0 { uncheckedAreDue = true }
    let count = instruments[instrument].kind == .option ? InstrumentLadder.count : InstrumentLadder.ofLinear
    for number in 0..<count {
      let ladder = InstrumentLadder(rawValue: number)!
      let slot = Self.ladder(ladder, of: instrument)
      if triggers.count(on: slot) > 0 && triggers.isCrossed(slot, at: coordinate(ladder, of: instrument)) {
        crossedInstruments.insert(instrument)
        return
      }
    }
  }

  /// As ``noteMove(ofInstrument:)`` for the price of an asset.
  @inlinable mutating func noteMove(ofAsset asset: UInt32) {
    if uncheckedAccounts.count > 0 { uncheckedAreDue = true }
    let price = assets[asset].price.rawValue
    if triggers.isCrossed(priceLadder(asset, falls: true), at: price)
      || triggers.isCrossed(priceLadder(asset, falls: false), at: price)
    {
      crossedAssets.insert(asset)
    }
  }

  /// Looks at all coordinates, after a state has been read.
  public mutating func noteAllMoves() {
    for instrument in 1..<UInt32(instruments.count + 1) { noteMove(ofInstrument: instrument) }
    for asset in 1..<UInt32(assets.count + 1) { noteMove(ofAsset: asset) }
  }

  /// Whether any trigger is crossed at the present coordinates. Nothing changes.
  public func hasCrossedTrigger() -> Bool {
    var instrument = crossedInstruments.first()
    while instrument != 0 {
      for number in 0..<InstrumentLadder.count {
        let (ladder, coordinate) = ladder(number, of: instrument)
        if triggers.holdsCrossed(ladder, at: coordinate) { return true }
      }
      instrument = crossedInstruments.first(from: instrument + 1)
    }
    var asset = crossedAssets.first()
    while asset != 0 {
      for falls in [true, false]
      where triggers.holdsCrossed(priceLadder(asset, falls: falls), at: assets[asset].price.rawValue) {
        return true
      }
      asset = crossedAssets.first(from: asset + 1)
    }
    return false
  }

  /// The ladders of an instrument, one after the other, and where their coordinates stand.
  public func ladder(_ number: UInt8, of instrument: UInt32) -> (ladder: UInt32, coordinate: Int64) {
    let ladder = InstrumentLadder(rawValue: number)!
    return (Self.ladder(ladder, of: instrument), coordinate(ladder, of: instrument))
  }

  /// Takes the next crossed trigger off its ladder and returns its account; 0: none is left. Instruments before assets,
  /// each in order of creation.
  public mutating func popCrossedAccount() -> UInt32 {
    while case let instrument = crossedInstruments.first(), instrument != 0 {
      for number in 0..<InstrumentLadder.count {
        let (ladder, coordinate) = ladder(number, of: instrument)
        let trigger = triggers.popCrossed(ladder, at: coordinate)
        if trigger != 0 { return account(ofTrigger: trigger) }
      }
      crossedInstruments.remove(instrument)
    }
    while case let asset = crossedAssets.first(), asset != 0 {
      for falls in [true, false] {
        let trigger = triggers.popCrossed(priceLadder(asset, falls: falls), at: assets[asset].price.rawValue)
        if trigger != 0 { return account(ofTrigger: trigger) }
      }
      crossedAssets.remove(asset)
    }
    return 0
  }

  /// Whether one of the account's own triggers is crossed, and whether a Tick will come upon it. O(positions + balances).
  public func crossing(of account: UInt32) -> Crossing {
    var crossing = Crossing.none
    var position = accounts[account].firstPosition
    while position != 0 {
      for one in PositionTrigger.allCases {
        let record = triggers[trigger(one, of: position)]
        if record.ladder != 0 && record.isCrossed(at: coordinate(ofLadder: record.ladder)) {
          if crossedInstruments.contains(record.ladder / Self.laddersPerInstrument) { return .known }
          crossing = .unknown
        }
      }
      position = positions[position].next
    }
    var balance = accounts[account].firstBalance
    while balance != 0 {
      let asset = balances[balance].asset
      if triggers[trigger(ofBalance: balance)].isCrossed(at: assets[asset].price.rawValue) {
        if crossedAssets.contains(asset) { return .known }
        crossing = .unknown
      }
      balance = balances[balance].next
    }
    return crossing
  }

  /// What is known of the triggers of an account.
  public enum Crossing: Sendable {
    /// None is crossed.
    case none
    /// One is, and its coordinate is among those that Ticks look at.
    case known
    /// One is, and nobody will look: a program error.
    case unknown
  }
}

extension Ledger {
  /// Calls `body` with every trigger of a ladder, in the order in which they would be popped: its account, the instrument
  /// of its position (0: a balance), what it watches, and its threshold.
  public func forEachTrigger(on ladder: UInt32, _ body: (UInt32, UInt32, UInt8, Int64) -> Void) {
    triggers.forEach(on: ladder) { trigger, threshold in
      let owner = owner(ofTrigger: trigger)
      let instrument = owner.position == 0 ? 0 : positions[owner.position].instrument
      body(account(ofTrigger: trigger), instrument, owner.watches, threshold)
    }
  }

  /// Puts a position's trigger back on the ladder it stood on. False: it stands on one already.
  public mutating func restoreTrigger(
    _ one: PositionTrigger, of position: UInt32, on ladder: UInt32, _ threshold: Int64
  ) -> Bool {
    let number = trigger(one, of: position)
    guard triggers[number].ladder == 0 else { return false }
    triggers.set(number, on: ladder, to: threshold)
    return true
  }

  /// As above for a balance.
  public mutating func restoreTrigger(ofBalance balance: UInt32, on ladder: UInt32, _ threshold: Int64) -> Bool {
    guard triggers[trigger(ofBalance: balance)].ladder == 0 else { return false }
    triggers.set(trigger(ofBalance: balance), on: ladder, to: threshold)
    return true
  }
}

extension Trigger {
  /// Whether it stands on a ladder and `coordinate` is beyond it.
  @inlinable public func isCrossed(at coordinate: Int64) -> Bool {
    ladder != 0 && (ladder & 1 == 0 ? coordinate < threshold : coordinate > threshold)
  }
}

extension TriggerLadders {
  /// As ``isCrossed(_:at:)`` without keeping what it finds. O(triggers of one bucket) when the bound is passed.
  public func holdsCrossed(_ ladder: UInt32, at coordinate: Int64) -> Bool {
    let falls = Self.falls(ladder)
    let record = ladders[Int(ladder)]
    guard record.count > 0, Self.isBeyond(coordinate, record.nearest, falls: falls) else { return false }
    return Self.isBeyond(coordinate, nearest(on: ladder), falls: falls)
  }
}

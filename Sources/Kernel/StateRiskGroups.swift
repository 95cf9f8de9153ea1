import Margin
import Values

// Risk groups and their relations in the canonical bytes of the state, in order of creation.

extension Kernel {
  borrowing func writeRiskGroups(to sink: inout StateChunk) {
    sink.put(UInt32(ledger.groups.count))
    for slot in 1..<UInt32(ledger.groups.count + 1) {
      let parameters = ledger.groups[slot].parameters
      sink.put(ledger.groups[slot].asset)
      sink.put(parameters.volatilityInstrument)
      sink.put(parameters.rangeFloor.rawValue)
      sink.put(parameters.volatilityShock.rawValue)
      sink.put(parameters.spreadRate.rawValue)
      sink.put(parameters.shortOptionMinimum.wireValue)
      sink.put(parameters.initialMultiplier.rawValue)
      sink.put(parameters.creditCap.rawValue)
    }
    sink.put(UInt32(ledger.credits.count))
    for slot in 1..<UInt32(ledger.credits.count + 1) {
      let credit = ledger.credits[slot]
      sink.put(credit.first)
      sink.put(credit.second)
      sink.put(credit.rate.rawValue)
      sink.put(credit.firstShare.rawValue)
      sink.put(credit.secondShare.rawValue)
    }
  }

  mutating func readRiskGroups(from reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count("risk groups", atMost: limits.assets)) {
      let asset = try reader.get(UInt32.self)
      var parameters = GroupParameters()
      parameters.volatilityInstrument = try reader.get()
      parameters.rangeFloor = try reader.rate()
      parameters.volatilityShock = try reader.rate()
      parameters.spreadRate = try reader.rate()
      parameters.shortOptionMinimum = Money(try reader.get(Int64.self))
      parameters.initialMultiplier = try reader.rate()
      parameters.creditCap = try reader.rate()
      let parts = Rate.zero...Rate.one
      let followed = parameters.volatilityInstrument
      guard asset >= 1, asset <= UInt32(ledger.assets.count), ledger.riskGroup(of: asset) == 0,
        followed == 0 || isUnderlying(asset, of: followed), parts.contains(parameters.rangeFloor),
        parts.contains(parameters.volatilityShock), parts.contains(parameters.spreadRate),
        (Money.zero...Money(Limits.notionalPerAccount)).contains(parameters.shortOptionMinimum),
        (Rate.one...Rate.maximum).contains(parameters.initialMultiplier), parts.contains(parameters.creditCap),
        parameters.creditCap < .one
      else { throw .invalid("risk group") }
      ledger.setRiskGroup(of: asset, to: parameters)
    }
    for _ in 0..<(try reader.count("group credits", atMost: Limits.groupCredits)) { try readCredit(from: &reader) }
  }

  private func isUnderlying(_ asset: UInt32, of instrument: UInt32) -> Bool {
    instrument <= UInt32(ledger.instruments.count) && ledger.instruments[instrument].kind.isLinear
      && ledger.instruments[instrument].baseAsset == asset
  }

  private mutating func readCredit(from reader: inout StateReader) throws(StateError) {
    let (first, second) = (try reader.get(UInt32.self), try reader.get(UInt32.self))
    let credit = GroupCredit(
      first: first, second: second, rate: try reader.rate(), firstShare: try reader.rate(),
      secondShare: try reader.rate())
    let slots = 1...UInt32(max(1, ledger.groups.count))
    let parts = Rate.zero...Rate.one
    guard ledger.groups.count > 0, slots.contains(first), slots.contains(second), first != second,
      ledger.findCredit(first, second) == 0, parts.contains(credit.rate), credit.rate < .one,
      parts.contains(credit.firstShare), parts.contains(credit.secondShare),
      ledger.shares(of: first, without: second).rawValue + credit.firstShare.rawValue <= Rate.one.rawValue,
      ledger.shares(of: second, without: first).rawValue + credit.secondShare.rawValue <= Rate.one.rawValue
    else { throw .invalid("group credit") }
    ledger.setCredit(credit)
  }
}

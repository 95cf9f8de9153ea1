import Margin
import Values
import Wire

// Risk groups of portfolio mode and the relations between them: Protocol/rules.md §2.

extension Kernel {
  mutating func setRiskGroup(_ message: SetRiskGroup, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = SetRiskGroup.Field
    let asset = message.asset == .settlement ? 0 : ledger.find(message.asset)
    try require(asset != 0, Reject(.unknownAsset))
    let instrument = message.volatilityInstrument == .none ? 0 : ledger.find(message.volatilityInstrument)
    try require(instrument != 0 || message.volatilityInstrument == .none, Reject(.unknownInstrument))
    if instrument != 0 {
      try require(
        ledger.instruments[instrument].kind.isLinear && ledger.instruments[instrument].baseAsset == asset,
        .invalid(Field.volatilityInstrument))
    }
    func check<Value: Comparable>(_ value: Value, _ range: ClosedRange<Value>, _ field: Int64) throws(Reject) {
      try require(range.contains(value), Reject(.parameterOutOfRange, field))
    }
    let belowOne = Rate.zero...Rate(Rate.one.rawValue - 1)
    try check(message.rangeFloor, .zero ... .one, Field.rangeFloor)
    try check(message.volatilityShock, .zero ... .one, Field.volatilityShock)
    try check(message.spreadRate, .zero ... .one, Field.spreadRate)
    try check(
      message.shortOptionMinimum, .zero...Money(Limits.notionalPerAccount), Field.shortOptionMinimum)
    try check(message.initialMultiplier, .one ... .maximum, Field.initialMultiplier)
    try check(message.creditCap, belowOne, Field.creditCap)
    try checkLiquidationCost(asset, rangeFloor: message.rangeFloor)
    var parameters = GroupParameters()
    parameters.volatilityInstrument = instrument
    parameters.rangeFloor = message.rangeFloor
    parameters.volatilityShock = message.volatilityShock
    parameters.spreadRate = message.spreadRate
    parameters.shortOptionMinimum = message.shortOptionMinimum
    parameters.initialMultiplier = message.initialMultiplier
    parameters.creditCap = message.creditCap
    ledger.setRiskGroup(of: asset, to: parameters)
    acceptRequest(command, output: &output)
  }

  /// What closing a position costs must stay below the least requirement of a position alone: the floor of the range.
  private func checkLiquidationCost(_ asset: UInt32, rangeFloor: Rate) throws(Reject) {
    for slot in 1..<UInt32(ledger.instruments.count + 1)
    where ledger.instruments[slot].baseAsset == asset && ledger.instruments[slot].kind.isLinear {
      let parameters = ledger.instruments[slot].parameters
      let cost = parameters.liquidationFee.rawValue + parameters.maximumSlippage.rawValue
      try require(
        rangeFloor == .zero || cost < rangeFloor.rawValue,
        Reject(.parameterOutOfRange, SetRiskGroup.Field.rangeFloor))
    }
  }

  mutating func setGroupCredit(_ message: SetGroupCredit, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = SetGroupCredit.Field
    let first = try findGroup(message.first)
    let second = try findGroup(message.second)
    try require(first != second, .invalid(Field.second))
    try require(
      message.rate >= .zero && message.rate < .one, Reject(.parameterOutOfRange, Field.rate))
    for (share, field) in [(message.firstShare, Field.firstShare), (message.secondShare, Field.secondShare)] {
      try require(share >= .zero && share <= .one, Reject(.parameterOutOfRange, field))
    }
    for (group, other, share) in [(first, second, message.firstShare), (second, first, message.secondShare)] {
      let sum = ledger.shares(of: group, without: other).rawValue + share.rawValue
      try require(sum <= Rate.one.rawValue, Reject(.creditShares, sum))
    }
    try require(
      ledger.findCredit(first, second) != 0 || !ledger.credits.isFull,
      Reject(.venueFull, Int64(Limits.groupCredits)))
    ledger.setCredit(
      GroupCredit(
        first: first, second: second, rate: message.rate, firstShare: message.firstShare,
        secondShare: message.secondShare))
    acceptRequest(command, output: &output)
  }

  private func findGroup(_ id: AssetId) throws(Reject) -> UInt32 {
    let asset = id == .settlement ? 0 : ledger.find(id)
    try require(asset != 0, Reject(.unknownAsset))
    let group = ledger.riskGroup(of: asset)
    try require(group != 0, Reject(.noRiskGroup, Int64(id.rawValue)))
    return group
  }

  /// Portfolio mode needs scenarios for every derivative.
  func checkRiskGroup(of instrument: UInt32, mode: AccountMode) throws(Reject) {
    if mode != .portfolio { return }
    let base = ledger.instruments[instrument].base
    try require(ledger.riskGroup(ofInstrument: instrument) != 0, Reject(.noRiskGroup, Int64(base.rawValue)))
  }
}

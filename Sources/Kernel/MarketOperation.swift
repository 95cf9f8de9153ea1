import Margin
import Values
import Wire

// Prices and phases: Protocol/rules.md §4.

extension Kernel {
  mutating func indexPrice(_ message: IndexPrice, _ command: Command, output: inout Output) throws(Reject) {
    try require(message.asset != .settlement, .invalid(IndexPrice.Field.asset))
    let asset = ledger.find(message.asset)
    try require(asset != 0, Reject(.unknownAsset))
    let range = 1...Limits.assetPrice
    if let stable = message.stablePrice {
      try require(range.contains(stable.rawValue), Reject(.invalidPrice, Limits.assetPrice))
    }
    if oracles[asset].isSet && !command.isVenue {
      return try hear(message, asset: asset, command, output: &output)
    }
    try require(range.contains(message.price.rawValue), Reject(.invalidPrice, Limits.assetPrice))
    ledger.setPrice(of: asset, to: message.price, stable: message.stablePrice)
    repriceOptions(on: asset)
    if oracles[asset].isSet {
      // The venue itself, in its first commands, is no source: it says where the index begins.
      oracles[asset].adopt(message.price, at: time)
      assessOracle(asset, output: &output)
      computeMarks(of: asset, output: &output)
    } else {
      noteIndex(of: asset)
    }
    acceptRequest(command, output: &output)
  }

  mutating func markPrice(_ message: MarkPrice, _ command: Command, output: inout Output) throws(Reject) {
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind != .option, .invalid(MarkPrice.Field.instrument))
    try require(!ledger.instruments[instrument].isExpired, Reject(.instrumentExpired))
    let highest = ledger.instruments[instrument].maximumPrice
    try require(!marks[instrument].isSet, .invalid(MarkPrice.Field.instrument))
    try require(message.price >= Price(1), Reject(.invalidPrice, highest.rawValue))
    let isAbove = message.price > highest
    setMark(of: instrument, to: isAbove ? highest : message.price, nil, output: &output)
    if isAbove { change(instrument, to: .halted, output: &output) }
    acceptRequest(command, value: isAbove ? 1 : 0, output: &output)
  }

  mutating func setPhase(_ message: SetPhase, _ command: Command, output: inout Output) throws(Reject) {
    guard let phase = message.phase, phase != .expired else { throw .invalid(SetPhase.Field.phase) }
    if message.instrument != .none {
      let instrument = ledger.find(message.instrument)
      try require(instrument != 0, Reject(.unknownInstrument))
      try require(!ledger.instruments[instrument].isExpired, endReason(of: instrument))
      try require(ledger.instruments[instrument].listing == .active || phase == .halted, haltReason(of: instrument))
      try require(isReady(instrument, for: phase), Reject(.noMarginParameters))
      let changed = change(instrument, to: phase, output: &output)
      acceptRequest(command, value: changed ? 1 : 0, output: &output)
      return
    }
    var changed: Int64 = 0
    for instrument in 1..<UInt32(ledger.instruments.count + 1)
    where !ledger.instruments[instrument].isExpired && isReady(instrument, for: phase) {
      if change(instrument, to: phase, output: &output) { changed += 1 }
    }
    acceptRequest(command, value: changed, output: &output)
  }

  /// A derivative without margin parameters can only be halted.
  func isReady(_ instrument: UInt32, for phase: Phase) -> Bool {
    phase == .halted || ledger.instruments[instrument].kind == .spot || ledger.instruments[instrument].hasParameters
  }

  /// Gives an instrument a phase and tells of it. False: it was in it already.
  @discardableResult mutating func change(_ instrument: UInt32, to phase: Phase, output: inout Output) -> Bool {
    if ledger.instruments[instrument].phase == phase { return false }
    // Pending or suspended it stays halted, whoever asks.
    if ledger.instruments[instrument].listing != .active && phase != .halted && phase != .expired { return false }
    ledger.instruments[instrument].phase = phase
    statusEvent(instrument, output: &output)
    return true
  }
}

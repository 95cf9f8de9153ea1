import Margin
import Values
import Wire

// Parameters of indexes and marks: Protocol/rules.md §4.

extension Kernel {
  mutating func setOracleParameters(
    _ message: SetOracleParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetOracleParameters.Field
    try require(message.asset != .settlement, .invalid(Field.asset))
    let asset = ledger.find(message.asset)
    try require(asset != 0, Reject(.unknownAsset))
    if message.quorum == 0 {
      try require(
        message.riskAge == 0 && message.liquidationAge == 0 && message.deviation == .zero
          && message.confidence == .zero, .invalid(Field.quorum))
      try require(oracles[asset].firstMarked == 0, Reject(.inUse))
      oracles[asset] = OracleRecord.none
    } else {
      let limits = try checkedLimits(message)
      let isNew = !oracles[asset].isSet
      oracles[asset].limits = limits
      if isNew && ledger.assets[asset].hasPrice {
        // The price there is stays the index until its sources have had the time to speak.
        oracles[asset].adopt(ledger.assets[asset].price, at: time)
      }
    }
    assessOracle(asset, output: &output)
    acceptRequest(command, output: &output)
  }

  private func checkedLimits(_ message: SetOracleParameters) throws(Reject) -> OracleLimits {
    typealias Field = SetOracleParameters.Field
    func check(_ holds: Bool, _ field: Int64) throws(Reject) {
      try require(holds, Reject(.parameterOutOfRange, field))
    }
    try check((1...Limits.oracleAge).contains(message.riskAge), Field.riskAge)
    try check((message.riskAge...Limits.oracleAge).contains(message.liquidationAge), Field.liquidationAge)
    try check((Rate(1)...Rate.maximum).contains(message.deviation), Field.deviation)
    try check((Rate.zero...Rate.maximum).contains(message.confidence), Field.confidence)
    try check(Int(message.quorum) <= SourceMedian.capacity, Field.quorum)
    return OracleLimits(
      riskAge: Int64(message.riskAge) * 1_000_000, liquidationAge: Int64(message.liquidationAge) * 1_000_000,
      deviation: message.deviation, confidence: message.confidence, quorum: Int(message.quorum))
  }

  mutating func setMarkParameters(
    _ message: SetMarkParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetMarkParameters.Field
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind.isLinear, .invalid(Field.instrument))
    try require(!ledger.instruments[instrument].isExpired, Reject(.instrumentExpired))
    if message.interval == 0 {
      try require(
        message.minimumInterval == 0 && message.minimumMove == Price(0) && message.band == .zero
          && message.basisWeight == .zero, .invalid(Field.interval))
      unmark(instrument)
    } else {
      let parameters = try checkedParameters(message)
      guard let conversion = indexConversion(of: instrument) else { throw .invalid(Field.instrument) }
      let asset = ledger.instruments[instrument].baseAsset
      try require(oracles[asset].isSet, Reject(.invalidCombination))
      if !marks[instrument].isSet {
        marks[instrument].sampleDue = time
        marks[instrument].publicationDue = .never
      }
      marks[instrument].parameters = parameters
      link(instrument, conversion)
      // A mark moves in Ticks and oracle frames only: the next Tick computes it.
      marks[instrument].sampleDue = min(marks[instrument].sampleDue, time.adding(parameters.interval))
      armMark(instrument)
    }
    acceptRequest(command, output: &output)
  }

  private func checkedParameters(_ message: SetMarkParameters) throws(Reject) -> MarkParameters {
    typealias Field = SetMarkParameters.Field
    func check(_ holds: Bool, _ field: Int64) throws(Reject) {
      try require(holds, Reject(.parameterOutOfRange, field))
    }
    try check((Limits.shortestInterval...Limits.longestInterval).contains(message.interval), Field.interval)
    try check(message.minimumInterval <= Limits.longestInterval, Field.minimumInterval)
    try check((1...Limits.price).contains(message.minimumMove.rawValue), Field.minimumMove)
    try check((Rate.zero...Rate.one).contains(message.band), Field.band)
    try check((Rate.zero...Rate.one).contains(message.basisWeight), Field.basisWeight)
    return MarkParameters(
      interval: Int64(message.interval) * 1_000_000, minimumInterval: Int64(message.minimumInterval) * 1_000_000,
      minimumMove: message.minimumMove.rawValue, band: message.band, basisWeight: message.basisWeight)
  }

  /// How the index of the base asset reads in the instrument's price units.
  func indexConversion(of instrument: UInt32) -> IndexConversion? {
    let asset = ledger.instruments[instrument].baseAsset
    return IndexConversion(
      assetDigits: ledger.assets[asset].digits, priceScale: ledger.assets[asset].priceScale,
      moneyDigits: ledger.moneyDigits, priceUnit: ledger.instruments[instrument].priceUnit)
  }

  /// Puts an instrument among those whose marks are made from the index of its base asset, by slot.
  mutating func link(_ instrument: UInt32, _ conversion: IndexConversion) {
    marks[instrument].numerator = conversion.numerator
    marks[instrument].denominator = conversion.denominator
    let asset = ledger.instruments[instrument].baseAsset
    if !ledger.instruments[instrument].followsIndex {
      var previous: UInt32 = 0
      var next = oracles[asset].firstMarked
      while next != 0 && next < instrument {
        previous = next
        next = marks[next].nextMarked
      }
      marks[instrument].nextMarked = next
      if previous == 0 { oracles[asset].firstMarked = instrument } else { marks[previous].nextMarked = instrument }
    }
    ledger.setFollowsIndex(instrument, to: true)
  }

  /// The mark is no longer computed; it stays what it is until an oracle key sets it.
  mutating func unmark(_ instrument: UInt32) {
    guard marks[instrument].isSet else { return }
    let asset = ledger.instruments[instrument].baseAsset
    if oracles[asset].firstMarked == instrument {
      oracles[asset].firstMarked = marks[instrument].nextMarked
    } else {
      var previous = oracles[asset].firstMarked
      while marks[previous].nextMarked != instrument { previous = marks[previous].nextMarked }
      marks[previous].nextMarked = marks[instrument].nextMarked
    }
    marks[instrument] = MarkRecord.none
    ledger.setFollowsIndex(instrument, to: false)
    timers.set(.mark, instrument, at: .never)
  }
}

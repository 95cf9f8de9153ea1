import Margin
import Values
import Wire

// Interest on balances: Protocol/rules.md, "Interest".

extension Kernel {
  mutating func setInterestParameters(
    _ message: SetInterestParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    let asset = try findAsset(message.asset)
    var parameters = InterestParameters()
    parameters.curve = InterestCurve(
      base: message.base, slope: message.slope, steepSlope: message.steepSlope, kink: message.kink)
    parameters.reserveFactor = message.reserveFactor
    parameters.interval = Int64(message.interval)
    if let field = Self.faultyField(in: parameters) { throw Reject(.parameterOutOfRange, field) }
    ledger.setInterest(of: asset, to: parameters, now: time)
    armInterest(of: asset)
    acceptRequest(command, output: &output)
  }

  /// The id of the first field of SetInterestParameters that is out of range, or `nil`.
  static func faultyField(in parameters: InterestParameters) -> Int64? {
    typealias Field = SetInterestParameters.Field
    let rates = Rate.zero...Rate.maximum
    let shares = Rate.zero...Rate.one
    let curve = parameters.curve
    if parameters.interval != 0 && !(1_000...86_400_000).contains(parameters.interval) { return Field.interval }
    if !rates.contains(curve.base) { return Field.base }
    if !rates.contains(curve.slope) { return Field.slope }
    if !(curve.slope...Rate.maximum).contains(curve.steepSlope) { return Field.steepSlope }
    if !shares.contains(curve.kink) { return Field.kink }
    if !shares.contains(parameters.reserveFactor) { return Field.reserveFactor }
    // Also the highest rate of all stays in range.
    if curve.rate(at: .one) > Rate.maximum { return Field.steepSlope }
    return nil
  }

  /// Sets the timer that an asset's interest needs.
  mutating func armInterest(of asset: UInt32) {
    timers.set(.interest, asset, at: ledger.interest(of: asset).next)
  }

  /// Ends an interval of interest.
  mutating func endInterestInterval(of asset: UInt32, output: inout Output) {
    let before = ledger.interest(of: asset)
    let next = Timestamp(before.next.rawValue + before.parameters.interval * 1_000_000)
    ledger.setNextInterest(of: asset, to: next)
    armInterest(of: asset)
    ledger.endInterestInterval(of: asset)
    publishInterest(of: asset, output: &output)
  }

  /// Tells the feeds of all instruments that the asset is base or quote of.
  private func publishInterest(of asset: UInt32, output: inout Output) {
    let interest = ledger.interest(of: asset)
    var message = InterestRateChanged(
      feedSequence: 0, time: time, instrument: .none, asset: assetId(asset), utilisation: interest.utilisation,
      borrowRate: interest.borrowRate, lendRate: interest.lendRate, borrowed: interest.borrowedNow,
      supplied: interest.suppliedNow, reserve: interest.certainReserve, borrowIndex: interest.borrowIndex.billionths,
      lendIndex: interest.lendIndex.billionths, next: interest.next)
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let record = ledger.instruments[instrument]
      guard !record.isExpired, record.quoteAsset == asset || (asset != 0 && record.baseAsset == asset) else { continue }
      message.instrument = record.id
      output.publish(message)
    }
  }

  /// The id of an asset by its slot; 0: the settlement currency.
  func assetId(_ slot: UInt32) -> AssetId { slot == 0 ? .settlement : ledger.assets[slot].id }

  /// Tells the owners of every balance that was settled since what was paid.
  @inline(__always) mutating func reportInterest(_ command: Command, output: inout Output) {
    if ledger.hasSettledInterest { reportSettledInterest(command, output: &output) }
  }

  private mutating func reportSettledInterest(_ command: Command, output: inout Output) {
    while let paid = ledger.takeSettledInterest() {
      let (accountId, number, now) = (ledger.accounts[paid.account].id, sequence, time)
      let asset = assetId(paid.balance == 0 ? 0 : ledger.balances[paid.balance].asset)
      let balance =
        paid.balance == 0 ? ledger.accounts[paid.account].cash : Money(ledger.balances[paid.balance].amount)
      reportToOwners(of: paid.account, command, output: &output) { head in
        InterestSettled(
          reportNumber: head.reportNumber, requestId: head.requestId, sequence: number, time: now, account: accountId,
          asset: asset, amount: paid.amount, balance: balance)
      }
    }
  }

  /// Answers QueryInterest: the settlement currency, then the assets in order of creation.
  borrowing func answerInterest(_ query: QueryInterest, _ key: KeyId, output: inout Output) -> Int {
    for asset in 0..<UInt32(ledger.assets.count + 1) {
      output.append(interestReport(of: asset, queryId: query.queryId), to: key)
    }
    return ledger.assets.count + 1
  }

  borrowing func interestReport(of asset: UInt32, queryId: UInt64) -> InterestReport {
    let interest = ledger.interest(of: asset)
    let parameters = interest.parameters
    return InterestReport(
      queryId: queryId, asset: assetId(asset), interval: UInt32(parameters.interval), base: parameters.curve.base,
      slope: parameters.curve.slope, steepSlope: parameters.curve.steepSlope, kink: parameters.curve.kink,
      reserveFactor: parameters.reserveFactor, utilisation: interest.utilisation, borrowRate: interest.borrowRate,
      lendRate: interest.lendRate, borrowed: interest.borrowedNow, supplied: interest.suppliedNow,
      reserve: interest.certainReserve, borrowIndex: interest.borrowIndex.billionths,
      lendIndex: interest.lendIndex.billionths, next: interest.next == .never ? Timestamp(0) : interest.next)
  }

  // MARK: The auditor's part

  /// What is wrong with the totals of an asset's interest, by a sum over all accounts; `nil`: nothing.
  /// O(assets × accounts).
  borrowing func interestFault() -> String? {
    for asset in 0..<UInt32(ledger.assets.count + 1) where ledger.interest(of: asset).isUsed {
      let kept = ledger.interest(of: asset)
      let (summed, pending) = ledger.totalInterest(of: asset)
      let name = "interest of asset \(assetId(asset).rawValue)"
      if summed.borrowed != kept.borrowed || summed.borrowedWeight != kept.borrowedWeight { return "\(name): debts" }
      if summed.supplied != kept.supplied || summed.suppliedWeight != kept.suppliedWeight {
        return "\(name): holdings"
      }
      if summed.largest != kept.largest { return "\(name): the largest weight" }
      let reserve = kept.pool - pending
      if reserve < .zero { return "\(name): a reserve of \(reserve.rawValue)" }
      if kept.certainReserve > reserve {
        return "\(name): \(kept.certainReserve.rawValue) reported where the reserve is \(reserve.rawValue)"
      }
    }
    return nil
  }
}

extension InterestIndex {
  /// In 10^-9, rounded down.
  var billionths: UInt64 { UInt64(rawValue / 1_000_000_000) }
}

import Values
import Wire

// Sections 3 and 4 of the rules: deposits, withdrawals, transfers, prices, phases.

extension ReferenceVenue {
  private var largestBalance: Int128 { Int128(Limits.balance) }

  /// Room for what comes in.
  private func requireReceivable(_ index: Int, _ asset: AssetId, _ amount: Int128) throws(Reject) {
    let account = accounts[index]
    if asset != .settlement && account.balances[asset] == nil { try requireRoom(balanceRecords, limits.balances) }
    let receivable = payableAndReceivable(account).receivable[asset] ?? 0
    if account.balance(asset) + receivable + amount > largestBalance { throw Reject(.balanceLimit, largestBalance) }
  }

  /// The withdrawal rule.
  private func requireRemovable(
    _ index: Int, _ asset: AssetId, _ amount: Int128, otherNewRecords: Int = 0
  ) throws(Reject) {
    var after = accounts[index]
    let isNew = after.balances[asset] == nil
    after.balances[asset, default: 0] -= amount
    let payable = payableAndReceivable(after).payable[asset] ?? 0
    let missing = payable - after.balance(asset)
    if !after.mayBorrow && missing > 0 { throw Reject(.insufficientBalance, missing) }
    if -missing < -largestBalance { throw Reject(.balanceLimit, largestBalance) }
    if isNew { try requireRoom(balanceRecords, limits.balances, adding: 1 + otherNewRecords) }
    let margin = margin(of: after)
    if let asset = margin.unpricedDebt { throw Reject(.noPrice, asset.rawValue) }
    if margin.cushion < 0 { throw Reject(.belowMaintenance, margin.cushion) }
    let free = margin.withdrawalEquity - margin.initialMargin
    if free < 0 { throw Reject(.insufficientMargin, free) }
  }

  private func move(_ index: Int, _ asset: AssetId, _ amount: Int128) {
    accounts[index].balances[asset, default: 0] += amount
  }

  func deposit(_ message: Deposit) throws(Reject) {
    let amount = message.amount.rawValue
    try requireField(amount > 0, Deposit.Field.amount)
    let index = try account(message.account)
    try requireAsset(message.asset)
    if accounts[index].parent != .none { throw Reject(.invalidCombination) }
    try requireReceivable(index, message.asset, amount)
    move(index, message.asset, amount)
    netDeposits[message.asset, default: 0] += amount
    reportBalance(index, message.asset, change: amount)
  }

  func withdraw(_ message: Withdraw) throws(Reject) {
    let amount = message.amount.rawValue
    try requireField(amount > 0, Withdraw.Field.amount)
    let index = try account(message.account)
    try requireAsset(message.asset)
    try requireRemovable(index, message.asset, amount)
    move(index, message.asset, -amount)
    netDeposits[message.asset, default: 0] -= amount
    reportBalance(index, message.asset, change: -amount)
  }

  func transfer(_ message: Transfer) throws(Reject) {
    let amount = message.amount.rawValue
    try requireField(amount > 0, Transfer.Field.amount)
    let source = try account(message.source)
    let destination = try account(message.destination)
    try requireAsset(message.asset)
    if source == destination { throw Reject(.sameAccount) }
    let masters = (accounts[source].master, accounts[destination].master)
    if !roles.contains(.treasurer) && (masters.0 != master || masters.1 != master) { throw Reject(.notYourAccount) }
    let isIsolated = accounts[source].parent != .none || accounts[destination].parent != .none
    if isIsolated && masters.0 != masters.1 { throw Reject(.notYourAccount) }
    try requireReceivable(destination, message.asset, amount)
    let isNew = accounts[destination].balances[message.asset] == nil
    try requireRemovable(source, message.asset, amount, otherNewRecords: isNew ? 1 : 0)
    move(source, message.asset, -amount)
    move(destination, message.asset, amount)
    reportBalance(source, message.asset, change: -amount)
    reportBalance(destination, message.asset, change: amount)
  }

  func set(_ message: IndexPrice) throws(Reject) {
    try requireField(message.asset != .settlement, IndexPrice.Field.asset)
    try requireAsset(message.asset)
    let range = 1...Limits.assetPrice
    if !range.contains(message.price.rawValue) || !range.contains(message.stablePrice?.rawValue ?? 1) {
      throw Reject(.invalidPrice, Limits.assetPrice)
    }
    assets[message.asset]!.price = Int128(message.price.rawValue)
    assets[message.asset]!.stablePrice = message.stablePrice.map { Int128($0.rawValue) }
    noteIndex(message.asset)
    accept()
  }

  func set(_ message: MarkPrice) throws(Reject) {
    let instrument = try instrument(message.instrument)
    let price = Int128(message.price.rawValue)
    if price < 1 { throw Reject(.invalidPrice, instrument.maximumPrice) }
    instruments[message.instrument]!.hasMoved = instrument.mark != min(price, instrument.maximumPrice)
    instruments[message.instrument]!.mark = min(price, instrument.maximumPrice)
    if price > instrument.maximumPrice { instruments[message.instrument]!.phase = .halted }
    accept(value: price > instrument.maximumPrice ? 1 : 0)
  }

  func set(_ message: SetPhase) throws(Reject) {
    guard let phase = message.phase else { throw Reject(.invalidField, SetPhase.Field.phase) }
    func isReady(_ instrument: ModelInstrument) -> Bool {
      !instrument.isPerpetual || instrument.parameters != nil || phase == .halted
    }
    if message.instrument != .none {
      let instrument = try instrument(message.instrument)
      if instrument.listing != .active && phase != .halted { throw haltReason(instrument) }
      if !isReady(instrument) { throw Reject(.noMarginParameters) }
    }
    var changed: Int64 = 0
    for (id, instrument) in instruments where message.instrument == .none || message.instrument == id {
      if !isReady(instrument) || instrument.phase == phase { continue }
      if instrument.listing != .active && phase != .halted { continue }
      instruments[id]!.phase = phase
      changed += 1
    }
    accept(value: changed)
  }
}

import Margin
import Values
import Wire

// Liquidation parameters and the insurance fund's money: Protocol/rules.md §2, §3.

extension Kernel {
  mutating func setLiquidationParameters(
    _ message: SetLiquidationParameters, _ command: Command, output: inout Output
  ) throws(Reject) {
    typealias Field = SetLiquidationParameters.Field
    func check(_ holds: Bool, _ field: Int64) throws(Reject) {
      try require(holds, Reject(.parameterOutOfRange, field))
    }
    let fund = ledger.find(message.fund)
    try require(fund != 0, Reject(.unknownAccount))
    try check(message.firstCall > .zero && message.firstCall <= .one, Field.firstCall)
    try check(message.secondCall >= message.firstCall && message.secondCall <= .one, Field.secondCall)
    try check(message.hysteresis >= .zero && message.hysteresis < message.firstCall, Field.hysteresis)
    try check((Rate.one...Rate.maximum).contains(message.target), Field.target)
    try check((Rate.zero...Rate.one).contains(message.takeover), Field.takeover)
    try check((1...3_600_000).contains(message.interval), Field.interval)
    try check(message.attempts >= 1, Field.attempts)
    if fund != desk.fund {
      try require(
        ledger.accounts[fund].mode == .standard && !ledger.accounts[fund].isIsolated
          && ledger.accounts[fund].openOrders == 0 && !isInLiquidation(fund), Reject(.inUse))
      try require(desk.fund == 0 || isFundIdle(), Reject(.inUse))
      ledger.removeBands(of: fund)
      ledger.accounts[fund].state = .normal
    }
    desk.fund = fund
    desk.parameters.fund = message.fund
    desk.parameters.firstCall = message.firstCall
    desk.parameters.secondCall = message.secondCall
    desk.parameters.hysteresis = message.hysteresis
    desk.parameters.target = message.target
    desk.parameters.takeover = message.takeover
    desk.parameters.interval = message.interval
    desk.parameters.staleTimeout = message.staleTimeout
    desk.parameters.attempts = message.attempts
    ledger.needsSweep = true
    if fundIsToBeWoken() { wakeFund() }
    acceptRequest(command, output: &output)
  }

  private func fundIsToBeWoken() -> Bool { ledger.accounts[desk.fund].queue == 0 && !desk.deleveraging.isActive }

  /// Whether the present fund can become an ordinary account: without positions and with nothing under way.
  private func isFundIdle() -> Bool {
    ledger.accounts[desk.fund].queue == 0 && !desk.deleveraging.isActive && nextFundPosition(from: 1) == 0
  }

  mutating func fundInsurance(
    _ message: FundInsurance, _ command: Command, output: inout Output
  ) throws(Reject) {
    try require(message.amount != .zero, .invalid(FundInsurance.Field.amount))
    try require(desk.isOn, Reject(.unknownAccount))
    if message.amount > .zero {
      try checkArrival(message.amount, account: desk.fund, asset: 0)
      ledger.touch(desk.fund)
      ledger.deposit(message.amount, account: desk.fund, asset: 0)
    } else {
      try take(-message.amount, account: desk.fund, asset: 0, command, output: &output)
      ledger.settlement.deposited += message.amount
    }
    desk.totals.contributed += message.amount
    reportBalance(desk.fund, asset: 0, change: message.amount, command, output: &output)
  }
}

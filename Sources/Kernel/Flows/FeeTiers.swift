import Margin
import Values
import Wire

extension Kernel {
  /// Protocol/rules.md §2.
  mutating func setFeeTier(_ message: SetFeeTier, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = SetFeeTier.Field
    let account = ledger.find(message.account)
    try require(account != 0, Reject(.unknownAccount))
    let tier = FeeTier(maker: message.makerMultiple, taker: message.takerMultiple)
    try require(FeeTier.range.contains(tier.maker), Reject(.parameterOutOfRange, Field.makerMultiple))
    try require(FeeTier.range.contains(tier.taker), Reject(.parameterOutOfRange, Field.takerMultiple))
    // Open orders have their provisions at the fees that were in force.
    try require(ledger.accounts[account].openOrders == 0, Reject(.inUse))
    try require(
      areRebatesCovered(by: ledger.feeTiers(replacing: account, with: tier)),
      Reject(.parameterOutOfRange, Field.takerMultiple))
    ledger.accounts[account].feeTier = tier
    acceptRequest(command, output: &output)
  }

  /// Whether no trade of any instrument can cost the venue money.
  func areRebatesCovered(by tiers: FeeTierRange) -> Bool {
    for instrument in 1..<UInt32(ledger.instruments.count + 1) {
      let record = ledger.instruments[instrument]
      if !tiers.covers(maker: record.makerFee, taker: record.takerFee) { return false }
    }
    return true
  }
}

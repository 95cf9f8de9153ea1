import Kernel
import Solvency
import Storage
import Values

/// What a solvency report says of a snapshot, before the tree and the signature.
public struct LiabilitySource: Sendable {
  public let report: SolvencyReport
  public let accounts: [SolvencyAccount]

  /// Reads what the venue owes in `snapshot`. O(state).
  public init(_ snapshot: inout NewestSnapshot) {
    let log = snapshot.header.log
    let context = SolvencyContext(
      venueId: snapshot.header.identity.venueId, sequence: log.sequence, time: log.time,
      stateHash: snapshot.header.stateHash, logChain: log.logChain)
    self.init(
      snapshot.kernel.liabilities(), context: context, moneyDigits: snapshot.kernel.venue.moneyDigits)
  }

  init(_ liabilities: Liabilities, context: SolvencyContext, moneyDigits: UInt8) {
    report = SolvencyReport(
      context: context, moneyDigits: moneyDigits, assets: liabilities.assets.map(ReportedAsset.init),
      house: liabilities.house.map(HouseBucket.init))
    accounts = liabilities.accounts.map { account in
      let rest = [account.positions, account.equity, account.maintenanceMargin]
      return SolvencyAccount(id: account.id, figures: (account.balances + rest).map(\.rawValue))
    }
  }
}

extension ReportedAsset {
  fileprivate init(_ asset: Liabilities.Asset) {
    self.init(
      id: asset.id, symbol: asset.symbol, digits: asset.digits, priceScale: asset.priceScale, price: asset.price,
      deposited: asset.deposited)
  }
}

extension HouseBucket {
  fileprivate init(_ entry: Liabilities.House) {
    let kind: Kind =
      switch entry.kind {
      case .fees: .fees
      case .pool: .pool
      case .insuranceFund: .insuranceFund
      case .reserve: .reserve
      case .dust: .dust
      case .accrued: .accrued
      }
    self.init(kind, asset: entry.asset, instrument: entry.instrument, amount: entry.amount)
  }
}

import Margin
import Values

/// What the venue owes: every account's balances and positions without haircuts, and the money that is nobody's but the
/// house's. For every asset, deposits less withdrawals are the balances and the house's entries; for the settlement
/// currency also the value of the positions.
public struct Liabilities: Sendable {
  public struct Asset: Sendable {
    public var id: AssetId
    public var symbol: Symbol
    public var digits: UInt8
    /// e: value in mq = quanta × price / 10^e.
    public var priceScale: UInt8
    /// 0: none yet. The settlement currency has price 1, e 0.
    public var price: Price
    /// Deposits less withdrawals, quanta.
    public var deposited: Money
  }

  public struct Account: Sendable {
    public var id: AccountId
    /// One per asset, in their order, in quanta, with interest; negative: a debt.
    public var balances: [Money]
    /// Equity that is no balance, mq: unrealised profit, net option value, what funding owes and has not paid.
    public var positions: Money
    /// Without haircuts and add-ons, mq: settlement balance + positions + Σ ⌊balance × price / 10^e⌋.
    public var equity: Money
    public var maintenanceMargin: Money
  }

  /// Money that belongs to no account.
  public struct House: Sendable {
    public enum Kind: Sendable { case fees, pool, insuranceFund, reserve, dust, accrued }

    public var kind: Kind
    public var asset: AssetId
    /// Of a pool.
    public var instrument: InstrumentId = .none
    public var amount: Money
  }

  /// The settlement currency first, then by rising id.
  public var assets: [Asset] = []
  /// In order of creation, without the insurance fund's.
  public var accounts: [Account] = []
  public var house: [House] = []
}

extension Kernel {
  /// Lists what the venue owes. Caches are refreshed on the way, nothing durable changes.
  /// O(accounts × assets + positions).
  public mutating func liabilities() -> Liabilities {
    var result = Liabilities()
    let columns = (1..<UInt32(ledger.assets.count + 1)).sorted { ledger.assets[$0].id < ledger.assets[$1].id }
    result.assets = [asset(ledger.settlement, price: Price(1))]
    for slot in columns { result.assets.append(asset(ledger.assets[slot], price: ledger.assets[slot].price)) }
    result.accounts.reserveCapacity(ledger.accounts.count)
    var unsettled = Money.zero
    var fund: Liabilities.Account?
    for slot in 1..<UInt32(ledger.accounts.count + 1) {
      let account = liability(of: slot, columns, result.assets)
      unsettled += account.positions + entryValue(of: slot)
      if slot == desk.fund { fund = account } else { result.accounts.append(account) }
    }
    result.house = houseMoney() + fundMoney(fund, result.assets)
    if unsettled != .zero { result.house.append(.init(kind: .accrued, asset: .settlement, amount: -unsettled)) }
    return result
  }

  /// All money that is in no account. Whatever ``conservationFault()`` counts beside the accounts is listed here.
  private func houseMoney() -> [Liabilities.House] {
    var house = entries(of: ledger.settlement, slot: 0)
    for slot in 1..<UInt32(ledger.assets.count + 1) { house += entries(of: ledger.assets[slot], slot: slot) }
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      let instrument = ledger.instruments[slot]
      let pool = instrument.expiry.pool + instrument.funding.pool
      if pool != .zero { house.append(.init(kind: .pool, asset: .settlement, instrument: instrument.id, amount: pool)) }
    }
    return house
  }

  /// The insurance fund: it is in an account, but owed to nobody. In the settlement currency with its positions.
  private func fundMoney(_ fund: Liabilities.Account?, _ assets: [Liabilities.Asset]) -> [Liabilities.House] {
    guard let fund else { return [] }
    return zip(assets, fund.balances).map { asset, balance in
      let positions = asset.id == .settlement ? fund.positions : .zero
      return .init(kind: .insuranceFund, asset: asset.id, amount: balance + positions)
    }
  }

  /// The house's own money in one asset. The reserve is what the pool of its interest will be when every balance is
  /// settled, as the balances listed are.
  private func entries(of asset: Asset, slot: UInt32) -> [Liabilities.House] {
    var entries = [Liabilities.House(kind: .fees, asset: asset.id, amount: asset.fees)]
    if asset.dust != .zero { entries.append(.init(kind: .dust, asset: asset.id, amount: asset.dust)) }
    if asset.interest.isUsed {
      let reserve = asset.interest.pool - ledger.totalInterest(of: slot).pending
      entries.append(.init(kind: .reserve, asset: asset.id, amount: reserve))
    }
    return entries
  }

  private func asset(_ record: Asset, price: Price) -> Liabilities.Asset {
    Liabilities.Asset(
      id: record.id, symbol: record.symbol, digits: record.digits, priceScale: record.priceScale, price: price,
      deposited: record.deposited)
  }

  /// One account; `columns` are the slots of the assets in their order.
  private mutating func liability(
    of slot: UInt32, _ columns: [UInt32], _ assets: [Liabilities.Asset]
  ) -> Liabilities.Account {
    let margin = ledger.currentMargin(of: slot)
    let record = ledger.accounts[slot]
    let cash = ledger.cash(of: slot)
    let positions = margin.equity - cash - record.collateralMaintenance
    var balances = [cash]
    var equity = cash + positions
    for (column, asset) in columns.enumerated() {
      let balance = ledger.findBalance(account: slot, asset: asset)
      let amount = balance == 0 ? Money.zero : Money(ledger.amount(of: balance))
      balances.append(amount)
      equity += plainValue(of: amount, assets[column + 1])
    }
    return Liabilities.Account(
      id: record.id, balances: balances, positions: positions, equity: equity,
      maintenanceMargin: margin.maintenanceMargin)
  }

  /// Σ cost: what the open positions were entered at.
  private func entryValue(of slot: UInt32) -> Money {
    var total = Money.zero
    var position = ledger.accounts[slot].firstPosition
    while position != 0 {
      total += ledger.positions[position].cost
      position = ledger.positions[position].next
    }
    return total
  }

  /// ⌊quanta × price / 10^e⌋.
  private func plainValue(of quanta: Money, _ asset: Liabilities.Asset) -> Money {
    var scale: Int128 = 1
    for _ in 0..<asset.priceScale { scale *= 10 }
    return Money((quanta.rawValue * Int128(asset.price.rawValue)).dividedRoundingDown(by: scale))
  }
}

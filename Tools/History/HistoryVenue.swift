import Kernel
import Values
import Wire

/// A kernel that history is driven through: frames in, with the time they are logged at, and what it told.
final class HistoryVenue {
  private(set) var kernel: Kernel
  private var output = Output()
  private var time: Int64
  private var requests: UInt64 = 0
  private(set) var diary = HistoryDiary()
  /// What was paid in, per asset, as this side of the venue has counted it.
  private var paidIn: [AssetId: Money] = [:]

  static let staff = KeyId(1)

  /// A venue that begins at `start` nanoseconds.
  init(start: Int64) {
    let definition = DefineVenue(
      requestId: 1, venueId: 1, name: "history", assets: 8, schedules: 8, instruments: 8, accounts: 64, keys: 64,
      positions: 512, balances: 512, orders: 4096, ordersPerAccount: 256, workPerTick: 64, auditInterval: 0,
      moneyDigits: 8)
    kernel = Kernel(venue: definition)
    time = start
    send(definition, from: .venue)
    send(
      DefineKey(
        requestId: 0, key: Self.staff, master: .none, publicKey: Bytes32(),
        roles: .all.subtracting([.trader, .firmAdmin])),
      from: .venue)
  }

  /// Applies a message one nanosecond after the last one; the request id is filled in.
  func send<M: Message>(_ message: M, from key: KeyId = staff) {
    var bytes = [UInt8](unsafeUninitializedCapacity: M.frameLength) { buffer, count in
      message.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = M.frameLength
    }
    time = max(time + 1, kernel.time.rawValue + 1)
    if key != .venue {
      requests += 1
      bytes.withUnsafeMutableBytes {
        $0.storeBytes(of: requests.littleEndian, toByteOffset: FrameHeader.length, as: UInt64.self)
      }
    }
    output.clear()
    bytes.withUnsafeBytes { kernel.apply(Frame($0), key: key, time: Timestamp(time), output: &output) }
    output.forEachFrame { key, frame in diary.note(frame, to: key) }
  }

  func deposit(_ account: AccountId, _ asset: AssetId, _ amount: Money) {
    paidIn[asset, default: .zero] += amount
    send(Deposit(requestId: 0, account: account, asset: asset, amount: amount))
  }

  func fundInsurance(_ amount: Money) {
    paidIn[.settlement, default: .zero] += amount
    send(FundInsurance(requestId: 0, amount: amount))
  }

  /// Lets time pass until `seconds`, with the Ticks that come due on the way.
  func pass(until seconds: Int64) {
    let end = seconds * 1_000_000_000
    while kernel.nextDue.rawValue <= end || kernel.hasPendingWork {
      time = max(time, min(kernel.nextDue.rawValue, end) - 1)
      send(Tick(work: 64), from: .venue)
    }
    time = max(time, end)
  }

  /// The first row of one kind in the answer to a query.
  func ask<Q: Message, M: Message>(_ query: Q, for type: M.Type) -> M? {
    output.clear()
    let bytes = [UInt8](unsafeUninitializedCapacity: Q.frameLength) { buffer, count in
      query.encode(to: UnsafeMutableRawPointer(buffer.baseAddress!))
      count = Q.frameLength
    }
    bytes.withUnsafeBytes { kernel.answer(Frame($0), key: Self.staff, output: &output) }
    var found: M?
    output.forEachFrame { _, frame in
      if found == nil && Frame(frame).template == M.template { found = Frame(frame).decode(type) }
    }
    return found
  }

  /// Marks of the instruments that have one, in cents.
  func marks() -> [InstrumentId: Int64] {
    var marks: [InstrumentId: Int64] = [:]
    for instrument in [
      HistoryCast.perpetual, HistoryCast.future, HistoryCast.call, HistoryCast.put, HistoryCast.protection,
    ] {
      let report = ask(QueryMarks(queryId: 0, instrument: instrument), for: MarkReport.self)
      marks[instrument] = report?.mark?.rawValue
    }
    return marks
  }

  /// A difference between the incremental engine and the full recompute, or money that is not conserved.
  func finding() -> String? { kernel.auditAll()?.description ?? moneyFault() }

  /// Where the money is, in the settlement currency.
  func money() -> HistoryMoney {
    let liabilities = kernel.liabilities()
    var money = HistoryMoney(paidIn: paidIn[.settlement] ?? .zero)
    for account in liabilities.accounts {
      money.balances += account.balances[0]
      money.positions += account.positions
    }
    for entry in liabilities.house where entry.asset == .settlement {
      if entry.kind == .insuranceFund { money.fund += entry.amount } else { money.house += entry.amount }
    }
    return money
  }

  /// Whether anything is missing of what was paid in, asset by asset, or has been added to it.
  private func moneyFault() -> String? {
    let liabilities = kernel.liabilities()
    for (column, asset) in liabilities.assets.enumerated() {
      var sum = liabilities.accounts.reduce(Money.zero) { $0 + $1.balances[column] }
      if asset.id == .settlement { sum += liabilities.accounts.reduce(Money.zero) { $0 + $1.positions } }
      for entry in liabilities.house where entry.asset == asset.id { sum += entry.amount }
      let paid = paidIn[asset.id] ?? .zero
      if sum != paid { return "asset \(asset.id.rawValue): \(paid.rawValue) was paid in, \(sum.rawValue) is there" }
    }
    return nil
  }
}

/// Where the settlement currency is at the end of a run, mq: all parts add up to what was paid in.
public struct HistoryMoney: Sendable {
  public internal(set) var paidIn: Money
  /// Cash of all accounts but the fund's.
  public internal(set) var balances = Money.zero
  /// What their positions are worth, funding due included.
  public internal(set) var positions = Money.zero
  /// The insurance fund, with its positions.
  public internal(set) var fund = Money.zero
  /// Fees, pools, roundings and what has accrued.
  public internal(set) var house = Money.zero
  public var isConserved: Bool { balances + positions + fund + house == paidIn }
}

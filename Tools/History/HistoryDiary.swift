import Values
import Wire

/// What a venue told its accounts and the risk feed while history ran. Times are seconds.
public struct HistoryDiary: Sendable {
  public struct Call: Sendable {
    public let time: Int64
    public let account: AccountId
    public let state: MarginState
    public let before: MarginState
    public let margin: AccountMargin
  }

  public struct Step: Sendable {
    public let time: Int64
    public let account: AccountId
    public let instrument: InstrumentId
    public let action: LiquidationAction
    /// Cents.
    public let price: Int64?
    /// Lots of 0.001 BTC.
    public let lots: Int64
    public let value: Money
    public let fee: Money
  }

  public internal(set) var calls: [Call] = []
  public internal(set) var steps: [Step] = []
  /// Funding that was paid to each account, in all; negative: it has paid.
  public internal(set) var funding: [AccountId: Money] = [:]
  /// Exchanges of funding: seconds, ppb.
  public internal(set) var fundingRates: [(time: Int64, rate: Int64)] = []
  /// Commands that the venue has refused.
  public internal(set) var refusals: [String] = []

  mutating func note(_ bytes: UnsafeRawBufferPointer, to key: KeyId) {
    let frame = Frame(bytes)
    func seconds(_ time: Timestamp) -> Int64 { time.rawValue / 1_000_000_000 }
    switch frame.template {
    case .marginCall:
      let call = frame.decode(MarginCall.self)
      guard let state = call.state, let before = call.before else { return }
      calls.append(
        Call(
          time: seconds(call.time), account: call.account, state: state, before: before, margin: call.margin))
    case .liquidationStep:
      let step = frame.decode(LiquidationStep.self)
      guard let action = step.action else { return }
      steps.append(
        Step(
          time: seconds(step.time), account: step.account, instrument: step.instrument, action: action,
          price: step.price?.rawValue, lots: step.quantity.rawValue, value: step.value, fee: step.fee))
    case .fundingSettled:
      let payment = frame.decode(FundingSettled.self)
      funding[payment.account, default: .zero] += payment.amount
    case .fundingRateChanged:
      let exchange = frame.decode(FundingRateChanged.self)
      fundingRates.append((seconds(exchange.time), exchange.rate.rawValue))
    case .orderRejected:
      let refusal = frame.decode(OrderRejected.self)
      refusals.append("order of \(HistoryCast.name(refusal.account)): \(refusal.reason.map { "\($0)" } ?? "?")")
    case .requestRejected:
      let refusal = frame.decode(RequestRejected.self)
      refusals.append("request: \(refusal.reason.map { "\($0)" } ?? "?"), \(refusal.detail)")
    default: break
    }
  }
}

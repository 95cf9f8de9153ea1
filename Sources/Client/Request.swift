import Wire

/// A message that changes the venue's state: it carries a request id, and exactly one first report answers it.
public protocol Request: Message {
  /// Rises strictly per key; the client fills it in.
  var requestId: UInt64 { get set }
}

extension NewOrder: Request {}
extension NewGuardedOrder: Request {}
extension NewContingentOrder: Request {}
extension ReplaceContingentOrder: Request {}
extension CancelOrder: Request {}
extension ReplaceOrder: Request {}
extension MassQuote: Request {}
extension MassCancel: Request {}
extension SetCountdown: Request {}
extension SetListing: Request {}
extension Deposit: Request {}
extension Withdraw: Request {}
extension Transfer: Request {}
extension IndexPrice: Request {}
extension MarkPrice: Request {}
extension SetPhase: Request {}
extension SetKillSwitch: Request {}
extension TakeSnapshot: Request {}
extension DefineSchedule: Request {}
extension DefineAsset: Request {}
extension DefineInstrument: Request {}
extension DefineFuture: Request {}
extension DefineOption: Request {}
extension SetOptionParameters: Request {}
extension SetImpliedVolatility: Request {}
extension SetMarginParameters: Request {}
extension SetImpactCurve: Request {}
extension SetVolatilityParameters: Request {}
extension SetSchedule: Request {}
extension SetAssetParameters: Request {}
extension SetInstrumentLimits: Request {}
extension SetLiquidityParameters: Request {}
extension SetRiskGroup: Request {}
extension SetGroupCredit: Request {}
extension SetFundingParameters: Request {}
extension SetInterestParameters: Request {}
extension SetFeeTier: Request {}
extension SetPreventionGroup: Request {}
extension SetMarkParameters: Request {}
extension SetOracleParameters: Request {}
extension SetLiquidationParameters: Request {}
extension SetPriceHistory: Request {}
extension SetAccountLimits: Request {}
extension FundInsurance: Request {}
extension CreateAccount: Request {}
extension ChangeAccount: Request {}
extension DefineKey: Request {}
extension ChangeKeyRoles: Request {}

/// A message that only asks; its answers and the closing `QueryEnd` repeat the query id.
public protocol Query: Message {
  /// Chosen by the client, which fills it in.
  var queryId: UInt64 { get set }
}

extension QueryMargin: Query {}
extension QueryPositions: Query {}
extension QueryOpenOrders: Query {}
extension QueryStatus: Query {}
extension QueryAccounts: Query {}
extension QueryInstruments: Query {}
extension QueryMarks: Query {}
extension QueryBalances: Query {}
extension QueryParameters: Query {}
extension Preview: Query {}
extension QueryStress: Query {}
extension QueryValueAtRisk: Query {}
extension QueryHedge: Query {}
extension QueryKeys: Query {}
extension QueryGreeks: Query {}
extension QueryRelief: Query {}
extension QueryBands: Query {}
extension QueryInsurance: Query {}
extension QueryInterest: Query {}
extension Subscribe: Query {}
extension Unsubscribe: Query {}

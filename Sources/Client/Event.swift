import Values
import Wire

/// What a client hears, in the order in which it happened.
public enum Event: Equatable, Sendable {
  // The session.
  case established(Establishment)
  /// These reports are too old: the server cannot send them again. Query orders and positions instead.
  case reportsMissed(ClosedRange<UInt64>)
  /// The session layer refused a request. Its id was not consumed, and the venue never saw it.
  case sessionRejected(SessionReject)
  case terminated(Terminate)
  case disconnected(ClientError)

  // Reports.
  case accepted(OrderAccepted)
  case filled(OrderFilled)
  case cancelled(OrderCancelled)
  case expired(OrderExpired)
  case replaced(OrderReplaced)
  case rejected(OrderRejected)
  case held(OrderHeld)
  case requestAccepted(RequestAccepted)
  case requestRejected(RequestRejected)
  case balanceChanged(BalanceChanged)
  case quotesAcknowledged(QuotesAcknowledged, [QuotesAcknowledged.Row])
  case massCancelDone(MassCancelDone)
  case fundingSettled(FundingSettled)
  case marginCall(MarginCall)
  case liquidationStep(LiquidationStep)
  case positionSettled(PositionSettled)
  case interestSettled(InterestSettled)
  case snapshotTaken(SnapshotTaken)

  // Answers to queries.
  case margin(MarginReport)
  case marginTerm(MarginTerm)
  case groupTerm(GroupTerm)
  case position(PositionReport)
  case openOrder(OpenOrderReport)
  case balance(BalanceReport)
  case account(AccountReport)
  case instrument(InstrumentReport)
  case status(StatusReport)
  case riskRates(RiskRateReport)
  case greeks(GreeksReport)
  case impactCurve(ImpactCurveReport, [ImpactCurveReport.Row])
  case preview(PreviewReport)
  case heldOrder(HeldOrderReport)
  case stress(StressReport)
  case valueAtRisk(ValueAtRiskReport)
  case valueAtRiskTerm(ValueAtRiskTerm)
  case hedge(HedgeReport)
  case key(KeyReport)
  case relief(ReliefReport)
  case index(IndexReport)
  case source(SourceReport)
  case mark(MarkReport)
  case band(BandReport)
  case insurance(InsuranceReport)
  case interest(InterestReport)
  case marginParameters(MarginParametersReport)
  case schedule(ScheduleReport, [ScheduleReport.Row])
  case asset(AssetReport)
  case queryEnd(QueryEnd)

  // Market data.
  case bookSnapshot(BookSnapshot)
  case bookOrder(BookOrder)
  case bookOrderChanged(BookOrderChanged)
  case bookOrderRemoved(BookOrderRemoved)
  case bookLevel(BookLevel)
  case trade(Trade)
  case instrumentStatus(InstrumentStatus)
  case bestPrice(BestPrice)
  case statistics(Statistics)
  case instrumentDefinition(InstrumentDefinition)

  // The risk feed.
  case riskRateChanged(RiskRateChanged)
  case impliedVolatilityChanged(ImpliedVolatilityChanged)
  case impactCurveChanged(ImpactCurveChanged, [ImpactCurveChanged.Row])
  case markChanged(MarkChanged)
  case oracleStateChanged(OracleStateChanged)
  case liquidation(LiquidationEvent)
  case interestRateChanged(InterestRateChanged)
}

/// How a session begins.
public struct Establishment: Equatable, Sendable {
  /// Who the server says it is, and what this key may do.
  public let identity: NegotiateAck
  /// Limits, the last request the venue has seen, the reports that will be sent again.
  public let terms: EstablishAck
  /// Requests that were sent earlier but never reached the venue, ascending: send them again, with new ids, if they are
  /// still wanted. (All other unanswered ones were consumed, and their reports follow.)
  public let lostRequests: [UInt64]
  /// The server knows fewer reports than this client has seen: it lost the newest part of its journal (power loss in
  /// durability mode `os` or `none`). What those reports said did not survive; query orders and positions.
  public var journalRegressed: Bool { terms.journalRegressed == true }
}

extension Event {
  /// The request that this event answers or belongs to; 0: none of this key's.
  public var requestId: UInt64 {
    switch self {
    case .accepted(let report): report.requestId
    case .filled(let report): report.requestId
    case .cancelled(let report): report.requestId
    case .expired(let report): report.requestId
    case .replaced(let report): report.requestId
    case .rejected(let report): report.requestId
    case .held(let report): report.requestId
    case .requestAccepted(let report): report.requestId
    case .requestRejected(let report): report.requestId
    case .balanceChanged(let report): report.requestId
    case .quotesAcknowledged(let report, _): report.requestId
    case .massCancelDone(let report): report.requestId
    case .fundingSettled(let report): report.requestId
    case .marginCall(let report): report.requestId
    case .liquidationStep(let report): report.requestId
    case .positionSettled(let report): report.requestId
    case .interestSettled(let report): report.requestId
    case .sessionRejected(let reject): reject.requestId
    default: 0
    }
  }

  /// Its number among the reports of this key; `nil`: not a report, or one that is not numbered.
  public var reportNumber: UInt64? {
    let number =
      switch self {
      case .accepted(let report): report.reportNumber
      case .filled(let report): report.reportNumber
      case .cancelled(let report): report.reportNumber
      case .expired(let report): report.reportNumber
      case .replaced(let report): report.reportNumber
      case .rejected(let report): report.reportNumber
      case .held(let report): report.reportNumber
      case .requestAccepted(let report): report.reportNumber
      case .requestRejected(let report): report.reportNumber
      case .balanceChanged(let report): report.reportNumber
      case .quotesAcknowledged(let report, _): report.reportNumber
      case .massCancelDone(let report): report.reportNumber
      case .fundingSettled(let report): report.reportNumber
      case .marginCall(let report): report.reportNumber
      case .liquidationStep(let report): report.reportNumber
      case .positionSettled(let report): report.reportNumber
      case .interestSettled(let report): report.reportNumber
      default: UInt64(0)
      }
    return number == 0 ? nil : number
  }

  /// The query that this event answers; 0: none.
  public var queryId: UInt64 {
    switch self {
    case .margin(let row): row.queryId
    case .marginTerm(let row): row.queryId
    case .groupTerm(let row): row.queryId
    case .position(let row): row.queryId
    case .openOrder(let row): row.queryId
    case .heldOrder(let row): row.queryId
    case .valueAtRisk(let row): row.queryId
    case .valueAtRiskTerm(let row): row.queryId
    case .hedge(let row): row.queryId
    case .key(let row): row.queryId
    case .balance(let row): row.queryId
    case .account(let row): row.queryId
    case .instrument(let row): row.queryId
    case .status(let row): row.queryId
    case .riskRates(let row): row.queryId
    case .greeks(let row): row.queryId
    case .impactCurve(let row, _): row.queryId
    case .preview(let row): row.queryId
    case .stress(let row): row.queryId
    case .relief(let row): row.queryId
    case .index(let row): row.queryId
    case .source(let row): row.queryId
    case .mark(let row): row.queryId
    case .band(let row): row.queryId
    case .insurance(let row): row.queryId
    case .interest(let row): row.queryId
    case .marginParameters(let row): row.queryId
    case .schedule(let row, _): row.queryId
    case .asset(let row): row.queryId
    case .queryEnd(let end): end.queryId
    default: 0
    }
  }

  /// Why the request was refused; `nil` when this event refuses nothing.
  public var rejection: Rejection? {
    switch self {
    case .rejected(let report):
      Rejection(
        reasonCode: report.reasonCode, detail: report.detail, template: report.template, requestId: report.requestId)
    case .requestRejected(let report):
      Rejection(
        reasonCode: report.reasonCode, detail: report.detail, template: report.template, requestId: report.requestId)
    case .sessionRejected(let reject):
      Rejection(
        reasonCode: reject.reasonCode, detail: reject.detail, template: reject.template, requestId: reject.requestId)
    default: nil
    }
  }

  /// The event in a frame from the server; `nil` for the messages of the login and for heartbeats.
  public init?(_ frame: Frame) {
    switch frame.template {
    case .sessionReject: self = .sessionRejected(frame.decode(SessionReject.self))
    case .terminate: self = .terminated(frame.decode(Terminate.self))
    case .orderAccepted: self = .accepted(frame.decode(OrderAccepted.self))
    case .orderFilled: self = .filled(frame.decode(OrderFilled.self))
    case .orderCancelled: self = .cancelled(frame.decode(OrderCancelled.self))
    case .orderExpired: self = .expired(frame.decode(OrderExpired.self))
    case .orderReplaced: self = .replaced(frame.decode(OrderReplaced.self))
    case .orderHeld: self = .held(frame.decode(OrderHeld.self))
    case .orderRejected: self = .rejected(frame.decode(OrderRejected.self))
    case .requestAccepted: self = .requestAccepted(frame.decode(RequestAccepted.self))
    case .requestRejected: self = .requestRejected(frame.decode(RequestRejected.self))
    case .balanceChanged: self = .balanceChanged(frame.decode(BalanceChanged.self))
    case .quotesAcknowledged:
      self = .quotesAcknowledged(frame.decode(QuotesAcknowledged.self), frame.rows(of: QuotesAcknowledged.self))
    case .massCancelDone: self = .massCancelDone(frame.decode(MassCancelDone.self))
    case .fundingSettled: self = .fundingSettled(frame.decode(FundingSettled.self))
    case .marginCall: self = .marginCall(frame.decode(MarginCall.self))
    case .liquidationStep: self = .liquidationStep(frame.decode(LiquidationStep.self))
    case .positionSettled: self = .positionSettled(frame.decode(PositionSettled.self))
    case .interestSettled: self = .interestSettled(frame.decode(InterestSettled.self))
    case .snapshotTaken: self = .snapshotTaken(frame.decode(SnapshotTaken.self))
    case .marginReport: self = .margin(frame.decode(MarginReport.self))
    case .marginTerm: self = .marginTerm(frame.decode(MarginTerm.self))
    case .groupTerm: self = .groupTerm(frame.decode(GroupTerm.self))
    case .positionReport: self = .position(frame.decode(PositionReport.self))
    case .heldOrderReport: self = .heldOrder(frame.decode(HeldOrderReport.self))
    case .openOrderReport: self = .openOrder(frame.decode(OpenOrderReport.self))
    case .balanceReport: self = .balance(frame.decode(BalanceReport.self))
    case .accountReport: self = .account(frame.decode(AccountReport.self))
    case .instrumentReport: self = .instrument(frame.decode(InstrumentReport.self))
    case .statusReport: self = .status(frame.decode(StatusReport.self))
    case .riskRateReport: self = .riskRates(frame.decode(RiskRateReport.self))
    case .greeksReport: self = .greeks(frame.decode(GreeksReport.self))
    case .impliedVolatilityChanged: self = .impliedVolatilityChanged(frame.decode(ImpliedVolatilityChanged.self))
    case .impactCurveReport:
      self = .impactCurve(frame.decode(ImpactCurveReport.self), frame.rows(of: ImpactCurveReport.self))
    case .previewReport: self = .preview(frame.decode(PreviewReport.self))
    case .stressReport: self = .stress(frame.decode(StressReport.self))
    case .valueAtRiskReport: self = .valueAtRisk(frame.decode(ValueAtRiskReport.self))
    case .valueAtRiskTerm: self = .valueAtRiskTerm(frame.decode(ValueAtRiskTerm.self))
    case .hedgeReport: self = .hedge(frame.decode(HedgeReport.self))
    case .keyReport: self = .key(frame.decode(KeyReport.self))
    case .reliefReport: self = .relief(frame.decode(ReliefReport.self))
    case .indexReport: self = .index(frame.decode(IndexReport.self))
    case .sourceReport: self = .source(frame.decode(SourceReport.self))
    case .markReport: self = .mark(frame.decode(MarkReport.self))
    case .bandReport: self = .band(frame.decode(BandReport.self))
    case .insuranceReport: self = .insurance(frame.decode(InsuranceReport.self))
    case .interestReport: self = .interest(frame.decode(InterestReport.self))
    case .marginParametersReport: self = .marginParameters(frame.decode(MarginParametersReport.self))
    case .scheduleReport: self = .schedule(frame.decode(ScheduleReport.self), frame.rows(of: ScheduleReport.self))
    case .assetReport: self = .asset(frame.decode(AssetReport.self))
    case .queryEnd: self = .queryEnd(frame.decode(QueryEnd.self))
    case .bookSnapshot: self = .bookSnapshot(frame.decode(BookSnapshot.self))
    case .bookOrder: self = .bookOrder(frame.decode(BookOrder.self))
    case .bookOrderChanged: self = .bookOrderChanged(frame.decode(BookOrderChanged.self))
    case .bookOrderRemoved: self = .bookOrderRemoved(frame.decode(BookOrderRemoved.self))
    case .bookLevel: self = .bookLevel(frame.decode(BookLevel.self))
    case .trade: self = .trade(frame.decode(Trade.self))
    case .instrumentStatus: self = .instrumentStatus(frame.decode(InstrumentStatus.self))
    case .bestPrice: self = .bestPrice(frame.decode(BestPrice.self))
    case .statistics: self = .statistics(frame.decode(Statistics.self))
    case .instrumentDefinition: self = .instrumentDefinition(frame.decode(InstrumentDefinition.self))
    case .riskRateChanged: self = .riskRateChanged(frame.decode(RiskRateChanged.self))
    case .impactCurveChanged:
      self = .impactCurveChanged(frame.decode(ImpactCurveChanged.self), frame.rows(of: ImpactCurveChanged.self))
    case .markChanged: self = .markChanged(frame.decode(MarkChanged.self))
    case .oracleStateChanged: self = .oracleStateChanged(frame.decode(OracleStateChanged.self))
    case .liquidationEvent: self = .liquidation(frame.decode(LiquidationEvent.self))
    case .interestRateChanged: self = .interestRateChanged(frame.decode(InterestRateChanged.self))
    default: return nil
    }
  }
}

extension Frame {
  /// All rows of a message that is known to have them.
  fileprivate func rows<M: MessageWithRows>(of type: M.Type) -> [M.Row] {
    (0..<rowCount(of: type)).map { row($0, of: type) }
  }
}

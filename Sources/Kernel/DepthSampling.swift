import Margin
import Matching
import Values
import Wire

// Impact curves that follow the book: Protocol/rules.md §2 and §9.

extension Kernel {
  mutating func setLiquidityParameters(_ frame: Frame, _ command: Command, output: inout Output) throws(Reject) {
    typealias Field = SetLiquidityParameters.Field
    let message = frame.decode(SetLiquidityParameters.self)
    let count = frame.rowCount(of: SetLiquidityParameters.self)
    try require(count == (message.interval == 0 ? 0 : 8), Reject(.malformed, Int64(frame.bytes.count)))
    let instrument = ledger.find(message.instrument)
    try require(instrument != 0, Reject(.unknownInstrument))
    try require(ledger.instruments[instrument].kind.isLinear, .invalid(Field.instrument))
    try require(ledger.instruments[instrument].hasParameters, Reject(.noMarginParameters))
    if message.interval == 0 {
      ledger.fixLiquidity(of: instrument)
      timers.set(.liquidity, instrument, at: .never)
      acceptRequest(command, output: &output)
      return
    }
    var parameters = LiquidityParameters()
    parameters.interval = Int64(message.interval) * 1_000_000
    parameters.window = message.window
    parameters.smoothing = message.smoothing
    parameters.floor = message.floor
    parameters.cap = message.cap
    parameters.change = message.change
    for index in 0..<8 {
      parameters.sizes.set(index, to: frame.row(index, of: SetLiquidityParameters.self).lots.rawValue)
    }
    if let fault = parameters.fault { throw fault.reject }
    try require(
      parameters.cap.rawValue + volatilityCap(of: instrument).rawValue <= Rate.one.rawValue,
      Reject(.parameterOutOfRange, Field.cap))
    ledger.measureLiquidity(of: instrument, parameters, sequence: sequence, now: time)
    timers.set(.liquidity, instrument, at: ledger.liquidities[ledger.instruments[instrument].liquidity].next)
    publishCurves(of: instrument, output: &output)
    acceptRequest(command, output: &output)
  }

  /// λ_cap where the curves are measured, else 0.
  func liquidityCap(of instrument: UInt32) -> Rate {
    let slot = ledger.instruments[instrument].liquidity
    return slot == 0 ? .zero : ledger.liquidities[slot].state.parameters.cap
  }

  /// A look at the book is due. Without a mark, or while nothing trades, it finds nothing and changes nothing.
  ///
  /// A look that comes late is not made up for: the book of the past is gone. An expired instrument is measured no longer.
  mutating func lookAtBook(of instrument: UInt32, output: inout Output) {
    if ledger.instruments[instrument].isExpired { return ledger.fixLiquidity(of: instrument) }
    let slot = ledger.instruments[instrument].liquidity
    if ledger.instruments[instrument].phase == .continuous && ledger.instruments[instrument].hasMark {
      let longs = depth(.buy, of: instrument)
      let shorts = depth(.sell, of: instrument)
      if ledger.take(longs: longs, shorts: shorts, of: instrument, sequence: sequence) {
        publishCurves(of: instrument, output: &output)
      }
    }
    let interval = ledger.liquidities[slot].state.parameters.interval
    let due = ledger.liquidities[slot].next.rawValue + interval
    ledger.liquidities[slot].next = Timestamp(due > time.rawValue ? due : time.rawValue + interval)
    timers.set(.liquidity, instrument, at: ledger.liquidities[slot].next)
  }

  /// Walks one side, as far as one command could trade.
  private mutating func depth(_ side: Side, of instrument: UInt32) -> DepthValues {
    let state = ledger.liquidities[ledger.instruments[instrument].liquidity].state
    let book = ledger.instruments[instrument].book
    var walk = DepthWalk(
      side, mark: ledger.instruments[instrument].mark, sizes: state.parameters.sizes, cap: state.parameters.cap)
    var order = books.best(side, in: book)
    var looked = 0
    while order != 0 && looked < LiquidityParameters.ordersPerSide {
      looked += 1
      if counts(order, restedSince: state.restedSince) && !walk.add(books[order].visible, at: books[order].price) {
        break
      }
      order = books.next(after: order, in: book)
    }
    return walk.finish()
  }

  /// Whether an order is depth: it rested at the last look, nothing is cancelling it, and its account may be filled.
  ///
  /// The account's figures are refreshed, not read from the cache as it happens to be: which cached figures are fresh depends
  /// on what was asked and on restarts, and the curve must not.
  private mutating func counts(_ order: OrderSlot, restedSince: UInt64) -> Bool {
    guard books[order].entry <= restedSince, gatingReason(of: order) == nil else { return false }
    let account = books[order].account
    return ledger.currentMargin(of: account).free >= .zero && ledger.unpricedDebt(of: account) == nil
  }

  /// Tells the risk feed the curves in force.
  private func publishCurves(of instrument: UInt32, output: inout Output) {
    let state = ledger.liquidities[ledger.instruments[instrument].liquidity].state
    output.publish(
      ImpactCurveChanged(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id,
        interval: UInt32(state.parameters.interval / 1_000_000)),
      rows: (0..<8).lazy.map { index in
        ImpactCurveChanged.Row(
          lots: Quantity(state.parameters.sizes.at(index)), longRate: Rate(state.longs.at(index)),
          shortRate: Rate(state.shorts.at(index)))
      })
  }
}

extension LiquidityParameters.Fault {
  var reject: Reject {
    typealias Field = SetLiquidityParameters.Field
    return switch self {
    case .interval: Reject(.parameterOutOfRange, Field.interval)
    case .window: Reject(.parameterOutOfRange, Field.window)
    case .smoothing: Reject(.parameterOutOfRange, Field.smoothing)
    case .floor: Reject(.parameterOutOfRange, Field.floor)
    case .cap: Reject(.parameterOutOfRange, Field.cap)
    case .change: Reject(.parameterOutOfRange, Field.change)
    case .size(let row): Reject(.scheduleNotRising, Int64(row))
    }
  }
}

import Margin
import Values

// What is measured in an instrument's mark and book, in the bytes of the state (Protocol/files.md).

extension Kernel {
  borrowing func writeMeasured(_ instrument: Instrument, to sink: inout StateChunk) {
    sink.put(instrument.volatility != 0)
    if instrument.volatility != 0 { write(ledger.volatilities[instrument.volatility], to: &sink) }
    sink.put(instrument.liquidity != 0)
    if instrument.liquidity != 0 { write(ledger.liquidities[instrument.liquidity], to: &sink) }
  }

  private borrowing func write(_ measured: MeasuredVolatility, to sink: inout StateChunk) {
    let (state, parameters) = (measured.state, measured.state.parameters)
    sink.put(parameters.interval)
    sink.put(parameters.decay)
    sink.put(parameters.quantile)
    sink.put(parameters.horizon)
    for rate in [parameters.floor, parameters.stress, parameters.up, parameters.down] { sink.put(rate.rawValue) }
    sink.put(parameters.notice)
    sink.put(parameters.maintenanceShare.rawValue)
    sink.put(parameters.cap.rawValue)
    sink.put(parameters.lowerOpenInterest)
    sink.put(parameters.upperOpenInterest)
    sink.put(measured.next.rawValue)
    sink.put(state.variance.rawValue)
    sink.put(state.lastMark.rawValue)
    sink.put(state.maintenance.rawValue)
    sink.put(state.openInterest.rawValue)
    for back in (0..<RateHistory.depth).reversed() { sink.put(state.history.rate(back).rawValue) }
  }

  private borrowing func write(_ measured: MeasuredLiquidity, to sink: inout StateChunk) {
    let (state, parameters) = (measured.state, measured.state.parameters)
    sink.put(parameters.interval)
    sink.put(parameters.window)
    sink.put(parameters.smoothing)
    for rate in [parameters.floor, parameters.cap, parameters.change] { sink.put(rate.rawValue) }
    write(parameters.sizes, to: &sink)
    sink.put(measured.next.rawValue)
    sink.put(state.restedSince)
    write(state.longs, to: &sink)
    write(state.shorts, to: &sink)
    sink.put(state.longWindow.count)
    for back in (0..<Int(state.longWindow.count)).reversed() {
      write(state.longWindow.impacts(back), to: &sink)
      write(state.shortWindow.impacts(back), to: &sink)
    }
  }

  private borrowing func write(_ values: DepthValues, to sink: inout StateChunk) {
    for index in 0..<8 { sink.put(values.at(index)) }
  }

  /// Reads what is measured of an instrument and sets its timers.
  mutating func readMeasured(of instrument: UInt32, from reader: inout StateReader) throws(StateError) {
    if try reader.flag("measured volatility") {
      let measured = try readVolatility(of: instrument, from: &reader)
      ledger.instruments[instrument].volatility = ledger.volatilities.insert(measured)
      ledger.instruments[instrument].rates = ledger.ratesNow(of: instrument)
      timers.set(.volatility, instrument, at: measured.next)
    } else {
      ledger.instruments[instrument].rates = ledger.ratesNow(of: instrument)
    }
    if try reader.flag("measured liquidity") {
      let measured = try readLiquidity(of: instrument, from: &reader)
      ledger.instruments[instrument].liquidity = ledger.liquidities.insert(measured)
      timers.set(.liquidity, instrument, at: measured.next)
    }
  }

  private func readVolatility(
    of instrument: UInt32, from reader: inout StateReader
  ) throws(StateError) -> MeasuredVolatility {
    var parameters = VolatilityParameters()
    parameters.interval = try reader.get()
    parameters.decay = try reader.get()
    parameters.quantile = try reader.get()
    parameters.horizon = try reader.get()
    parameters.floor = try reader.rate()
    parameters.stress = try reader.rate()
    parameters.up = try reader.rate()
    parameters.down = try reader.rate()
    parameters.notice = try reader.get()
    parameters.maintenanceShare = try reader.rate()
    parameters.cap = try reader.rate()
    parameters.lowerOpenInterest = try reader.get()
    parameters.upperOpenInterest = try reader.get()
    let next = Timestamp(try reader.get())
    let variance: Int64 = try reader.get()
    let lastMark = try reader.price()
    let maintenance = try reader.rate()
    let openInterest = try reader.rate()
    var history: [Rate] = []
    for _ in 0..<RateHistory.depth { history.append(try reader.rate()) }
    let rates = Rate.zero...Rate.one
    guard parameters.fault == nil, mayBeMeasured(instrument), isDue(next, every: parameters.interval),
      (0...Variance.maximum).contains(variance), (Price(0)...Price(Limits.price)).contains(lastMark),
      maintenance >= .zero, maintenance <= parameters.cap, openInterest >= .zero, openInterest <= .maximum,
      history.allSatisfy({ rates.contains($0) }), history[RateHistory.depth - 1] <= parameters.cap
    else { throw .invalid("measured volatility of instrument \(ledger.instruments[instrument].id.rawValue)") }
    return MeasuredVolatility(
      state: VolatilityState(
        parameters, variance: Variance(variance), lastMark: lastMark, maintenance: maintenance,
        openInterest: openInterest, history: history), next: next)
  }

  private func readLiquidity(
    of instrument: UInt32, from reader: inout StateReader
  ) throws(StateError) -> MeasuredLiquidity {
    var parameters = LiquidityParameters()
    parameters.interval = try reader.get()
    parameters.window = try reader.get()
    parameters.smoothing = try reader.get()
    parameters.floor = try reader.rate()
    parameters.cap = try reader.rate()
    parameters.change = try reader.rate()
    parameters.sizes = try readValues(from: &reader)
    let next = Timestamp(try reader.get())
    let restedSince = try reader.counter("last look")
    let (longs, shorts) = (try readValues(from: &reader), try readValues(from: &reader))
    let looks = Int(try reader.get(UInt8.self))
    var (longWindow, shortWindow) = (ImpactWindow(), ImpactWindow())
    var isSound =
      parameters.fault == nil && mayBeMeasured(instrument) && isDue(next, every: parameters.interval)
      && restedSince <= sequence && looks <= ImpactWindow.depth
      && agrees(parameters.sizes, longs, ledger.curves[ledger.instruments[instrument].longCurve])
      && agrees(parameters.sizes, shorts, ledger.curves[ledger.instruments[instrument].shortCurve])
    for _ in 0..<min(looks, ImpactWindow.depth) {
      let (long, short) = (try readValues(from: &reader), try readValues(from: &reader))
      for index in 0..<8 {
        let rates = 0...Rate.one.rawValue
        if !rates.contains(long.at(index)) || !rates.contains(short.at(index)) { isSound = false }
      }
      longWindow.append(long)
      shortWindow.append(short)
    }
    guard isSound else {
      throw .invalid("measured liquidity of instrument \(ledger.instruments[instrument].id.rawValue)")
    }
    return MeasuredLiquidity(
      state: LiquidityState(
        parameters, longs: longs, shorts: shorts, longWindow: longWindow, shortWindow: shortWindow,
        restedSince: restedSince), next: next)
  }

  private func readValues(from reader: inout StateReader) throws(StateError) -> DepthValues {
    var values = DepthValues(repeating: 0)
    for index in 0..<8 { values.set(index, to: try reader.get()) }
    return values
  }

  private func mayBeMeasured(_ instrument: UInt32) -> Bool {
    ledger.instruments[instrument].kind.isLinear && ledger.instruments[instrument].hasParameters
  }

  /// A next time is at most one interval ahead; it may lie behind.
  private func isDue(_ next: Timestamp, every interval: Int64) -> Bool {
    next > Timestamp(0) && next.rawValue <= time.rawValue + interval
  }

  private func agrees(_ sizes: DepthValues, _ rates: DepthValues, _ curve: ImpactCurve) -> Bool {
    curve.count == 8
      && (0..<8).allSatisfy { curve.knot($0) == (Quantity(sizes.at($0)), Rate(rates.at($0))) }
  }
}

extension Kernel {
  /// An instrument whose rates or curves in force are not what is measured or set, or outside what may be; `nil`: none.
  borrowing func rateFault() -> String? {
    for slot in 1..<UInt32(ledger.instruments.count + 1) {
      let instrument = ledger.instruments[slot]
      let (initial, maintenance) = PlainMargin.volatility(instrument, ledger)
      let inForce = max(instrument.rates.initialVolatility, instrument.rates.openInterest)
      if Int128(inForce.rawValue) != initial || Int128(instrument.rates.maintenanceVolatility.rawValue) != maintenance {
        return "rates in force of instrument \(instrument.id.rawValue)"
      }
      if instrument.volatility != 0 {
        let state = ledger.volatilities[instrument.volatility].state
        let highest = max(state.initial, state.maintenance)
        if highest > state.parameters.cap || 10 * initial < 11 * maintenance {
          return "volatility rates of instrument \(instrument.id.rawValue)"
        }
      }
      if instrument.liquidity != 0 {
        let state = ledger.liquidities[instrument.liquidity].state
        let bounds = state.parameters.floor.rawValue...state.parameters.cap.rawValue
        for index in 0..<8 {
          let rises =
            index == 0
            || (state.longs[index] >= state.longs[index - 1] && state.shorts[index] >= state.shorts[index - 1])
          if !rises || !bounds.contains(state.longs[index]) || !bounds.contains(state.shorts[index]) {
            return "impact curves of instrument \(instrument.id.rawValue)"
          }
        }
      }
    }
    return nil
  }
}

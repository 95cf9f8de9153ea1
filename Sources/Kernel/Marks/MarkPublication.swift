import Margin
import Values
import Wire

// Marks that the venue computes: Protocol/rules.md §4. They move in Ticks and oracle frames, never inside a client's
// command: what its trades imply is seen by the next sample.

extension Kernel {
  /// What a mark is made of just now; `nil` while there is no index to make it from.
  func markFormula(of instrument: UInt32) -> MarkFormula? {
    let asset = ledger.instruments[instrument].baseAsset
    guard oracles[asset].hasIndex, oracles[asset].index > 0 else { return nil }
    let conversion = IndexConversion(
      numerator: marks[instrument].numerator, denominator: marks[instrument].denominator)
    let index = Int64(min(conversion.roundedToNearest(Price(oracles[asset].index)), 2 * Int128(Limits.price)))
    guard index >= 1 else { return nil }
    let book = ledger.instruments[instrument].book
    let isOpen = ledger.instruments[instrument].phase == .continuous
    let last = ledger.instruments[instrument].lastTrade
    return MarkFormula(
      index: index, basis: marks[instrument].basis, bid: isOpen ? books.bestPrice(.buy, in: book) : nil,
      ask: isOpen ? books.bestPrice(.sell, in: book) : nil, last: last > Price(0) ? last : nil,
      band: marks[instrument].parameters.band)
  }

  /// The instrument's time has come: a sample of the basis, or a move that had to wait.
  mutating func runMarkTimer(_ instrument: UInt32, output: inout Output) {
    guard marks[instrument].isSet else { return }
    if marks[instrument].publicationDue <= time { marks[instrument].publicationDue = .never }
    if marks[instrument].sampleDue <= time {
      if let sample = markFormula(of: instrument)?.basisSample, !isFrozen(instrument) {
        marks[instrument].basis.add(sample, weight: marks[instrument].parameters.basisWeight)
      }
      marks[instrument].sampleDue = time.adding(marks[instrument].parameters.interval)
    }
    computeMark(instrument, output: &output)
    armMark(instrument)
  }

  /// An index that is too old to liquidate on moves no mark: it stays where it was.
  private func isFrozen(_ instrument: UInt32) -> Bool {
    ledger.instruments[instrument].oracleGuard == .reduceOnlyNoLiquidation
      && oracles[ledger.instruments[instrument].baseAsset].cause == .age
  }

  /// Makes the mark anew and publishes it if it moved far enough, now or when the last publication is old enough.
  mutating func computeMark(_ instrument: UInt32, output: inout Output) {
    if isFrozen(instrument) || ledger.instruments[instrument].oracleGuard == .halt { return }
    guard let formula = markFormula(of: instrument) else {
      // An index of less than half a price unit is none for this instrument.
      let asset = ledger.instruments[instrument].baseAsset
      if oracles[asset].hasIndex { change(instrument, to: .halted, output: &output) }
      return
    }
    let mark = ledger.instruments[instrument].mark
    let move = abs(formula.mark.rawValue - mark.rawValue)
    if mark > Price(0) && move < marks[instrument].parameters.minimumMove {
      postponePublication(of: instrument, to: .never)
      return
    }
    let earliest = marks[instrument].publishedAt.adding(marks[instrument].parameters.minimumInterval)
    if mark > Price(0) && time < earliest {
      postponePublication(of: instrument, to: earliest)
      return
    }
    postponePublication(of: instrument, to: .never)
    marks[instrument].publishedAt = time
    let highest = ledger.instruments[instrument].maximumPrice
    let isAbove = formula.mark > highest
    setMark(of: instrument, to: min(formula.mark, highest), formula, output: &output)
    if isAbove { change(instrument, to: .halted, output: &output) }
  }

  /// Sets a mark and tells everybody.
  mutating func setMark(of instrument: UInt32, to mark: Price, _ formula: MarkFormula?, output: inout Output) {
    if mark != ledger.instruments[instrument].mark { ledger.setMark(of: instrument, to: mark) }
    output.publish(
      MarkChanged(
        feedSequence: 0, time: time, instrument: ledger.instruments[instrument].id,
        oracleGuard: ledger.instruments[instrument].oracleGuard, mark: mark, index: formula.map { Price($0.index) },
        fair: formula.map { Price($0.fair) }, mid: (formula?.mid).map { Price($0) },
        last: (formula?.last).map { Price($0) }))
  }

  private mutating func postponePublication(of instrument: UInt32, to due: Timestamp) {
    if marks[instrument].publicationDue == due { return }
    marks[instrument].publicationDue = due
    armMark(instrument)
  }

  mutating func armMark(_ instrument: UInt32) {
    timers.set(.mark, instrument, at: min(marks[instrument].sampleDue, marks[instrument].publicationDue))
  }
}

extension Timestamp {
  /// So many nanoseconds later; ``never`` beyond the end of time.
  func adding(_ nanoseconds: Int64) -> Timestamp {
    let (sum, overflow) = rawValue.addingReportingOverflow(nanoseconds)
    return overflow ? .never : Timestamp(sum)
  }
}

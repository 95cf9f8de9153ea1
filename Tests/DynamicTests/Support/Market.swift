import Kernel
import Values
import Wire

extension DynamicVenue {
  private var instrumentReports: [InstrumentReport] {
    DynamicVenue.all(InstrumentReport.self, in: answer(QueryInstruments(queryId: 0), for: Cast.staff))
  }

  /// All instruments that have not expired.
  var instruments: [InstrumentId] { instrumentReports.filter { $0.phase != .expired }.map(\.instrument) }

  /// Mark of an instrument, in price units.
  func mark(of instrument: InstrumentId) -> Int64? {
    instrumentReports.first { $0.instrument == instrument }?.mark?.rawValue
  }
}

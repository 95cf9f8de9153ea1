import Margin
import Values

// The interest of an asset in the state's bytes: Protocol/files.md.

extension Kernel {
  borrowing func write(_ interest: Interest, to sink: inout StateChunk) {
    sink.put(interest.isUsed)
    guard interest.isUsed else { return }
    let parameters = interest.parameters
    for rate in [
      parameters.curve.base, parameters.curve.slope, parameters.curve.steepSlope, parameters.curve.kink,
      parameters.reserveFactor,
    ] { sink.put(rate.rawValue) }
    sink.put(parameters.interval)
    sink.put(interest.borrowIndex.rawValue)
    sink.put(interest.lendIndex.rawValue)
    for rate in [interest.utilisation, interest.borrowRate, interest.lendRate] { sink.put(rate.rawValue) }
    sink.put(interest.next.rawValue)
    sink.put(interest.pool)
    sink.put(interest.largest)
  }

  func readInterest(from reader: inout StateReader) throws(StateError) -> Interest {
    var interest = Interest()
    interest.isUsed = try reader.flag("interest")
    guard interest.isUsed else { return interest }
    interest.parameters.curve = InterestCurve(
      base: try reader.rate(), slope: try reader.rate(), steepSlope: try reader.rate(), kink: try reader.rate())
    interest.parameters.reserveFactor = try reader.rate()
    interest.parameters.interval = try reader.get()
    interest.borrowIndex = InterestIndex(rawValue: try reader.get())
    interest.lendIndex = InterestIndex(rawValue: try reader.get())
    interest.utilisation = try reader.rate()
    interest.borrowRate = try reader.rate()
    interest.lendRate = try reader.rate()
    interest.next = Timestamp(try reader.get())
    interest.pool = try reader.money()
    interest.largest = try reader.get()
    let indices = InterestIndex.one...InterestIndex.bound
    let isOff = interest.parameters.interval == 0
    guard Self.faultyField(in: interest.parameters) == nil, indices.contains(interest.borrowIndex),
      indices.contains(interest.lendIndex), (Rate.zero...Rate.one).contains(interest.utilisation),
      (Rate.zero...Rate.maximum).contains(interest.borrowRate),
      (Rate.zero...interest.borrowRate).contains(interest.lendRate),
      (0...Interest.heaviest * 10_000 + 1).contains(interest.largest), isOff == (interest.next == .never),
      isOff || (1...1 << 62).contains(interest.next.rawValue)
    else { throw .invalid("interest") }
    return interest
  }

  /// Whether a balance can have been settled at `index`: an index moves only while no balance grows beyond the limit.
  func isSettled(_ amount: Int128, at index: InterestIndex, _ interest: Interest) -> Bool {
    let now = interest.index(for: amount)
    guard index >= .one, index <= now else { return false }
    return index == now
      || (amount.magnitude <= UInt128(Limits.balance)
        && interest.now(amount, since: index).magnitude <= UInt128(Limits.balance))
  }

  /// Adds up what all accounts owe and hold, when they have been read.
  mutating func sumInterest() throws(StateError) {
    for asset in 0..<UInt32(ledger.assets.count + 1) where ledger.interest(of: asset).isUsed {
      let largest = ledger.interest(of: asset).largest
      ledger.sumInterest(of: asset)
      guard ledger.interest(of: asset).largest == largest else { throw .invalid("the largest weight of an asset") }
    }
  }
}

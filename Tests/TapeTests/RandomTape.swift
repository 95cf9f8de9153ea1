import Values

@testable import Tape

/// Lifelike tapes from a seed: every command and column, ids used again, far prices, very large sizes.
struct RandomTape {
  private var state: UInt64
  private var model = TapeModel()
  private var known: [UInt64] = []
  private var rows: [TapeRow] = []
  private let priceUnit: Int64
  private let hasExtremes: Bool
  private let sizeFactor: Int64

  /// A tape of `count` commands with the fills that the format's meaning gives; with or without far prices and very large
  /// sizes.
  static func make(seed: UInt64, count: Int, hasExtremes: Bool = true, sizeFactor: Int64 = 1) -> Tape {
    var tape = RandomTape(seed: seed, hasExtremes: hasExtremes, sizeFactor: sizeFactor)
    for index in 0..<count {
      let isClosed = index < count / 8 || (count / 2..<count / 2 + 10).contains(index)
      tape.addRow(isClosed: isClosed)
    }
    return Tape(rows: tape.rows, fills: tape.model.fills)
  }

  private init(seed: UInt64, hasExtremes: Bool, sizeFactor: Int64) {
    self.sizeFactor = sizeFactor
    self.hasExtremes = hasExtremes
    state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    priceUnit = [1, 5, 100][Int(seed % 3)]
  }

  private mutating func random(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  private mutating func addRow(isClosed: Bool) {
    let sequence = UInt64(rows.count + 1)
    var row = TapeRow(
      sequence: sequence, time: Int64(sequence) * 1000, kind: kind(isClosed: isClosed), orderId: 0,
      side: random(2) == 0 ? .buy : .sell, price: 0, size: size())
    let names = row.kind == .cancel || row.kind == .modify || row.kind == .modifyImmediate || row.kind == .revision
    row.orderId =
      names && random(10) != 0 && !known.isEmpty ? known[known.count - 1 - random(min(known.count, 40))] : fresh()
    let old = model.resting(row.orderId)
    if let old { row.side = old.side }
    row.price = price(row.side, isClosed: isClosed)
    if let old, names, random(2) == 0 {
      // The same price, and often less: priority is kept.
      (row.price, row.display) = (old.price, old.display)
      row.size = max(1, random(2) == 0 ? old.open / 2 : old.open + 3)
      if row.display > 0 { row.hidden = row.size / 3 }
    } else if random(6) == 0 && row.kind != .immediate && row.kind != .modifyImmediate && row.price < 1_000_000 {
      row.size = min(row.size, 60)
      row.display = Int64(1 + random(4))
      row.hidden = Int64(random(20))
    }
    if row.kind == .modifyImmediate && row.display > 0 { row.display = 0 }
    // A display may be above what there is.
    if random(3) == 0 { row.display = min(row.display, row.quantity) }
    if !known.contains(row.orderId) { known.append(row.orderId) }
    model.feed(row)
    rows.append(row)
  }

  private mutating func kind(isClosed: Bool) -> TapeRow.Kind {
    if isClosed { return [.resting, .resting, .resting, .revision, .cancel][random(5)] }
    return [
      .limit, .limit, .limit, .limit, .immediate, .postOnly, .postOnly, .cancel, .cancel, .modify, .modify,
      .modifyImmediate,
    ][
      random(12)]
  }

  /// A new id, or one that is done.
  private mutating func fresh() -> UInt64 {
    if random(8) == 0, let done = known.first(where: { model.resting($0) == nil }) { return done }
    return UInt64(1_000_000_000_000 + rows.count * 7)
  }

  private mutating func price(_ side: Side, isClosed: Bool) -> Int64 {
    if hasExtremes && random(40) == 0 { return random(2) == 0 ? 0 : 1_000_000_000 }
    let distance = Int64(random(isClosed ? 12 : 8)) - (isClosed ? 1 : 3)
    return (100_000 / priceUnit + (side == .buy ? -distance : distance)) * priceUnit
  }

  private mutating func size() -> Int64 {
    switch random(60) {
    case 0 where hasExtremes: 1_000_000_000_000
    case 1 where hasExtremes: 1_000_000_000
    default: Int64(1 + random(30)) * sizeFactor - Int64(sizeFactor > 1 ? random(2) : 0)
    }
  }
}

import Storage
import ToolSupport
import Values

// What the replays tell, as text and as JSON.

extension OfflineReplay {
  public var text: String {
    var table = TextColumns()
    table.add("recording", "\(path), to sequence \(Decimal.format(sequence))")
    table.addRate("commands", commands, seconds)
    table.add("outputs", "\(Decimal.format(digest.frames)) frames, digest \(digestText(digest.value))")
    table.add("state hash", hashText(stateHash))
    if !matchedSnapshots.isEmpty {
      table.add("snapshots", "equal at sequence " + matchedSnapshots.map { "\($0)" }.joined(separator: ", "))
    }
    if tornBytes > 0 { table.add("torn tail", "\(Decimal.format(tornBytes)) bytes left out") }
    table.add(fills)
    table.addVerdict(firstDifference, equal: "all outputs and digests are as recorded")
    return table.text
  }

  public var json: Json {
    .object([
      ("recording", .string(path)), ("equal", .boolean(isExact)), ("sequence", .integer(sequence)),
      ("commands", .integer(commands)), ("seconds", .seconds(seconds)), ("outputs", .integer(digest.frames)),
      ("outputDigest", .string(digestText(digest.value))), ("stateHash", .string(hashText(stateHash))),
      ("matchedSnapshots", .array(matchedSnapshots.map { .integer($0) })), ("tornBytes", .integer(tornBytes)),
      ("firstDifference", firstDifference.map { .string($0) } ?? .null), ("fills", fills?.json ?? .null),
    ])
  }
}

extension TargetReplay {
  public var text: String {
    var table = TextColumns()
    table.addRate("commands", commands, seconds)
    table.add("outputs", "\(Decimal.format(digest.frames)) frames, digest \(digestText(digest.value))")
    table.add("state hash", hashText(stateHash))
    table.add(fills)
    table.addVerdict(firstDifference, equal: "the server's outputs and state are as recorded")
    return table.text
  }

  public var json: Json {
    .object([
      ("equal", .boolean(isExact)), ("sequence", .integer(sequence)), ("commands", .integer(commands)),
      ("seconds", .seconds(seconds)), ("outputs", .integer(digest.frames)),
      ("outputDigest", .string(digestText(digest.value))), ("stateHash", .string(hashText(stateHash))),
      ("firstDifference", firstDifference.map { .string($0) } ?? .null), ("fills", fills?.json ?? .null),
    ])
  }
}

extension LiveReplay {
  public var text: String {
    var table = TextColumns()
    table.addRate("commands", sent, seconds)
    if !skipped.isEmpty {
      let names = skipped.sorted { $0.key < $1.key }.map { "\($0.key) \(Decimal.format($0.value))" }
      table.add("not sent", names.joined(separator: ", "))
    }
    table.add(
      "orders", "\(Decimal.format(orders - differingOrders)) of \(Decimal.format(orders)) as recorded")
    table.add(fills)
    table.addVerdict(firstDifference, equal: "every order went as recorded")
    return table.text
  }

  public var json: Json {
    .object([
      ("equal", .boolean(isExact)), ("commands", .integer(sent)), ("seconds", .seconds(seconds)),
      ("skipped", .object(skipped.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
      ("orders", .integer(orders)), ("differingOrders", .integer(differingOrders)),
      ("firstDifference", firstDifference.map { .string($0) } ?? .null), ("fills", fills?.json ?? .null),
    ])
  }
}

extension TapeImport {
  public var text: String {
    var table = TextColumns()
    table.addRate("rows", UInt64(rows), seconds)
    table.add("commands", "\(Decimal.format(commands)), those that create the venue and its accounts included")
    table.add("units", "price unit \(scale.priceUnit), lot \(scale.lot) of the tape's")
    table.add("trades", Decimal.format(trades))
    table.add("outputs", "\(Decimal.format(digest.frames)) frames, digest \(digestText(digest.value))")
    table.add("state hash", hashText(stateHash))
    if unexpectedRefusals > 0 { table.add("refusals", "\(Decimal.format(unexpectedRefusals)) unexpected") }
    return table.text
  }

  public var json: Json {
    .object([
      ("rows", .integer(rows)), ("commands", .integer(commands)), ("trades", .integer(trades)),
      ("priceUnit", .integer(scale.priceUnit)), ("lot", .integer(scale.lot)), ("seconds", .seconds(seconds)),
      ("outputs", .integer(digest.frames)), ("outputDigest", .string(digestText(digest.value))),
      ("stateHash", .string(hashText(stateHash))), ("unexpectedRefusals", .integer(unexpectedRefusals)),
    ])
  }
}

extension FillComparison {
  public var json: Json {
    .object([
      ("publishedFills", .integer(published)), ("exactFills", .integer(exact)), ("extraFills", .integer(extra)),
      ("takerOrders", .integer(takerOrders)), ("exactTakerOrders", .integer(exactTakerOrders)),
      ("firstDifference", firstDifference?.json ?? .null),
    ])
  }
}

/// Names to the left, what they are to the right.
struct TextColumns {
  private var lines: [String] = []

  var text: String { lines.joined(separator: "\n") }

  mutating func add(_ name: String, _ value: String) {
    lines.append(name + String(repeating: " ", count: max(1, 15 - name.count)) + value)
  }

  mutating func add(_ fills: FillComparison?) {
    guard let fills else { return }
    let extra = fills.extra > 0 ? ", \(Decimal.format(fills.extra)) that were not published" : ""
    add("fills", "\(Decimal.format(fills.exact)) of \(Decimal.format(fills.published)) published fills exactly\(extra)")
    let takers = "\(Decimal.format(fills.exactTakerOrders)) of \(Decimal.format(fills.takerOrders))"
    add("taker orders", "\(takers) with all their fills in order")
    if let difference = fills.firstDifference { lines.append("first difference of the fills: \(difference)") }
  }

  mutating func addRate(_ name: String, _ count: UInt64, _ seconds: Double) {
    let rate = seconds > 0 ? Int(Double(count) / seconds) : 0
    add(name, "\(Decimal.format(count)) in \(decimals(seconds)) s, \(Decimal.format(rate))/s")
  }

  mutating func addVerdict(_ difference: String?, equal: String) {
    if let difference { lines.append("first difference: \(difference)") } else { add("equal", equal) }
  }
}

import ArgumentParser
import Client
import Glibc
import ToolSupport
import Values
import Wire

/// How to reach a venue, and as whom.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "Address of the server. [default: 127.0.0.1:7400]") var connect: String?
  @Option(help: "Id of the key to log in with. [default: 1]") var key: UInt32?
  @Option(help: "File of that key.") var keyFile: String?
  @Option(help: "The venue file: names, digits, and the key file.") var config: String?
  @Flag(help: "Print JSON, one object per line, numbers in units of the protocol.") var json = false

  private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// LOCKSTEP_KEY, if it is set. A typing error there must not end in the default key, which may be the administrator's.
  private func keyFromEnvironment() throws -> UInt32? {
    guard let text = environment("LOCKSTEP_KEY") else { return nil }
    guard let key = UInt32(text) else {
      throw Failure(exit: .usage, message: "LOCKSTEP_KEY is “\(text)”, which is not the number of a key.")
    }
    return key
  }

  /// Connects and logs in.
  func open() throws -> VenueConnection {
    let address = connect ?? environment("LOCKSTEP_CONNECT") ?? "127.0.0.1:7400"
    let key = KeyId(try key ?? keyFromEnvironment() ?? 1)
    let config = config ?? environment("LOCKSTEP_CONFIG")
    let fromConfig = try config.flatMap { try Genesis.keyFile(of: key, namedIn: $0) }
    guard let file = keyFile ?? fromConfig ?? environment("LOCKSTEP_KEY_FILE") else {
      throw Failure(
        exit: .usage,
        message: "which key file? Give --key-file FILE, or --config FILE with a key_file for key \(key.rawValue).")
    }
    var settings = ClientSettings()
    settings.name = "lockstep-admin"
    let client = try Client(to: address, key: key, keyPair: try KeyPair(contentsOf: file), settings: settings)
    try client.connect()
    let names = try config.map { try Genesis.names(in: $0) } ?? VenueNames()
    return try VenueConnection(client, names: names, json: json)
  }
}

/// A logged-in client with the names and units of the venue.
struct VenueConnection {
  let client: Client
  let directory: VenueDirectory
  let json: Bool

  init(_ client: Client, names: VenueNames, json: Bool) throws {
    self.client = client
    self.json = json
    let instruments = try client.rows(QueryInstruments(queryId: 0)).rows.compactMap { event in
      if case .instrument(let report) = event { return report }
      return nil
    }
    directory = VenueDirectory(instruments: instruments, names: names)
  }

  /// Sends a request, prints what the venue answers, and leaves.
  func perform<R: Request>(_ request: R) throws {
    defer { client.disconnect() }
    show(try client.perform(request))
  }

  /// Prints the answer to a request.
  func show(_ event: Event) {
    switch event {
    case .requestAccepted(let report):
      let template = Template(rawValue: report.template).map { "\($0)" } ?? "\(report.template)"
      let value = report.value == 0 ? "" : ", value \(report.value)"
      if !printed(report) { print("done: \(template), sequence \(Decimal.format(report.sequence))\(value)") }
    case .balanceChanged(let report):
      guard !printed(report) else { return }
      let asset = directory.name(of: report.asset)
      let change = directory.amount(report.amount, of: report.asset)
      let balance = directory.amount(report.balance, of: report.asset)
      print("done: account \(report.account.rawValue) \(change) \(asset), balance \(balance) \(asset)")
      let free = directory.amounts.money(report.margin.free)
      print("      free margin \(free), sequence \(Decimal.format(report.sequence))")
    default:
      print("done")
    }
  }

  /// Prints a message as JSON when that is wanted.
  func printed<M: Message>(_ message: M) -> Bool {
    if json { print(jsonText(message)) }
    return json
  }

  /// Prints a table, or its rows as JSON.
  func show<M: Message>(_ rows: [M], empty: String, table: (inout TextTable, M) -> Void, columns: TextTable) {
    if json {
      for row in rows { print(jsonText(row)) }
      return
    }
    if rows.isEmpty { return print(empty) }
    var text = columns
    for row in rows { table(&text, row) }
    print(text.text)
  }
}

/// A message as one line of JSON, as ``FrameText`` writes it.
func jsonText<M: Message>(_ message: M) -> String {
  withUnsafeTemporaryAllocation(byteCount: M.frameLength, alignment: 8) { memory in
    message.encode(to: memory.baseAddress!)
    return FrameText.json(Frame(UnsafeRawBufferPointer(memory)))
  }
}

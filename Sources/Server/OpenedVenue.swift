import CLinux
import Glibc
import Kernel
import Session
import Storage
import Values
import Wire

/// A data directory, opened: with a venue that was recovered or created, or blank (a new replay target).
struct OpenedVenue: ~Copyable {
  private let directory: DataDirectory
  private var recovered: Recovered?
  /// Whether the venue still needs its genesis.
  let isNew: Bool

  /// A blank directory gets its venue from the first command of a recording.
  var isBlank: Bool { recovered == nil }

  private init(directory: consuming DataDirectory, recovered: consuming Recovered?, isNew: Bool) {
    self.directory = directory
    self.recovered = recovered
    self.isNew = isNew
  }

  /// Opens the directory; recovers the venue in it, or creates the one that the first genesis frame defines.
  static func open(
    _ configuration: ServerConfiguration, log: Log, sessions: Sessions, host: any Host
  ) throws(ServerError) -> OpenedVenue {
    do throws(StorageError) {
      let directory = try DataDirectory(configuration.dataDirectory, in: configuration.journal.files)
      if try !directory.isBlank() {
        if configuration.replayTarget && !ReplayMarker.exists(in: directory) {
          throw .unexpected(
            path: configuration.dataDirectory,
            reason: "there is a venue in it; a replay target needs an empty directory or one of its own")
        }
        let recovered = try recover(directory, configuration, log, sessions, host)
        return OpenedVenue(directory: directory, recovered: recovered, isNew: false)
      }
      if configuration.replayTarget { return OpenedVenue(directory: directory, recovered: nil, isNew: false) }
      guard let first = configuration.genesis.first, let definition = DefineVenue(frame: first) else {
        throw .missing(path: configuration.dataDirectory, reason: "the directory is empty and no venue file is given")
      }
      let created = try create(directory, definition, configuration)
      return OpenedVenue(directory: directory, recovered: created, isNew: true)
    } catch { throw .storage(error.description) }
  }

  private static func recover(
    _ directory: borrowing DataDirectory, _ configuration: ServerConfiguration, _ log: Log, _ sessions: Sessions,
    _ host: any Host
  ) throws(StorageError) -> Recovered {
    if let newest = try directory.snapshotSequences().first,
      !ReportStore.read(into: sessions, from: directory, sequence: newest)
    {
      log.warning("the reports kept with the snapshot of sequence \(newest) cannot be read; clients are told")
    }
    var toldAt = host.monotonic
    let recovered = try directory.recover(
      options: configuration.journal,
      report: { key, frame in sessions.remember(frame, for: key) },
      progress: { progress in
        if host.monotonic < toldAt + 1_000_000_000 { return }
        toldAt = host.monotonic
        log.info("recovery: sequence \(progress.sequence), \(progress.records) commands replayed")
      })
    for line in recovered.summary.lines { log.info("recovery: \(line)") }
    return recovered
  }

  private static func create(
    _ directory: borrowing DataDirectory, _ definition: DefineVenue, _ configuration: ServerConfiguration
  ) throws(StorageError) -> Recovered {
    if let fault = Limits(definition).fault { throw .unexpected(path: "venue definition", reason: fault) }
    return try directory.create(venue: definition, options: configuration.journal)
  }

  /// The venue that was recovered or created.
  consuming func venue(_ configuration: ServerConfiguration, host: any Host) throws(ServerError) -> Venue {
    guard let recovered = recovered.take() else { preconditionFailure("the directory is blank") }
    return try Venue(
      directory: directory, recovered: recovered, feedBytes: configuration.session.feedBytes,
      capture: configuration.capture, host: host)
  }

  /// A new venue for a replay target, still without its first command.
  consuming func create(
    _ definition: DefineVenue, _ configuration: ServerConfiguration, host: any Host
  ) throws(ServerError) -> Venue {
    do throws(StorageError) {
      recovered = try OpenedVenue.create(directory, definition, configuration)
      try ReplayMarker.create(in: directory)
    } catch { throw .storage(error.description) }
    return try venue(configuration, host: host)
  }
}

extension Venue {
  /// Creates the venue from its genesis frames, all in one batch: afterwards it is there in full or not at all.
  mutating func applyGenesis(_ frames: [[UInt8]]) throws(ServerError) {
    for (index, bytes) in frames.enumerated() {
      if let fault = applyGenesis(bytes) { throw .configuration("venue file, record \(index + 1): \(fault)") }
    }
    try commit()
  }

  /// Applies one frame of key 0; returns why it was refused, if it was.
  private mutating func applyGenesis(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBytes { raw in
      guard case .frame(let length) = Frame.scan(raw, maximum: Int(UInt16.max)), length == raw.count else {
        return "not a frame"
      }
      let frame = Frame(raw)
      apply(frame, key: .venue, time: nextTime)
      var fault: String?
      output.forEachFrame { _, report in
        let answer = Frame(report)
        if answer.template == .requestRejected {
          let reject = answer.decode(RequestRejected.self)
          fault = "\(frame.template) refused: \(reject.reason.map { "\($0)" } ?? "?"), detail \(reject.detail)"
        }
      }
      return fault
    }
  }
}

extension DefineVenue {
  /// The message in `frame`, if it is one.
  init?(frame bytes: [UInt8]) {
    let decoded: DefineVenue? = bytes.withUnsafeBytes { raw in
      guard case .frame = Frame.scan(raw, maximum: Int(UInt16.max)) else { return nil }
      let frame = Frame(raw)
      return frame.template == .defineVenue ? frame.decode(DefineVenue.self) : nil
    }
    guard let decoded else { return nil }
    self = decoded
  }
}

/// The mark that a directory was made by a replay target: an empty file.
enum ReplayMarker {
  private static func path(_ directory: borrowing DataDirectory) -> String { directory.path + "/replay-target" }

  static func exists(in directory: borrowing DataDirectory) -> Bool { directory.files.exists(path(directory)) }

  static func create(in directory: borrowing DataDirectory) throws(StorageError) {
    try directory.files.store([], as: path(directory))
  }
}

/// The process's limit of open files.
enum DescriptorLimit {
  /// Raises it as far as it may be; returns what is in force.
  static func raise(to wanted: Int64) -> Int64 { lockstep_raise_descriptor_limit(wanted) }
}

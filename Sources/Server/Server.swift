import CLinux
import Glibc
import Kernel
import Session
import Storage
import Values
import Wire

/// A venue behind TCP sockets.
public enum Server {
  /// Opens the data directory, brings the venue back (or creates it), serves until it is told to stop, and stops in
  /// order. Returns the exit code: 0 after an orderly stop, 1 when it could not start or had to stop; the log says why.
  ///
  /// `host` is the machine to run on: this one, if none is given. `started` is called once, with the endpoints in use,
  /// when clients can connect.
  public static func run(
    _ configuration: ServerConfiguration, control: ServerControl = ServerControl(), log: Log = .standardError,
    on host: (any Host)? = nil, started: ([ListenEndpoint]) -> Void = { _ in }
  ) -> Int32 {
    do throws(ServerError) {
      let machine: any Host = if let host { host } else { try SystemHost() }
      try serve(configuration, control: control, log: log, on: machine, started: started)
      return 0
    } catch {
      log.error("stopped: \(error)")
      return 1
    }
  }

  private static func serve(
    _ configuration: ServerConfiguration, control: ServerControl, log: Log, on host: any Host,
    started: ([ListenEndpoint]) -> Void
  ) throws(ServerError) {
    lockstep_ignore_write_signals()
    log.info(
      "lockstep \(configuration.version), data \(configuration.dataDirectory), durability \(configuration.durability), "
        + "poll \(configuration.pollMode.rawValue)")
    let sessions = Sessions(ringBytes: configuration.session.reportBytes)
    let opened = try OpenedVenue.open(configuration, log: log, sessions: sessions, host: host)
    let listeners = try listen(configuration, log: log, host: host)
    let endpoints = listeners.map { ListenEndpoint(address: $0.address, port: $0.port) }
    var first: FirstReplay?
    var venue: Venue
    if opened.isBlank {
      log.info("waiting for the recording's first command")
      started(endpoints)
      first = try FirstReplay(listeners: listeners, configuration: configuration, control: control, host: host)
      guard let definition = first?.venue else { return log.info("stopped before the recording began") }
      venue = try opened.create(definition, configuration, host: host)
    } else {
      let isNew = opened.isNew
      venue = try opened.venue(configuration, host: host)
      if isNew {
        try venue.applyGenesis(configuration.genesis)
        log.info("venue created with \(configuration.genesis.count) records")
      }
    }
    let definition = venue.kernel.venue
    let identity = VenueIdentity(
      venueId: definition.venueId, name: definition.name, durability: configuration.durability,
      replayTarget: configuration.replayTarget)
    describeLimits(configuration, definition, log: log)
    var loop = EventLoop(
      configuration: configuration, log: log, identity: identity, venue: venue, sessions: sessions,
      listeners: listeners, control: control, host: host)
    if let first { try loop.adopt(first) } else { started(endpoints) }
    do throws(ServerError) { try loop.run() } catch {
      loop.closeSockets()
      throw error
    }
    try loop.shutDown()
  }

  private static func listen(
    _ configuration: ServerConfiguration, log: Log, host: any Host
  ) throws(ServerError) -> [Listener] {
    if configuration.listen.isEmpty { throw .configuration("no address to listen on") }
    var listeners: [Listener] = []
    for endpoint in configuration.listen {
      let listener = try host.listen(on: endpoint, backlog: 512)
      listeners.append(listener)
      if !listener.isLoopback && configuration.replayTarget {
        throw .configuration("a replay target admits everybody: it may listen on loopback addresses only")
      }
      log.info("listening on \(listener.address) port \(listener.port)")
      if !listener.isLoopback {
        log.warning(
          "\(listener.address) is not a loopback address: connections are plain TCP, neither encrypted nor protected "
            + "against changes on the way; use trusted networks or a tunnel")
      }
    }
    return listeners
  }

  private static func describeLimits(_ configuration: ServerConfiguration, _ venue: DefineVenue, log: Log) {
    let wanted = Int64(configuration.connections + 64)
    let limit = DescriptorLimit.raise(to: wanted)
    if limit < wanted {
      log.warning("\(limit) open files allowed, \(wanted) wanted for \(configuration.connections) connections")
    }
    log.info(
      "venue \(venue.name), id \(venue.venueId): \(venue.accounts) accounts, \(venue.instruments) instruments, "
        + "\(venue.orders) orders, \(venue.keys) keys; \(configuration.connections) connections, "
        + "\(configuration.session.requestsPerSecond) requests/s each")
    if configuration.replayTarget {
      log.warning("REPLAY TARGET: connections are admitted WITHOUT LOGIN and there is no live market")
    }
  }
}

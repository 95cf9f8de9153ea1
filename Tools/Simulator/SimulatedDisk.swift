import Glibc
import Storage

/// A file system in memory with one directory, which fails as disks do: calls fail, power is cut, bits rot.
///
/// Directory operations reach the medium in their order, as a journaling file system has it; file contents reach it
/// sector by sector in any order. What was synced stays.
final class SimulatedDisk: FileSystem, @unchecked Sendable {
  private struct Opened {
    var file: SimulatedFile
    var holdsLock = false
  }

  private enum DirectoryChange {
    case link(String, SimulatedFile)
    case rename(String, String)
    case remove(String)
  }

  private static let firstDescriptor: Int32 = 1 << 20

  private let clock: SimulatedClock
  private var chance: Chance
  var faults = DiskFaults.none
  private var names: [String: SimulatedFile] = [:]
  private var durableNames: [String: SimulatedFile] = [:]
  private var changes: [DirectoryChange] = []
  private var opened: [Opened?] = []
  /// Changes until the machine dies in the middle of one; `nil`: it does not.
  var changesLeft: Int?
  /// Nothing works any more and nothing changes.
  private(set) var isDead = false
  /// Whether calls take simulated time: a helper process's do not hold up the server.
  var takesTime = true
  /// Calls that failed on purpose.
  private(set) var injected = 0

  init(clock: SimulatedClock, chance: Chance) {
    self.clock = clock
    self.chance = chance
  }

  // MARK: The end of a process, and of the power

  /// The process is gone: its descriptors and locks with it. What it wrote stays in the page cache.
  func killProcess() {
    opened = []
    isDead = false
    changesLeft = nil
  }

  /// The power was off: what was not synced may be there, or not, or in part.
  func losePower() {
    killProcess()
    for change in changes.prefix(chance.below(changes.count + 1)) { apply(change, to: &durableNames) }
    changes = []
    names = durableNames
    for path in names.keys.sorted() { names[path]?.losePower(&chance) }
  }

  /// Flips a few bits of one file on the medium; false: there is none. The process must be dead.
  func rot() -> Bool {
    let paths = names.keys.sorted().filter { !$0.hasSuffix("/lock") && names[$0]?.durable.isEmpty == false }
    guard !paths.isEmpty, let file = names[chance.pick(paths)] else { return false }
    for _ in 0...chance.below(3) { file.rot(&chance) }
    return true
  }

  /// A copy of everything on the disk, all of it durable.
  func image() -> [String: SimulatedFile] { names.mapValues { $0.copy() } }

  /// Puts an image back.
  func become(_ image: [String: SimulatedFile]) {
    names = image
    for file in names.values { file.synchronise() }
    durableNames = names
    changes = []
  }

  /// Ends what ``cutShort(after:_:)`` has begun: the machine itself lives on.
  fileprivate func endCut(restoring left: Int?) {
    isDead = false
    changesLeft = left
  }

  /// Whether there is no journal yet.
  var isBlank: Bool { !names.keys.contains { $0.hasSuffix(".lsj") } }

  /// Bytes of all files.
  var bytes: Int { names.values.reduce(0) { $0 + $1.bytes.count } }

  // MARK: FileSystem

  func open(_ path: String, flags: Int32) -> Int32 {
    if isDead { return -EIO }
    let file: SimulatedFile
    if let known = names[path] {
      if flags & O_EXCL != 0 { return -EEXIST }
      file = known
      if flags & O_TRUNC != 0 {
        if dies() { return -EIO }
        file.resize(to: 0)
      }
    } else {
      if flags & O_CREAT == 0 { return -ENOENT }
      if dies() { return -EIO }
      file = SimulatedFile()
      change(.link(path, file))
    }
    let slot = opened.firstIndex { $0 == nil } ?? opened.count
    if slot == opened.count { opened.append(nil) }
    opened[slot] = Opened(file: file)
    return Self.firstDescriptor + Int32(slot)
  }

  func close(_ descriptor: Int32) {
    let slot = Int(descriptor - Self.firstDescriptor)
    if opened.indices.contains(slot) { opened[slot] = nil }
  }

  func read(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int, at offset: Int) -> Int {
    guard let file = file(descriptor) else { return -Int(EIO) }
    if fails(faults.failedRead) { return -Int(EIO) }
    if fails(faults.interrupted) { return -Int(EINTR) }
    let amount = max(0, min(count, file.bytes.count - offset))
    if amount > 0 {
      file.bytes.withUnsafeBytes { bytes.copyMemory(from: $0.baseAddress! + offset, byteCount: amount) }
    }
    return amount
  }

  func write(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    guard let file = file(descriptor) else { return -Int(EIO) }
    if fails(faults.interrupted) { return -Int(EINTR) }
    if fails(faults.failedWrite) { return -Int(EIO) }
    let dies = dies()
    var amount = count
    if count > 1 && (dies || fails(faults.shortWrite)) { amount = 1 + chance.below(count - 1) }
    if faults.capacity != .max {
      let room = faults.capacity - self.bytes + file.bytes.count
      if offset + amount > room { amount = max(0, room - offset) }
      if amount == 0 {
        injected += 1
        return -Int(ENOSPC)
      }
    }
    file.write(UnsafeRawBufferPointer(start: bytes, count: amount), at: offset)
    if takesTime { clock.pass(2_000 + UInt64(amount) / 8) }
    return dies ? -Int(EIO) : amount
  }

  func synchronise(_ descriptor: Int32) -> Int32 {
    guard let file = file(descriptor) else { return -EIO }
    if fails(faults.interrupted) { return -EINTR }
    if dies() { return -EIO }
    if takesTime { clock.pass(100_000 + chance.within(0...300_000)) }
    if fails(faults.failedSync) {
      file.failToSynchronise()
      return -EIO
    }
    file.synchronise()
    return 0
  }

  func truncate(_ descriptor: Int32, to size: Int) -> Int32 {
    guard let file = file(descriptor), !dies() else { return -EIO }
    file.resize(to: size)
    return 0
  }

  func size(_ descriptor: Int32) -> Int { file(descriptor)?.bytes.count ?? -Int(EIO) }

  func lock(_ descriptor: Int32) -> Int32 {
    guard let file = file(descriptor) else { return -EIO }
    if opened.contains(where: { $0?.file === file && $0?.holdsLock == true }) { return -EWOULDBLOCK }
    opened[Int(descriptor - Self.firstDescriptor)]?.holdsLock = true
    return 0
  }

  func rename(_ path: String, to name: String) -> Int32 {
    if isDead || dies() { return -EIO }
    guard names[path] != nil else { return -ENOENT }
    change(.rename(path, name))
    return 0
  }

  func remove(_ path: String) -> Int32 {
    if isDead || dies() { return -EIO }
    guard names[path] != nil else { return -ENOENT }
    change(.remove(path))
    return 0
  }

  func createDirectory(_ path: String) -> Int32 { isDead ? -EIO : -EEXIST }

  func synchroniseDirectory(_ path: String) -> Int32 {
    if isDead || dies() { return -EIO }
    for change in changes { apply(change, to: &durableNames) }
    changes = []
    return 0
  }

  func list(_ directory: String, into list: inout [String]) -> Int32 {
    if isDead { return -EIO }
    let prefix = directory + "/"
    for path in names.keys.sorted() where path.hasPrefix(prefix) { list.append(String(path.dropFirst(prefix.count))) }
    return 0
  }

  // MARK: Parts

  private func file(_ descriptor: Int32) -> SimulatedFile? {
    let slot = Int(descriptor - Self.firstDescriptor)
    return !isDead && opened.indices.contains(slot) ? opened[slot]?.file : nil
  }

  private func fails(_ count: Int) -> Bool {
    guard chance.once(in: count) else { return false }
    injected += 1
    return true
  }

  /// Counts a change; true: the machine dies in the middle of it.
  private func dies() -> Bool {
    guard let left = changesLeft else { return isDead }
    changesLeft = left - 1
    if left <= 1 { isDead = true }
    return isDead
  }

  private func change(_ change: DirectoryChange) {
    apply(change, to: &names)
    changes.append(change)
  }

  private func apply(_ change: DirectoryChange, to names: inout [String: SimulatedFile]) {
    switch change {
    case .link(let path, let file): names[path] = file
    case .rename(let path, let name):
      if let file = names.removeValue(forKey: path) { names[name] = file }
    case .remove(let path): names[path] = nil
    }
  }
}

extension SimulatedDisk {
  /// Runs `body` as a process that dies after so many changes: whatever it does then has no effect.
  func cutShort<Result>(after changes: Int, _ body: () -> Result) -> Result {
    let left = changesLeft
    changesLeft = changes + 1
    defer { endCut(restoring: left) }
    return body()
  }
}

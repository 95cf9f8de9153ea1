import Values

/// The other child of a node on the way up.
public struct Sibling: Equatable, Sendable {
  public var hash: Bytes32
  /// Leaves below it; 0: padding.
  public var count: UInt64
  /// Per column the positive, then the negative sum.
  public var sums: [UInt128]
}

/// One part of an account and its way to the root.
public struct PartProof: Equatable, Sendable {
  /// Place in the row of leaves.
  public var index: UInt64
  public var salt: Bytes32
  /// One figure per column.
  public var figures: [Int128]
  /// Lowest first.
  public var siblings: [Sibling]
}

/// The content of a proof file: one account's parts and their ways to the root of a signed report.
public struct AccountProof: Equatable, Sendable {
  public var account: AccountId
  public var signed: SignedReport
  public var parts: [PartProof]

  static let magic: UInt64 = 0x464F_4F52_5053_534C
  static let formatVersion: UInt32 = 1
  private static let fixedBytes = 24

  /// Size of the file in bytes.
  private static func size(report: Int, parts: Int, columns: Columns, height: Int) -> Int {
    let sibling = 40 + 16 * columns.sums
    return fixedBytes + report + parts * (40 + 16 * columns.count + height * sibling)
  }

  /// The file.
  public var bytes: [UInt8] {
    let report = signed.bytes
    var file = ByteWriter()
    file.put(Self.magic)
    file.put(Self.formatVersion)
    file.put(
      UInt32(
        Self.size(
          report: report.count, parts: parts.count, columns: signed.report.columns, height: signed.report.height)))
    file.put(account.rawValue)
    file.put(UInt32(parts.count))
    file.put(report)
    for part in parts {
      file.put(part.index)
      file.put(part.salt)
      file.put(part.figures)
      for sibling in part.siblings {
        file.put(sibling.hash)
        file.put(sibling.count)
        file.put(sibling.sums[...])
      }
    }
    return file.bytes
  }
}

extension AccountProof {
  /// Reads a proof file; its report is verified, its parts are not yet.
  init(reading bytes: [UInt8], publicKey: Bytes32) throws(SolvencyFault) {
    var reader = ByteReader(bytes)
    guard try reader.take(UInt64.self) == Self.magic else {
      throw .malformed("it is not a solvency proof (magic bytes)")
    }
    let version: UInt32 = try reader.take()
    guard version == Self.formatVersion else {
      throw .malformed("proof version \(version); this program knows \(Self.formatVersion)")
    }
    let size: UInt32 = try reader.take()
    account = AccountId(try reader.take())
    let count = Int(try reader.take(UInt32.self))
    guard SolvencyProver.parts.contains(count) else { throw .malformed("an account cannot have \(count) parts") }
    let start = reader.offset
    signed = try SignedReport(reading: &reader, publicKey: publicKey)
    let report = signed.report
    guard Int(size) == bytes.count,
      bytes.count
        == Self.size(
          report: reader.offset - start, parts: count, columns: report.columns, height: report.height)
    else {
      throw .malformed("its size is not that of a proof with \(count) parts in a tree of height \(report.height)")
    }
    parts = []
    for _ in 0..<count {
      let index: UInt64 = try reader.take()
      let salt = try reader.takeBytes32()
      let figures = try reader.takeFigures(report.columns.count)
      var siblings: [Sibling] = []
      for _ in 0..<report.height {
        let hash = try reader.takeBytes32()
        siblings.append(
          Sibling(hash: hash, count: try reader.take(), sums: try reader.takeRow(report.columns.sums)))
      }
      parts.append(PartProof(index: index, salt: salt, figures: figures, siblings: siblings))
    }
  }
}

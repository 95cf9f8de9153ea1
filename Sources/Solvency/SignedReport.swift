import CSodium
import Values

/// The venue's key, as far as it is needed here: its public half, and the signature it makes of some bytes.
public struct ReportSigner: Sendable {
  public let publicKey: Bytes32
  public let sign: @Sendable ([UInt8]) -> Bytes64

  public init(publicKey: Bytes32, sign: @escaping @Sendable ([UInt8]) -> Bytes64) {
    self.publicKey = publicKey
    self.sign = sign
  }
}

/// A report with the venue's signature: the content of a report file, and the first half of every proof file.
public struct SignedReport: Equatable, Sendable {
  public let report: SolvencyReport
  /// BLAKE2b-256 of everything before the signature. Who has the same hash has the same report: customers compare it, so
  /// that a venue cannot show each of them another one.
  public let hash: Bytes32
  public let publicKey: Bytes32
  public let signature: Bytes64

  static let magic: UInt64 = 0x4E45_564C_4F53_534C
  static let formatVersion: UInt32 = 1
  static let signatureBytes = 64
  /// Before the hash in what is signed, so that the signature can be of nothing else.
  static let signedText = Array("lockstep solvency report 1\n".utf8)
  private static let assetBytes = 44
  private static let bucketBytes = 24
  private static let fixedBytes = 152

  /// Signs `report`. Throws when it contradicts itself.
  public init(_ report: SolvencyReport, signer: ReportSigner) throws(SolvencyFault) {
    try report.check()
    self.init(unchecked: report, signer: signer)
  }

  /// Signs whatever the report says, as a venue could that lies.
  init(unchecked report: SolvencyReport, signer: ReportSigner) {
    self.report = report
    publicKey = signer.publicKey
    hash = Self.hash(report, publicKey)
    signature = signer.sign(Self.signedText + hash.fileBytes)
  }

  /// Size of the file in bytes.
  static func size(assets: Int, buckets: Int) -> Int {
    fixedBytes + assets * assetBytes + Columns(assets: assets).count * 32 + buckets * bucketBytes + 32 + signatureBytes
  }

  private static func hash(_ report: SolvencyReport, _ publicKey: Bytes32) -> Bytes32 {
    var text = ByteWriter()
    encode(report, publicKey, into: &text)
    return DomainHash(.report)(text)
  }

  private static func encode(_ report: SolvencyReport, _ publicKey: Bytes32, into text: inout ByteWriter) {
    text.put(magic)
    text.put(formatVersion)
    text.put(UInt32(size(assets: report.assets.count, buckets: report.house.count)))
    text.put(report.context.venueId)
    text.put(report.context.sequence)
    text.put(report.context.time.rawValue)
    text.put(report.context.stateHash)
    text.put(report.context.logChain)
    text.put(report.root)
    text.put(report.leaves)
    text.put(UInt8(report.height))
    text.put(report.moneyDigits)
    text.put(UInt16(report.assets.count))
    text.put(UInt32(report.house.count))
    for asset in report.assets {
      text.put(asset.id.rawValue)
      text.put(asset.digits)
      text.put(asset.priceScale)
      text.put(asset.symbol.low)
      text.put(asset.symbol.high)
      text.put(asset.price.rawValue)
      text.put(asset.deposited.rawValue)
    }
    text.put(report.sums[...])
    for bucket in report.house {
      text.put(bucket.kind.rawValue)
      text.put(bucket.asset.rawValue)
      text.put(bucket.instrument.rawValue)
      text.put(bucket.amount.rawValue)
    }
    text.put(publicKey)
  }

  /// The file.
  public var bytes: [UInt8] {
    var text = ByteWriter()
    Self.encode(report, publicKey, into: &text)
    text.put(signature.low)
    text.put(signature.high)
    return text.bytes
  }

  /// Reads a report file and believes it only with the venue's signature.
  public init(verifying bytes: [UInt8], publicKey: Bytes32) throws(SolvencyFault) {
    var reader = ByteReader(bytes)
    try self.init(reading: &reader, publicKey: publicKey)
    guard reader.remaining == 0 else { throw .malformed("\(reader.remaining) bytes follow the report") }
  }

  /// Reads the report at the place of `reader`, verifies it and moves past it.
  init(reading reader: inout ByteReader, publicKey expected: Bytes32) throws(SolvencyFault) {
    report = try Self.decode(&reader)
    publicKey = try reader.takeBytes32()
    signature = Bytes64(low: try reader.takeBytes32(), high: try reader.takeBytes32())
    guard publicKey == expected else { throw .otherKey }
    hash = Self.hash(report, publicKey)
    let text = Self.signedText + hash.fileBytes
    let signed = signature.low.fileBytes + signature.high.fileBytes
    guard crypto_sign_verify_detached(signed, text, UInt64(text.count), expected.fileBytes) == 0 else {
      throw .badSignature
    }
    try report.check()
  }

  private static func decode(_ reader: inout ByteReader) throws(SolvencyFault) -> SolvencyReport {
    let available = reader.remaining
    guard try reader.take(UInt64.self) == magic else { throw .malformed("it is not a solvency report (magic bytes)") }
    let version: UInt32 = try reader.take()
    guard version == formatVersion else {
      throw .malformed("report version \(version); this program knows \(formatVersion)")
    }
    let size: UInt32 = try reader.take()
    let context = SolvencyContext(
      venueId: try reader.take(), sequence: try reader.take(), time: Timestamp(try reader.take()),
      stateHash: try reader.takeBytes32(), logChain: try reader.takeBytes32())
    let root = try reader.takeBytes32()
    let leaves: UInt64 = try reader.take()
    let height: UInt8 = try reader.take()
    let moneyDigits: UInt8 = try reader.take()
    let assets = Int(try reader.take(UInt16.self))
    let buckets = Int(try reader.take(UInt32.self))
    guard assets > 0, Int(size) == self.size(assets: assets, buckets: buckets), Int(size) <= available else {
      throw .malformed("the report's size is not \(size) bytes")
    }
    var report = SolvencyReport(context: context, moneyDigits: moneyDigits, assets: [], house: [])
    report.root = root
    report.leaves = leaves
    report.height = Int(height)
    for _ in 0..<assets { report.assets.append(try decodeAsset(&reader)) }
    let sums = try reader.takeRow(Columns(assets: assets).sums)
    report.totals = stride(from: 0, to: sums.count, by: 2).map {
      ColumnTotal(positive: sums[$0], negative: sums[$0 + 1])
    }
    for _ in 0..<buckets { report.house.append(try decodeBucket(&reader)) }
    return report
  }

  private static func decodeAsset(_ reader: inout ByteReader) throws(SolvencyFault) -> ReportedAsset {
    let id = AssetId(try reader.take())
    let digits: UInt8 = try reader.take()
    let priceScale: UInt8 = try reader.take()
    return ReportedAsset(
      id: id, symbol: Symbol(low: try reader.take(), high: try reader.take()), digits: digits, priceScale: priceScale,
      price: Price(try reader.take()), deposited: Money(try reader.take(Int128.self)))
  }

  private static func decodeBucket(_ reader: inout ByteReader) throws(SolvencyFault) -> HouseBucket {
    let code: UInt16 = try reader.take()
    guard let kind = HouseBucket.Kind(rawValue: code) else { throw .malformed("bucket kind \(code) is unknown") }
    return HouseBucket(
      kind, asset: AssetId(try reader.take()), instrument: InstrumentId(try reader.take()),
      amount: Money(try reader.take(Int128.self)))
  }
}

extension Bytes32 {
  /// The 32 bytes in file order.
  var fileBytes: [UInt8] {
    var text = ByteWriter()
    text.put(self)
    return text.bytes
  }
}

import Testing

@testable import Client

@Suite("Addresses") struct AddressTests {
  @Test(arguments: [
    ("127.0.0.1:7400", "127.0.0.1", 7400), ("venue.example:1", "venue.example", 1), ("[::1]:65535", "::1", 65535),
  ])
  func hostAndPortAreFound(text: String, host: String, port: UInt16) throws {
    let address = try Address(text)
    #expect(address == Address(host: host, port: port))
    #expect(address.description == text)
  }

  @Test(arguments: ["", "localhost", "localhost:", ":7400", "localhost:0", "localhost:70000", "::1:7400"])
  func otherTextsAreRefused(text: String) {
    #expect(throws: ClientError.invalidAddress(text)) { try Address(text) }
  }
}

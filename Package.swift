// swift-tools-version: 6.1
import PackageDescription

// Dependencies point down only: Values at the bottom, the server and the tools on top.
// Kernel and everything below it link the standard library only.
let package = Package(
  name: "lockstep",
  products: [
    .library(name: "LockstepClient", targets: ["Client", "Wire", "Values"]),
    .executable(name: "lockstep", targets: ["lockstep"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CLZ4", path: "Sources/CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
    .systemLibrary(
      name: "CSodium", path: "Sources/CSodium", pkgConfig: "libsodium",
      providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]),
    .target(name: "CLinux", path: "Sources/CLinux"),
    .target(name: "Values"),
    .target(name: "Wire", dependencies: ["Values"]),
    .target(name: "Matching", dependencies: ["Values"]),
    .target(name: "Margin", dependencies: ["Values"], exclude: ["README.md"]),
    .target(name: "Kernel", dependencies: ["Values", "Wire", "Matching", "Margin"]),
    .target(name: "MarketData", dependencies: ["Values", "Wire", "Kernel"]),
    .target(name: "Session", dependencies: ["Values", "Wire", "Kernel", "MarketData", "CSodium"]),
    .target(name: "Storage", dependencies: ["Values", "Wire", "Kernel", "CLZ4", "CSodium", "CLinux"]),
    .target(
      name: "Server",
      dependencies: ["Values", "Wire", "Kernel", "MarketData", "Session", "Storage", "CSodium", "CLinux"]),
    .target(name: "Client", dependencies: ["Values", "Wire", "CSodium"]),
    .target(name: "Solvency", dependencies: ["Values", "CSodium"]),
    .target(
      name: "Tape", dependencies: ["ToolSupport", "Values", "Wire", "Kernel", "Storage", "Server", "Client"],
      path: "Tools/Tape"),
    .target(
      name: "Conformance", dependencies: ["ToolSupport", "Values", "Wire", "Kernel", "Client"],
      path: "Tools/Conformance"),
    .target(name: "History", dependencies: ["Kernel", "Values", "Wire"], path: "Tools/History"),
    .target(
      name: "ToolSupport",
      dependencies: ["Values", "Wire", "Kernel", "Client", .product(name: "TOMLKit", package: "TOMLKit")],
      path: "Tools/ToolSupport"),
    .target(
      name: "Proofs", dependencies: ["ToolSupport", "Solvency", "Storage", "Kernel", "Values"], path: "Tools/Proofs"),
    .executableTarget(
      name: "lockstep",
      dependencies: [
        "ToolSupport", "Tape", "Conformance", "History", "Proofs", "Solvency", "Values", "Wire", "Kernel", "Storage",
        "Server",
        "Simulator", "Client", "CSodium", "CLinux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "Tools/lockstep"),
    .target(name: "CBench", path: "Bench/CBench"),
    .target(name: "Workload", path: "Bench/Workload"),
    .executableTarget(
      name: "bench",
      dependencies: [
        "Values", "Wire", "Matching", "Kernel", "Server", "Client", "Workload", "CBench",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "Bench/bench"),
    .executableTarget(name: "example", dependencies: ["Client", "Wire", "Values"], path: "Tools/example"),
    .target(
      name: "FuzzHarness", dependencies: ["Values", "Wire", "Kernel", "MarketData", "Session", "CSodium"],
      path: "Tools/fuzz/Harness"),
    .target(
      name: "Simulator", dependencies: ["FuzzHarness", "Kernel", "Session", "Storage", "Server", "Wire", "Values"],
      path: "Tools/Simulator", exclude: ["README.md"]),
    .target(name: "FuzzEntry", dependencies: ["FuzzHarness", "CSodium"], path: "Tools/fuzz/Entry"),
    .target(name: "WireGenerator", path: "Tools/wiregen/WireGenerator"),
    .executableTarget(name: "wiregen", dependencies: ["WireGenerator"], path: "Tools/wiregen/wiregen"),
    .testTarget(name: "MarginTests", dependencies: ["Margin", "Values"]),
    .testTarget(
      name: "HostileTests",
      dependencies: ["FuzzHarness", "Kernel", "Session", "Server", "Wire", "Values", "CSodium"]),
    .testTarget(name: "MatchingTests", dependencies: ["Matching", "Values"]),
    .testTarget(name: "ToolsTests", dependencies: ["ToolSupport", "Client", "Wire", "Values"]),
    .testTarget(name: "ClientTests", dependencies: ["Client", "Server", "Wire", "Values", "CSodium"]),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "Kernel", "Wire", "Values", "CLinux", "CLZ4"]),
    .testTarget(name: "WireTests", dependencies: ["Values", "Wire", "WireGenerator"]),
    .testTarget(name: "MarketDataTests", dependencies: ["MarketData", "Kernel", "Wire", "Values"]),
    .testTarget(
      name: "ServerTests", dependencies: ["Server", "Session", "Storage", "Wire", "Values", "CSodium"]),
    .testTarget(name: "SessionTests", dependencies: ["Session", "MarketData", "Wire", "Values", "CSodium"]),
    .testTarget(name: "TapeTests", dependencies: ["Tape", "Client", "Storage", "Server", "Values", "Wire"]),
    .testTarget(
      name: "ReferenceTests", dependencies: ["Kernel", "Margin", "Values", "Wire"],
      exclude: ["Oracle/replay.py", "Oracle/rates.py"]),
    .testTarget(
      name: "ConformanceTests", dependencies: ["Conformance", "Tape", "ToolSupport", "Client", "Values", "Wire"]),
    .testTarget(name: "HistoryTests", dependencies: ["History", "Values", "Wire"]),
    .testTarget(name: "DynamicTests", dependencies: ["Kernel", "Margin", "Values", "Wire"]),
    .testTarget(name: "SolvencyTests", dependencies: ["Solvency", "Values", "CSodium"]),
    .testTarget(
      name: "ProofsTests",
      dependencies: ["Proofs", "Solvency", "Storage", "ToolSupport", "Client", "Kernel", "Wire", "Values"]),
    .testTarget(name: "SimulatorTests", dependencies: ["Simulator"]),
    .testTarget(name: "WorkloadTests", dependencies: ["Workload"]),
  ],
  swiftLanguageModes: [.v6]
)

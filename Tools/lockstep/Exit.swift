import ArgumentParser
import Client
import Conformance
import Glibc
import Solvency
import Storage
import Tape
import ToolSupport

/// The exit codes of all subcommands.
enum Exit: Int32, CaseIterable {
  case success = 0
  case difference = 1
  case usage = 2
  case connection = 3
  case refused = 4
  case failure = 5

  var meaning: String {
    switch self {
    case .success: "done"
    case .difference: "a check failed, or something differs"
    case .usage: "wrong arguments, or a file that cannot be read"
    case .connection: "no connection, or the login was refused"
    case .refused: "the venue refused the request"
    case .failure: "the command could not do its work"
    }
  }

  static var explanation: String { allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: "; ") + "." }
}

/// An error with its exit code. The message is a sentence that says what to do.
struct Failure: Error {
  let exit: Exit
  let message: String
}

/// Prints to standard error.
func complain(_ message: String) {
  let bytes = Array((message + "\n").utf8)
  _ = write(2, bytes, bytes.count)
}

/// Says what is wrong and ends the process with the code that belongs to it.
func stop(_ error: any Error) -> Never {
  fflush(nil)
  switch error {
  case let failure as Failure:
    complain("lockstep: \(failure.message)")
    exit(failure.exit.rawValue)
  case let error as ClientError:
    complain("lockstep: \(error)")
    exit(code(of: error).rawValue)
  case let error as VenueFileError:
    complain("\(error)")
    exit(Exit.usage.rawValue)
  case let error as FrameTextError:
    complain("lockstep: \(error)")
    exit(Exit.usage.rawValue)
  case let error as FileError:
    complain("lockstep: \(error)")
    exit(Exit.usage.rawValue)
  case let error as ScriptError:
    complain("lockstep: \(error)")
    exit(Exit.usage.rawValue)
  case let error as TapeError:
    complain("lockstep: \(error)")
    exit(Exit.usage.rawValue)
  case let error as SolvencyFault:
    complain("lockstep: \(error)")
    exit(Exit.difference.rawValue)
  case let error as StorageError:
    complain("lockstep: \(error)")
    exit(Exit.usage.rawValue)
  case let code as ExitCode:
    exit(code.rawValue)
  default:
    stopParsing(error)
  }
}

private func code(of error: ClientError) -> Exit {
  switch error {
  case .rejected: .refused
  case .invalidAddress, .keyFile: .usage
  default: .connection
  }
}

/// Help and version end with 0, everything else the argument parser throws with 2.
private func stopParsing(_ error: any Error) -> Never {
  let text = Lockstep.fullMessage(for: error)
  if Lockstep.exitCode(for: error) == .success {
    print(text)
    exit(Exit.success.rawValue)
  }
  if Lockstep.exitCode(for: error) == .validationFailure {
    complain(text)
    exit(Exit.usage.rawValue)
  }
  complain("lockstep: \(error)")
  exit(Exit.failure.rawValue)
}

import FoundationEssentials
import TapestryFoundation
import Testing

@testable import Tapestry

@Suite("What an error says to do")
struct RemedyTests {
  private let error = TapestryError(
    .networkNotFound, saying: "There is no network 'a': create it with `\(.createNetwork(name: "a"))`",
    cause: .init(operation: "look", errno: nil, message: "nothing there"))

  @Test("is a value for programs, a call for users of the library, and a command for users of the command")
  func names() {
    #expect(error.remedies == [.createNetwork(name: "a")])
    #expect(error.message == "There is no network 'a': create it with `NetworkManager.createNetwork(_:)`")
    #expect(error.commandLineMessage == "There is no network 'a': create it with `tapestry network create a`")
    #expect("\(error)" == error.message + " (NETWORK_NOT_FOUND)")
  }

  @Test("stays a value in an error that tells of others")
  func nested() throws {
    let setting = TapestryError(.addressInUse, saying: "Omit \(.set(.subnet6))")
    let both = try #require(TapestryError.joining([error, setting], "Incomplete"))
    #expect(both.remedies == [.createNetwork(name: "a"), .set(.subnet6)])
    #expect(both.commandLineMessage.hasSuffix("\n  Omit --subnet6 (ADDRESS_IN_USE)"))
    #expect(error.notUndone(setting).remedies == [.createNetwork(name: "a"), .set(.subnet6), .repair])
  }

  @Test("is said once")
  func once() { #expect(error.leavingRest.leavingRest == error.leavingRest) }

  @Test("does not depend on how a text was put together")
  func equality() {
    let whole: TapestryError.Message = "a b \(.repair) c"
    let end: TapestryError.Message = "\(.repair) c"
    #expect("a \("b") \(end)" == whole)
  }

  @Test("is what Foundation shows")
  func foundation() throws {
    let shown = try #require(error as any Error as? any LocalizedError)
    #expect(shown.errorDescription == error.message)
    #expect(shown.failureReason == "nothing there")
    #expect(shown.recoverySuggestion == "Call NetworkManager.createNetwork(_:)")
    #expect(TapestryError(.invalidMTU, "No").recoverySuggestion == nil)
    #expect(
      TapestryError(.ipExhausted, saying: "\(.set(.subnet)) \(.repair)").recoverySuggestion
        == "Set NetworkRequest.subnet\nCall NetworkManager.repair()")
  }
}

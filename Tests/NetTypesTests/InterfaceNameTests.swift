import NetTypes
import TestKit
import Testing

@Suite("InterfaceName")
struct InterfaceNameTests {
  @Test(
    "a name of up to 15 letters, digits and marks is one",
    arguments: ["svbr0", "br-1", "eth0.100", "a", "A_b.c:d-e", "0abc", "123456789012345", "Z9", "a..", "a:b", "z-_.:"])
  func reading(text: String) throws {
    let name = try InterfaceName(parsing: text)
    #expect(name.rawValue == text)
    #expect(name.description == text)
    #expect((try? InterfaceName(parsing: text)) == name)
  }

  @Test(
    "anything else is refused, and the message names it and what it was for",
    arguments: [
      "1234567890123456", "", "-x", ".x", "_x", ":x", "a b", "a/b", "br0\n", "\nbr0", "br0\r\n", "br0 ", " br0",
      "\u{fc}n\u{ef}", "n\u{fc}", "br\u{301}", "ｂr0", "br0\0", "\0", ".", "..", "-", "a%d", "a@b", "a[", "a`", "a{",
      "a,b",
      "12345678901234\u{fc}", "😀", String(repeating: "a", count: 10_000),
    ])
  func refusing(text: String) {
    #expect((try? InterfaceName(parsing: text)) == nil)
    let named = #expect(throws: InterfaceNameError.self) {
      try InterfaceName(parsing: text, field: "bridgeName")
    }
    #expect(named?.message == "bridgeName '\(text)' is not a valid Linux interface name")
    #expect(named?.description == named?.message)
    #expect(named?.name == text)
    #expect(named?.field == "bridgeName")
    let unnamed = #expect(throws: InterfaceNameError.self) { try InterfaceName(parsing: text) }
    #expect(unnamed?.message == "interface name '\(text)' is not a valid Linux interface name")
  }

  @Test("every byte that may stand first, and later, is one of the pattern's")
  func everyCharacter() {
    let first = (0...0x17f as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter {
      (try? InterfaceName(parsing: String($0))) != nil
    }
    let later = (0...0x17f as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter {
      (try? InterfaceName(parsing: "a\($0)")) != nil
    }
    let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    #expect(Set(first) == Set(letters.unicodeScalars))
    #expect(Set(later) == Set((letters + "_.:-").unicodeScalars))
  }

  @Test("of nearly right names, those that match the pattern are accepted")
  func nearMisses() throws {
    let pattern = #/[a-zA-Z0-9][a-zA-Z0-9_.:-]{0,14}/#.matchingSemantics(.unicodeScalar)
    var generator = SeededGenerator(seed: 0x1f)
    var accepted = 0
    for _ in 0..<20_000 {
      let length = Int.random(in: 1...15, using: &generator)
      let name = String("svweb1-eth0.100".prefix(length))
      let text = RandomText.nearly(name, using: &generator)
      let matches = text.wholeMatch(of: pattern) != nil
      #expect(((try? InterfaceName(parsing: text)) != nil) == matches, "\(text.debugDescription)")
      if matches { accepted += 1 }
    }
    #expect(1_000..<19_000 ~= accepted)
  }

  @Test("order is that of the bytes")
  func order() throws {
    let names = try ["b", "a0", "Z", "a-", "a", "0"].map { text throws in try InterfaceName(parsing: text) }
    #expect(names.sorted().map(\.rawValue) == ["0", "Z", "a", "a-", "a0", "b"])
  }
}

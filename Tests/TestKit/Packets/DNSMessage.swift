public import NetTypes

/// A question to a name server, and its answer (RFC 1035, 4).
public enum DNSMessage {
  public enum RecordType: UInt16, Sendable {
    case address = 1
    case alias = 5
    case pointer = 12
  }

  /// What a name server says.
  public struct Answer: Hashable, Sendable {
    /// 0: no error; 3: no such name; 5: refused.
    public var code: UInt8
    public var addresses: [IPv4Address] = []
    /// What an address is called.
    public var names: [String] = []

    public init(code: UInt8, addresses: [IPv4Address] = []) {
      self.code = code
      self.addresses = addresses
    }
  }

  /// A question, recursion desired.
  public static func query(_ name: String, _ type: RecordType = .address, id: UInt16) -> [UInt8] {
    var bytes: [UInt8] = []
    for word: UInt16 in [id, 0x0100, 1, 0, 0, 0] { bytes.append(bigEndian: word) }
    for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
    bytes.append(0)
    bytes.append(bigEndian: type.rawValue)
    bytes.append(bigEndian: UInt16(1))
    return bytes
  }

  /// - Returns: nil when it is no answer to the question of this id.
  public static func answer(_ bytes: [UInt8], id: UInt16) -> Answer? { try? parse(bytes, id) }

  private static func parse(_ bytes: [UInt8], _ id: UInt16) throws(PacketError) -> Answer? {
    var reader = PacketReader(bytes, of: "DNS")
    guard try reader.uint16() == id else { return nil }
    let flags = try reader.uint16()
    guard flags & 0x8000 != 0 else { return nil }
    var answer = Answer(code: UInt8(flags & 0xf))
    let questions = try reader.uint16()
    let answers = try reader.uint16()
    _ = try reader.bytes(4)
    for _ in 0..<questions {
      _ = try name(&reader, bytes)
      _ = try reader.bytes(4)
    }
    for _ in 0..<answers {
      _ = try name(&reader, bytes)
      let type = RecordType(rawValue: try reader.uint16())
      _ = try reader.bytes(6)
      let length = Int(try reader.uint16())
      var data = reader
      _ = try reader.bytes(length)
      switch type {
      case .address: if let address = IPv4Address(bytes: Array(try data.bytes(4))) { answer.addresses.append(address) }
      case .pointer: answer.names.append(try name(&data, bytes))
      case .alias, nil: break
      }
    }
    return answer
  }

  /// A name, whose end may be that of one before it.
  private static func name(_ reader: inout PacketReader, _ whole: [UInt8]) throws(PacketError) -> String {
    var labels: [String] = []
    while true {
      let length = try reader.uint8()
      if length == 0 { break }
      if length & 0xc0 == 0xc0 {
        let place = Int(length & 0x3f) << 8 | Int(try reader.uint8())
        guard place < whole.count, labels.count < 64 else { throw PacketError("DNS: a name that leads nowhere") }
        var rest = PacketReader(Array(whole[place...]), of: "DNS")
        labels.append(try name(&rest, whole))
        break
      }
      labels.append(String(decoding: try reader.bytes(Int(length)), as: UTF8.self))
    }
    return labels.joined(separator: ".")
  }
}

extension StandInGuest {
  /// Asks a name server.
  /// - Returns: nil when no answer has come within `limit`.
  public func lookUp(
    _ name: String, _ type: DNSMessage.RecordType = .address, at server: IPv4Address? = nil,
    within limit: Duration = .patience
  ) async throws -> DNSMessage.Answer? {
    guard let server = server ?? gateway else { return nil }
    let id = UInt16.random(in: 1...UInt16.max)
    let answer = try await exchangeUDP(DNSMessage.query(name, type, id: id), with: server, port: 53, within: limit)
    return answer.flatMap { DNSMessage.answer($0, id: id) }
  }
}

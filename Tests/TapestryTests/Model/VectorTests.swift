import FoundationEssentials
import Glibc
import NetTypes
import Testing

@testable import Tapestry

/// The answers that the original gave, computed by running it.
private struct Vectors: Decodable {
  var identity: [IdentityVector]
  var subnets: [SubnetVector]
  var interfaceNames: [NameVector]

  struct IdentityVector: Decodable {
    var vm: String
    var interface: String
    var mac: String
    var tapName: String
  }

  struct SubnetVector: Decodable {
    var subnet: String
    var networkAddress: String?
    var prefixLength: Int?
    var gatewayIp: String?
    var subnetMask: String?
    var firstGuestIp: String?
    var lastGuestIp: String?
    var bootArgs: String?
    var error: Failure?
  }

  struct NameVector: Decodable {
    var name: String
    var valid: Bool
    var error: Failure?
  }

  struct Failure: Decodable, Equatable {
    var code: String
    var message: String

    init(_ error: TapestryError) {
      code = error.code.rawValue
      message = error.message
    }
  }

  static func load() throws -> Vectors {
    let path = String(#filePath.prefix(through: #filePath.lastIndex(of: "/") ?? #filePath.startIndex))
    let data = try Data(contentsOf: URL(filePath: path + "../Vectors/vectors.json"))
    return try JSONDecoder().decode(Vectors.self, from: data)
  }
}

@Suite("The original's answers")
struct VectorTests {
  private let vectors: Vectors

  init() throws { vectors = try Vectors.load() }

  @Test("every MAC and TAP name is the original's")
  func identity() {
    #expect(vectors.identity.count > 20)
    for vector in vectors.identity {
      #expect(Identity.mac(vm: vector.vm, interface: vector.interface).description == vector.mac)
      #expect(Identity.tapName(vm: vector.vm, interface: vector.interface) == vector.tapName)
    }
  }

  @Test("every subnet is taken apart, or refused, as the original does")
  func subnets() throws {
    #expect(vectors.subnets.count > 20)
    for vector in vectors.subnets {
      do throws(TapestryError) {
        let subnet = try Validation.subnet(vector.subnet)
        #expect(vector.error == nil, "\(vector.subnet) should be refused")
        #expect(subnet.networkAddress.description == vector.networkAddress)
        #expect(subnet.prefixLength == vector.prefixLength)
        #expect(subnet.gateway.description == vector.gatewayIp)
        #expect(subnet.subnetMask.description == vector.subnetMask)
        #expect(subnet.firstGuest.description == vector.firstGuestIp)
        #expect(subnet.lastGuest.description == vector.lastGuestIp)
        #expect(BootArguments(address: subnet.firstGuest, subnet: subnet).description == vector.bootArgs)
      } catch {
        #expect(Vectors.Failure(error) == vector.error)
      }
    }
  }

  @Test("every interface name is taken, or refused, as the original does")
  func interfaceNames() throws {
    #expect(vectors.interfaceNames.count > 10)
    for vector in vectors.interfaceNames {
      do throws(TapestryError) {
        let name = try Validation.interfaceName(vector.name, field: "bridgeName")
        #expect(vector.valid && name.rawValue == vector.name)
      } catch {
        #expect(!vector.valid)
        #expect(Vectors.Failure(error) == vector.error)
      }
    }
  }
}

import NFTables

extension Ruleset {
  /// Guests restored from one snapshot, all with the same address: each is translated to one of its own.
  static let clones = Ruleset("clones of one snapshot", script: cloneScript) {
    let table = Table(.ip, "clones")
    let outer = NamedSet(table.id, "outer", .interfaceName, mapsTo: .values([.ipv4Address]))
    let inner = NamedSet(table.id, "inner", .interfaceName, mapsTo: .values([.ipv4Address]))
    let bind = NamedSet(table.id, "bind", .interfaceName, .ipv4Address)
    let taps = NamedSet(table.id, "taps", .interfaceName)
    let outers = NamedSet(table.id, "outers", .ipv4Address)

    let fromGuest = Chain(table.id, "from_guest")
    let into = Chain(table.id, "in", .init(.filter, .prerouting, priority: -450))
    let out = Chain(table.id, "out", .init(.filter, .postrouting, priority: 300))
    let nat = Chain(table.id, "nat", .init(.nat, .postrouting, priority: .srcnat))

    var contents = TableContents(table)
    for set in [outer, inner, bind, taps, outers] { contents.add(set) }
    for chain in [fromGuest, into, out, nat] { contents.add(chain) }
    contents.add(Rule(in: fromGuest, .match(.iifname, .ipSource, notIn: bind), .drop))
    contents.add(Rule(in: fromGuest, .set(.ipSource, from: outer, of: .iifname)))
    contents.add(Rule(in: into, .match(.iifname, in: taps), .jump("from_guest")))
    contents.add(
      Rule(in: out, .match(.oifname, in: taps), .set(.ipDestination, from: inner, of: .oifname)))
    contents.add(Rule(in: nat, .match(.ipSource, in: outers), .match(.oifname, notIn: taps), .masquerade))
    return [contents]
  }

  private static let cloneScript = """
    table ip clones {
      map outer { type ifname : ipv4_addr; }
      map inner { type ifname : ipv4_addr; }
      set bind { type ifname . ipv4_addr; }
      set taps { type ifname; }
      set outers { type ipv4_addr; }
      chain from_guest {
        iifname . ip saddr != @bind drop
        ip saddr set iifname map @outer
      }
      chain in {
        type filter hook prerouting priority -450;
        iifname @taps jump from_guest
      }
      chain out {
        type filter hook postrouting priority 300;
        oifname @taps ip daddr set oifname map @inner
      }
      chain nat {
        type nat hook postrouting priority srcnat;
        ip saddr @outers oifname != @taps masquerade
      }
    }
    """
}

/// All that a command may leave behind: what the kernel has in a namespace, as its own tools print it, and what the
/// state file holds, without what changes by itself or from one making of the same thing to the next.
struct World: Hashable, Sendable {
  /// By title, each with its lines in order.
  var sections: [String: [String]] = [:]
  /// What must never be: leases lost or doubled, a damaged state file, unknown files beside it.
  var faults: [String] = []

  /// The lines of /proc/sys/net, in order: a thousand and more.
  var sysctls = ""

  /// Prints a world, the sysctls on standard error; `$STATE` is the state file. The sysctls left out are counters of
  /// the machine, and what is drawn by lot when a namespace or an interface is made; of the ruleset, which state file it is of.
  static let script = """
    echo '## link'; ip -d -o link
    echo '## address'; ip -o addr
    echo '## route'; ip route show table all; ip -6 route show table all
    echo '## fdb'; bridge fdb show
    echo '## neighbour'; ip neigh
    echo '## ruleset'; nft list ruleset | sed -E 's/ state\\.[0-9a-f]{16}\\./ state./; /comment ".*state\\.db"/d'
    echo '## iptables-legacy'; ! grep -qs filter /proc/net/ip_tables_names || iptables-legacy -S | sed '/ACCEPT$/{/^-P/d}'
    grep -rsH --exclude-dir=neigh --exclude='gc_*' --exclude=flush --exclude=stable_secret --exclude=tcp_fastopen_key --exclude='tcp_avail*' \
      --exclude=tcp_mem '' /proc/sys/net/ipv4 /proc/sys/net/ipv6 /proc/sys/net/bridge | LC_ALL=C sort >&2
    echo '## names'; [ ! -e "$STATE.d" ] || (cd "$STATE.d" && find . | LC_ALL=C sort && grep -rs '' --exclude='*pid' . | sort)
    pgrep --ns $$ --nslist net -c dnsmasq
    echo '## faults'
    for file in "${STATE%/*}"/*; do
      case $file in
      "$STATE" | "$STATE-wal" | "$STATE-shm" | "$STATE.lock" | "$STATE.reserve" | "$STATE.d" | "${STATE%/*}/*") ;;
      *) echo "stray file $file" ;;
      esac
    done
    if [ -s "$STATE" ]; then
      sqlite3 -cmd '.timeout 60000' "file:$STATE?mode=ro" "$FAULTS" '.print "## lease"' 'SELECT vm, interface, network, address, mac, tap_name,
        state, settings FROM lease' '.print "## network"' 'SELECT name, mode, subnet, prefix_length, bridge,
        mtu, settings FROM network' '.print "## published"' 'SELECT transport, host_port,
        host_address, guest_port, vm, interface FROM published' '.print "## remembered"' 'SELECT name, value FROM sysctl' 2>&1
    fi
    true
    """

  /// Prints a line for everything in the state file that must not be.
  static let faultQuery = """
    SELECT 'integrity: ' || integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok';
    WITH RECURSIVE
      held(network, address) AS (
        SELECT network, address FROM lease UNION ALL SELECT network, address FROM released
        UNION ALL SELECT network, address FROM reservation),
      given(network, address, stop) AS (
        SELECT name, subnet + 2, next_address FROM network WHERE next_address > subnet + 2
        UNION ALL SELECT network, address + 1, stop FROM given WHERE address + 1 < stop)
    SELECT 'lost address ' || network || ' ' || (address & 255) FROM given
      WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.network = given.network AND held.address = given.address)
    UNION ALL SELECT 'address held twice ' || network || ' ' || (address & 255) FROM held
      GROUP BY network, address HAVING count(*) > 1
    UNION ALL SELECT 'address of no network ' || network FROM held WHERE network NOT IN (SELECT name FROM network);
    SELECT 'MAC held twice ' || network || ' ' || mac FROM lease GROUP BY network, mac HAVING count(*) > 1;
    SELECT 'TAP name held twice ' || tap_name FROM lease GROUP BY tap_name HAVING count(*) > 1;
    SELECT 'port of no lease ' || host_port FROM published
      WHERE NOT EXISTS (SELECT 1 FROM lease WHERE lease.vm = published.vm AND lease.interface = published.interface);
    SELECT 'lease of ' || vm || '/' || interface || ' is ' || state FROM lease WHERE state <> 'active';
    """

  init(parsing text: String, sysctls: String) {
    self.sysctls = sysctls
    var title = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") {
        title = String(line.dropFirst(3))
      } else if title == "faults" {
        faults.append(String(line))
      } else if let kept = Self.normal(line, in: title) {
        sections[title, default: []].append(kept)
      }
    }
    sections["ruleset"] = Self.orderingElements(sections["ruleset", default: []])
    // The order of links is that of their indices, which are new for links that were made again. Rules have an order.
    for (title, lines) in sections where title != "ruleset" { sections[title] = lines.sorted() }
  }

  // MARK: What changes by itself

  private static func normal(_ line: Substring, in title: String) -> String? {
    switch title {
    case "link": return link(line)
    case "address":
      // The index.
      return line.split(separator: ":", maxSplits: 1).last.map(String.init)
    case "route":
      // The one for IPv6's multicast comes with the first carrier.
      return line.hasPrefix("multicast ff00::/8") ? nil : String(line).replacing(" linkdown", with: "")
    case "fdb":
      // Multicast groups, which the kernel's own IPv4 and IPv6 join when a link is ready.
      return line.hasPrefix("33:33:") || line.hasPrefix("01:00:5e:") ? nil : String(line)
    case "neighbour":
      // Its state follows time. The bystander's comes with its traffic.
      let words = line.split(separator: " ")
      if words.first == Bystander.addressText[...] || words.last == "FAILED" || words.last == "INCOMPLETE" {
        return nil
      }
      return words.dropLast().joined(separator: " ")
    default: return String(line)
    }
  }

  /// Words of `ip -d link` that are followed by a value which follows the carrier, time, the port's number, or, on a
  /// bridge, the ports it once had.
  private static let volatileWords: Set<Substring> = [
    "state", "port_id", "port_no", "designated_port", "topology_change", "topology_change_detected", "qdisc",
    "tso_max_size", "tso_max_segs", "gso_max_size", "gso_max_segs", "gro_max_size",
  ]

  private static func link(_ line: Substring) -> String {
    var kept: [Substring] = []
    var words = line.split(separator: " ")[...]
    words.removeFirst()
    while let word = words.popFirst() {
      if volatileWords.contains(word) || word.hasSuffix("_timer") {
        _ = words.popFirst()
      } else if word.hasPrefix("<") {
        let flags = word.dropFirst().dropLast().split(separator: ",")
        kept.append("<\(flags.filter { $0 != "LOWER_UP" && $0 != "NO-CARRIER" }.joined(separator: ","))>")
      } else {
        kept.append(word)
      }
    }
    return kept.joined(separator: " ")
  }

  /// The elements of a set have no order: each set's as one line.
  private static func orderingElements(_ lines: [String]) -> [String] {
    var ordered: [String] = []
    var elements: [String]?
    for line in lines {
      let text = line.trimmingPrefix { $0 == " " || $0 == "\t" }
      if elements == nil, !text.hasPrefix("elements = {") {
        ordered.append(line)
        continue
      }
      let words = text.replacing("elements = { ", with: "").replacing(" }", with: "").split(separator: ", ")
      elements = elements.map { $0 + words.map(String.init) } ?? words.map(String.init)
      guard text.hasSuffix("}") else { continue }
      let names = (elements ?? []).map { $0.hasSuffix(",") ? String($0.dropLast()) : $0 }
      // Those that packets make count, and are written down by no command.
      let made = names.filter { !$0.contains(" expires ") && !$0.contains(" ct count over ") }
      if !made.isEmpty { ordered.append("elements: " + made.sorted().joined(separator: ", ")) }
      elements = nil
    }
    return ordered
  }

  // MARK: Comparing

  /// The lines that only one of the two has, `+` for this one's.
  func difference(from other: World) -> [String] {
    var lines = faults.map { "fault: \($0)" }
    if sysctls != other.sysctls {
      let (mine, theirs) = (Set(sysctls.split(separator: "\n")), Set(other.sysctls.split(separator: "\n")))
      lines += mine.subtracting(theirs).map { "+ sysctl: \($0)" } + theirs.subtracting(mine).map { "- sysctl: \($0)" }
    }
    for title in Set(sections.keys).union(other.sections.keys).sorted() {
      let (mine, theirs) = (sections[title, default: []], other.sections[title, default: []])
      guard mine != theirs else { continue }
      lines += mine.filter { !theirs.contains($0) }.map { "+ \(title): \($0)" }
      lines += theirs.filter { !mine.contains($0) }.map { "- \(title): \($0)" }
      if Set(mine) == Set(theirs) { lines.append("\(title): in another order or number") }
    }
    return lines
  }
}

import ArgumentParser
import Tapestry

struct LabelCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "label", abstract: "Change the labels of a VM, or of a network.",
    discussion: """
      Sets what is given as KEY=VALUE, removes what is given as KEY-, and leaves other labels unchanged, atomically. \
      'ls' and 'detach' select attachments by labels. Prints the result.

        tapestry label web-1 tier=web release-
        tapestry label --network blue team=ci
      """)

  @Argument(
    help: ArgumentHelp(
      "The VM's id, unless '--network' is given; then labels: KEY=VALUE sets one, KEY- removes it.",
      valueName: "vm|label"),
    completion: .attachedVM)
  var words: [String]

  @Option(help: ArgumentHelp("Only this interface of the VM.", valueName: "id"))
  var interface: String?

  @Option(help: ArgumentHelp("The labels of this network, not of a VM.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard network == nil || interface == nil else {
      throw ValidationError("'--interface' applies to a VM: use it without '--network'.")
    }
    guard words.count > (network == nil ? 1 : 0) else {
      throw ValidationError(
        "Name \(network == nil ? "a VM, and then " : "")the labels to set (KEY=VALUE) or remove (KEY-).")
    }
  }

  func perform() throws(TapestryError) {
    let engine = try common.engine()
    if let network {
      format.show(
        try engine.update(network: Validation.networkName(network)) { settings throws(TapestryError) in
          try settings.labels.change(by: words)
        })
    } else {
      format.show(
        try engine.update(
          vmID: Validation.vmID(words[0]), interfaceID: interface.map(Validation.interfaceID)
        ) { settings throws(TapestryError) in
          try settings.labels.change(by: Array(words.dropFirst()))
        })
    }
  }
}

/// `--filter`, of commands that select attachments.
struct LabelFilter: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only attachments with this label: label=KEY=VALUE, or label=KEY for any value. May be repeated: all must match.",
      valueName: "filter"))
  var filter: [String] = []

  private static let prefix = "label="

  func validate() throws {
    for text in filter where !text.hasPrefix(Self.prefix) {
      throw ValidationError("'--filter \(text)': expected label=KEY or label=KEY=VALUE.")
    }
  }

  /// - Throws: `INVALID_LABEL`.
  func selection() throws(TapestryError) -> (AttachmentSettings) -> Bool {
    let wanted = try filter.map { text throws(TapestryError) -> (key: String, value: String?) in
      let words = text.split(separator: "=", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      var valid = Labels()
      try valid.set(words[1], to: words.dropFirst(2).first ?? "")
      return (words[1], words.dropFirst(2).first)
    }
    return { settings in
      wanted.allSatisfy { key, value in
        settings.labels[key].map { value == nil || $0 == value } ?? false
      }
    }
  }
}

import ArgumentParser
import Glibc

StandardStreams.prepare()
// Commands that run for every VM delay its start. Those that `QuickCommand` parses do not use ArgumentParser, which
// looks up several hundred protocol conformances before it reads its first argument.
if let command = QuickCommand(CommandLine.arguments.dropFirst()) {
  exit(command.run())
}
TapestryCommand.start(Array(CommandLine.arguments.dropFirst()))

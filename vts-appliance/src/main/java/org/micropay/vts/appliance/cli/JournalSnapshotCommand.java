package org.micropay.vts.appliance.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.server.Snapshotter;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code vts journal snapshot}: the state at the newest durable record, in a file. */
@Command(
    name = "snapshot",
    mixinStandardHelpOptions = true,
    description = {
      "Take a snapshot of the state, so that a restart reads little. Works beside a running server",
      "and on a journal at rest; takes the ledger's memory once more while it runs.",
      "Exit codes: 0, 66 no journal there, 74 damaged or not to be written, 75 one is being taken."
    })
final class JournalSnapshotCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ConfigOption config;

  JournalSnapshotCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    ConfigFile file = config.read();
    try {
      long upTo = JournalReader.durablePosition(file.resolve(file.config().journal().directory()));
      if (upTo == 0) {
        throw new CommandException(
            ExitCode.NO_INPUT, "EMPTY", "the journal is empty; there is nothing to take");
      }
      Snapshotter snapshotter = Snapshotter.of(file);
      long[] done = {snapshotter.newest()};
      DemoProgress.Step step = console.progress().begin("snapshot", upTo - done[0]);
      Snapshotter.Taken taken =
          snapshotter.take(
              upTo,
              null,
              position -> {
                step.advance(Math.max(0, position - done[0]));
                done[0] = Math.max(done[0], position);
              });
      step.done("%,d records since position %,d".formatted(upTo - taken.from(), taken.from()));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("file", taken.path().toString());
      result.put("position", taken.position());
      result.put("from", taken.from());
      result.put("bytes", taken.bytes());
      if (json.json) {
        console.printJson(result);
      } else {
        console.print(
            "snapshot at position %,d in %s, %,d bytes"
                .formatted(taken.position(), taken.path(), taken.bytes()));
      }
      return ExitCode.OK.number();
    } catch (Snapshotter.BusyException e) {
      throw new CommandException(ExitCode.TRY_AGAIN, "BUSY", e.getMessage());
    } catch (JournalException e) {
      throw JournalErrors.of(e);
    }
  }
}

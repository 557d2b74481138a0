package org.micropay.vts.appliance.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.log.LogExport;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.DirectoryFiles;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.SignedNote;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code vts log export}: the log's files for another web server. The VTS may run meanwhile. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Copy the public log to a folder that any web server can serve.",
      "The VTS may run meanwhile; called again, it adds what is new."
    })
final class LogExportCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ConfigOption config;

  @Parameters(paramLabel = "DIR", description = "Folder to copy to; made when it is missing.")
  private Path directory;

  LogExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    FileTrouble.requireNoFile("folder", directory);
    ConfigFile file = config.read();
    DirectoryFiles source = new DirectoryFiles(file.resolve(file.config().log().directory()));
    try {
      byte[] note =
          source
              .read(LogSource.CHECKPOINT)
              .orElseThrow(
                  () ->
                      new LogDataException(
                          source + " holds no checkpoint; has the server run with this config?"));
      long size = Checkpoint.parse(SignedNote.parse(note).text()).size();
      DemoProgress.Step step = console.progress().begin("copying", LogExport.fileCount(size));
      LogExport.Result result = LogExport.run(source, new DirectoryFiles(directory), step::advance);
      step.done("%,d files".formatted(result.written()));
      report(result);
      return ExitCode.OK.number();
    } catch (LogDataException e) {
      throw new CommandException(ExitCode.NO_INPUT, "NO_LOG", e.getMessage());
    } catch (UncheckedIOException e) {
      throw new CommandException(ExitCode.CANNOT_CREATE, "CANNOT_CREATE", e.getMessage());
    }
  }

  private void report(LogExport.Result result) {
    Checkpoint checkpoint = result.checkpoint();
    if (json.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("directory", directory.toString());
      document.put("origin", checkpoint.origin());
      document.put("size", checkpoint.size());
      document.put("root", checkpoint.root().toHex());
      document.put("files_written", result.written());
      document.put("files_kept", result.kept());
      console.printJson(document);
    } else {
      console.print(
          "%s: %,d leaves of %s (%,d files written, %,d were there)"
              .formatted(
                  directory,
                  checkpoint.size(),
                  checkpoint.origin(),
                  result.written(),
                  result.kept()));
    }
  }
}

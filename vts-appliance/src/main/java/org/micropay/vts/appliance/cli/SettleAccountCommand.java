package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.appliance.http.AccountAnswer;
import org.micropay.vts.appliance.server.JournalBooks;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.settlement.Books;
import org.micropay.vts.settlement.ChainException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts settle account}: every satoshi, from journal and chain alone. */
@Command(
    name = "account",
    mixinStandardHelpOptions = true,
    description = {
      "Account for every satoshi of escrows, deposits and fee wallet, double entry,",
      "from the journal and the chain's blocks alone.",
      "Exit code 1 when they do not agree, with each entry that does not."
    })
final class SettleAccountCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private ConfigOption config;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description = "The journal's folder, also a copy (default: the configured one).")
  private Path journal;

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      description = "Where older files of the journal are (default: the configured one).")
  private Path archive;

  @Option(
      names = {"-s", "--server"},
      paramLabel = "URL",
      description = "Let a running VTS do it; the only way while it runs the embedded chain.")
  private String url;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write one line for each entry to a new file.")
  private Path csv;

  SettleAccountCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (url != null) {
      return ask();
    }
    Books books = read();
    if (csv != null) {
      write(books.csv());
    }
    AccountAnswer answer = AccountAnswer.of(books);
    if (json.json) {
      console.printJson(answer);
    } else {
      show(answer);
    }
    return (books.agrees() ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private Books read() {
    ConfigFile file = config.read();
    DemoProgress.Step step = console.progress().begin("read journal and chain", 0);
    try {
      Books books = JournalBooks.read(file, places(file), height -> {});
      step.done("blocks %d to %d".formatted(books.fromHeight(), books.toHeight()));
      return books;
    } catch (JournalException e) {
      throw new CommandException(ExitCode.IO, "JOURNAL_" + e.reason(), e.getMessage());
    } catch (ChainException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "NODE_" + e.kind(), e.getMessage());
    } catch (IOException e) {
      throw new CommandException(ExitCode.NO_INPUT, "CHAIN_FILE", e.getMessage());
    }
  }

  private Optional<JournalPlaces> places(ConfigFile file) {
    if (journal == null && archive == null) {
      return Optional.empty();
    }
    JournalPlaces configured = file.journalPlaces();
    return Optional.of(
        new JournalPlaces(journal == null ? configured.journal() : journal, archive));
  }

  private Integer ask() {
    ServerOption server = new ServerOption();
    server.url = url;
    try (VtsHttpClient client = server.connect()) {
      VtsHttpClient.Answer answer = client.get("/v1/settlement/account");
      if (answer.status() != 200) {
        throw new CommandException(
            ExitCode.UNAVAILABLE, answer.code().name(), url + ": " + answer.detail());
      }
      AccountAnswer account = AccountAnswer.of(answer.body());
      if (csv != null) {
        write(csvLines(answer.body()));
      }
      if (json.json) {
        console.printJson(account);
      } else {
        show(account);
      }
      return (account.agrees() ? ExitCode.OK : ExitCode.NEGATIVE).number();
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }

  private static List<String> csvLines(JsonNode body) {
    List<String> lines = new ArrayList<>();
    body.path("csv").forEach(line -> lines.add(line.asText()));
    return lines;
  }

  private void write(List<String> lines) {
    try {
      // RFC 4180 ends lines so.
      Files.writeString(
          csv,
          String.join("\r\n", lines) + "\r\n",
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "EXISTS", csv + " exists already; choose another name");
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", csv + ": " + e.getMessage());
    }
  }

  private void show(AccountAnswer answer) {
    Map<String, String> head = new LinkedHashMap<>();
    boolean none = answer.toHeight() < answer.fromHeight();
    head.put(
        "blocks",
        none
            ? "none after " + answer.toHeight()
            : answer.fromHeight() + " to " + answer.toHeight());
    head.put("journal", "to block " + answer.journalHeight());
    head.put("transactions", Integer.toString(answer.transactions()));
    Books.Grants grants = answer.grants();
    head.put(
        "claims",
        "%d granted: %d settled, %d paid elsewhere, %d lost, %d open"
            .formatted(
                grants.granted(),
                grants.settled(),
                grants.elsewhere(),
                grants.lost(),
                grants.open()));
    head.forEach((name, value) -> console.print("%-15s %s".formatted(name, value)));
    console.print("%-15s %20s".formatted("account", "satoshi"));
    long sum = 0;
    for (Map.Entry<String, Long> balance : answer.balances().entrySet()) {
      sum = Math.addExact(sum, balance.getValue());
      console.print(
          String.format(Locale.ROOT, "%-15s %,20d", balance.getKey(), balance.getValue()));
    }
    console.print(String.format(Locale.ROOT, "%-15s %,20d", "sum", sum));
    for (Books.Difference difference : answer.differences()) {
      console.print("DIFFERS  " + difference.entry() + ": " + difference.text());
    }
    console.print(
        answer.agrees()
            ? "journal and chain agree to the satoshi"
            : answer.differences().size() + " entries do not agree");
  }
}

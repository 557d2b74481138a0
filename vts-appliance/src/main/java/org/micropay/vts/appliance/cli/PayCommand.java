package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.CannotPayException;
import org.micropay.vts.merchant.PayingClient;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.SpendingLimits;
import org.micropay.vts.merchant.TicketRefusal;
import org.micropay.vts.merchant.TicketResult;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts pay}: fetches a URL and pays for it when that is asked. */
@Command(
    name = "pay",
    mixinStandardHelpOptions = true,
    description = {
      "Fetch a URL, and pay with a ticket when the answer is 402.",
      "The body goes to standard output, what was paid to standard error.",
      "Exit codes: 0 served, 1 the server or the limits say no, 65 the URL cannot be read,",
      "66 no wallet, 69 nobody answers, 75 no escrow is free now."
    })
final class PayCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private JsonOption json;
  @Mixin private WalletOption wallet;

  @Parameters(paramLabel = "URL", description = "What to fetch, http or https.")
  private String url;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the body here; the file appears whole or not at all.")
  private Path output;

  @Option(
      names = "--max-price",
      paramLabel = "SAT",
      description = "A ticket's worth at most, satoshi (default: 10).")
  private String maxPrice;

  @Option(
      names = "--limit-run",
      paramLabel = "SAT",
      description = "All tickets of this run at most.")
  private String limitRun;

  @Option(
      names = "--limit-site",
      paramLabel = "SAT",
      description = "All tickets to one site in one day at most (default: 1000).")
  private String limitSite;

  @Option(
      names = "--limit-day",
      paramLabel = "SAT",
      description = "All tickets in one day at most (default: 10000).")
  private String limitDay;

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Request method (default: GET, or POST with --data).")
  private String method;

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME: VALUE",
      description = "A request header; may come more than once.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = {"-d", "--data"},
      paramLabel = "TEXT",
      description = "Request body; @FILE reads it from a file.")
  private String data;

  @Option(
      names = {"-i", "--include"},
      description = "Print the answer's status and headers before its body.")
  private boolean include;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "Until an answer begins (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  PayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    PayingClient.Request request = request();
    SpendingLimits limits = limits();
    requirePlace();
    try (BuyerWallet open = wallet.open();
        VtsHttpClient vts = new VtsHttpClient(open.status().vts());
        HttpClient http =
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .build()) {
      PayingClient client =
          new PayingClient(
              open,
              http,
              vts::escrowFacts,
              Duration.ofSeconds(timeoutSeconds),
              note -> console.note("vts: " + note));
      return show(client.send(request, limits));
    } catch (CannotPayException e) {
      boolean later = e.reason() == CannotPayException.Reason.ALL_OUTSTANDING;
      throw new CommandException(
          later ? ExitCode.TRY_AGAIN : ExitCode.NEGATIVE, e.reason().name(), hint(e));
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    } catch (IOException e) {
      throw output == null
          ? new CommandException(
              ExitCode.UNAVAILABLE, "BROKEN_OFF", "the answer broke off: " + e.getMessage())
          : new CommandException(
              ExitCode.CANNOT_CREATE, "CANNOT_WRITE", output + ": " + e.getMessage());
    }
  }

  /** Seen before anything is paid for what could not be kept. */
  private void requirePlace() {
    Path folder = output == null ? null : output.toAbsolutePath().getParent();
    if (folder != null && (!Files.isWritable(folder) || Files.isDirectory(output))) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE,
          "CANNOT_WRITE",
          "%s cannot be written: %s; nothing was paid"
              .formatted(
                  output,
                  Files.isDirectory(output)
                      ? "it is a folder"
                      : Files.isDirectory(folder)
                          ? folder + " is not writable"
                          : folder + " is no folder"));
    }
  }

  private static String hint(CannotPayException e) {
    return switch (e.reason()) {
      case PRICE_ABOVE_LIMIT -> e.getMessage() + "; raise it with --max-price";
      case SITE_LIMIT -> e.getMessage() + "; raise it with --limit-site";
      case DAY_LIMIT -> e.getMessage() + "; raise it with --limit-day";
      case RUN_LIMIT -> e.getMessage() + "; raise it with --limit-run";
      case NO_ESCROW -> e.getMessage() + "; see 'vts buyer status', fund with 'vts buyer fund'";
      case ALL_OUTSTANDING, ASK_EXPIRED, COMMITMENT_USED -> e.getMessage();
    };
  }

  private PayingClient.Request request() {
    URI uri;
    try {
      uri = HttpUrl.parse(url);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.DATA, "BAD_URL", e.getMessage());
    }
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new CommandException(
            ExitCode.USAGE, "USAGE", "--header '" + header + "' is not NAME: VALUE");
      }
      fields.add(Map.entry(header.substring(0, colon), header.substring(colon + 1).strip()));
    }
    byte[] body = body();
    String name = method != null ? method : body.length > 0 ? "POST" : "GET";
    return new PayingClient.Request(uri, name, fields, body);
  }

  private byte[] body() {
    if (data == null) {
      return new byte[0];
    }
    if (!data.startsWith("@")) {
      return data.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Files.readAllBytes(Path.of(data.substring(1)));
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.NO_INPUT, "NO_INPUT", data.substring(1) + " cannot be read");
    }
  }

  private SpendingLimits limits() {
    return SpendingLimits.DEFAULT
        .withPerTicket(price("--max-price", maxPrice))
        .withPerRun(price("--limit-run", limitRun))
        .withPerSite(price("--limit-site", limitSite))
        .withPerDay(price("--limit-day", limitDay));
  }

  private static Price price(String option, String satoshi) {
    try {
      return satoshi == null ? null : Price.ofSatoshi(satoshi);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", option + ": " + e.getMessage());
    }
  }

  private int show(PayingClient.Answer answer) throws IOException {
    HttpResponse<InputStream> response = answer.response();
    long bytes;
    try (InputStream body = response.body()) {
      bytes = json.json && output == null ? skip(body) : write(response, body);
    }
    boolean served = response.statusCode() < 400;
    if (json.json) {
      console.printJson(document(answer, bytes));
    } else {
      console.note("vts: " + line(answer));
    }
    boolean later =
        answer.refusal().filter(r -> r == TicketRefusal.ESCROW_UNCONFIRMED).isPresent()
            || response.statusCode() == 503
            || response.statusCode() == 429;
    return (served ? ExitCode.OK : later ? ExitCode.TRY_AGAIN : ExitCode.NEGATIVE).number();
  }

  private static long skip(InputStream body) throws IOException {
    return body.transferTo(OutputStream.nullOutputStream());
  }

  private long write(HttpResponse<InputStream> response, InputStream body) throws IOException {
    if (output == null) {
      if (include) {
        console.print(head(response));
      }
      long bytes = body.transferTo(console.stream());
      console.stream().flush();
      return bytes;
    }
    Path partial = output.resolveSibling("." + output.getFileName() + ".part");
    try (OutputStream out = Files.newOutputStream(partial)) {
      if (include) {
        out.write((head(response) + "\n").getBytes(StandardCharsets.UTF_8));
      }
      long bytes = body.transferTo(out);
      Files.move(partial, output, StandardCopyOption.REPLACE_EXISTING);
      return bytes;
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static String head(HttpResponse<InputStream> response) {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + response.statusCode() + "\n");
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(v -> head.append(name + ": " + v + "\n")));
    return head.toString();
  }

  private static String outcome(PayingClient.Answer answer) {
    Optional<TicketResult> result = answer.result();
    return result.isEmpty() ? "unknown" : result.get().isWon() ? "won" : "lost";
  }

  private static String line(PayingClient.Answer answer) {
    int status = answer.response().statusCode();
    if (answer.refusal().isPresent()) {
      return "the ticket was refused: %s, %s".formatted(answer.refusal().get(), answer.detail());
    }
    if (answer.paid().isFree()) {
      return "status " + status + ", nothing paid";
    }
    String fate =
        switch (outcome(answer)) {
          case "won" -> "it won: the merchant gets the escrow's payout";
          case "lost" -> "it lost: its escrow is free for the next one";
          default -> "its outcome is not known yet: the escrow waits";
        };
    return "status %d, paid a ticket worth %s (price %s); %s"
        .formatted(status, answer.paid(), answer.price().map(Price::toString).orElse("-"), fate);
  }

  private Map<String, Object> document(PayingClient.Answer answer, long bytes) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("url", url);
    document.put("status", answer.response().statusCode());
    document.put("bytes", bytes);
    document.put("paid_msat", answer.paid().msat());
    document.put("price_msat", answer.price().map(Price::msat).orElse(0L));
    document.put("outcome", answer.paid().isFree() ? "none" : outcome(answer));
    answer.refusal().ifPresent(r -> document.put("refusal", r.name()));
    if (output != null) {
      document.put("file", output.toString());
    }
    return document;
  }
}

package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.StoredClaim;
import org.micropay.vts.ticket.Receipt;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vts merchant receipts}: the winners on disk, and what settles them without the VTS. */
@Command(
    name = "receipts",
    mixinStandardHelpOptions = true,
    description = {
      "Read the winners that a merchant has stored, also while it runs, and print them as JSON",
      "lines. Those granted hold claim and receipt: each line is what 'vts release --receipt'",
      "builds the paying transaction from, without the VTS. Keep them: whoever has both may settle",
      "the pair and take its fee allowance; the payout goes to the merchant in any case."
    })
final class MerchantReceiptsCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "merchant-data",
      description = "The merchant's folder (default: ${DEFAULT-VALUE}).")
  private Path data;

  @ArgGroup private Form form = new Form();

  private static final class Form {
    @Option(
        names = {"-o", "--out"},
        paramLabel = "DIR",
        description = "Write each grant to CLAIMID.json in this folder instead, mode 0600.")
    private Path out;

    @Option(
        names = "--claims",
        description = "Print the claims alone, base64url, one to a line: for 'vts load claims'.")
    private boolean claims;
  }

  private int granted;
  private int written;

  MerchantReceiptsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (!Files.isDirectory(data.resolve("claims"))) {
      throw new CommandException(
          ExitCode.NO_INPUT, "NO_INPUT", data + " is no merchant's folder; name it with --data");
    }
    try {
      if (form.out != null) {
        Files.createDirectories(
            form.out,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Merchant.storedClaims(data, this::take);
    } catch (MerchantStorageException e) {
      throw new CommandException(ExitCode.DATA, "DAMAGED", e.getMessage());
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", form.out + ": " + e.getMessage());
    }
    if (form.out != null) {
      console.note(
          "vts: %,d grants, %,d of them new in %s; settle one with 'vts release --receipt FILE'"
              .formatted(granted, written, form.out));
    }
    return ExitCode.OK.number();
  }

  private void take(StoredClaim stored) {
    boolean isGrant = stored.reply().filter(ClaimReply::isGranted).isPresent();
    granted += isGrant ? 1 : 0;
    if (form.claims) {
      console.print(stored.claim().toBase64Url());
    } else if (form.out == null) {
      console.print(Console.toJsonLine(line(stored)));
    } else if (isGrant) {
      write(stored);
    }
  }

  private static Map<String, Object> line(StoredClaim stored) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("claim_id", stored.claim().id().toHex());
    line.put("won_at", Instant.ofEpochMilli(stored.wonAtMillis()).toString());
    line.put("escrow", stored.claim().terms().outpoint().toString());
    line.put("payout", stored.claim().terms().payout());
    Optional<ClaimReply> reply = stored.reply();
    line.put("code", reply.map(r -> r.code().name()).orElse("PENDING"));
    reply.ifPresent(
        r -> {
          line.put("position", r.position());
          if (r.isGranted()) {
            Receipt receipt =
                new Receipt(stored.claim().id(), r.code(), r.position(), r.counterSignature());
            line.put("receipt", receipt.toBase64Url());
          }
        });
    line.put("claim", stored.claim().toBase64Url());
    return line;
  }

  /** A grant never changes: a file that is there is left as it is. */
  private void write(StoredClaim stored) {
    Path file = form.out.resolve(stored.claim().id().toHex() + ".json");
    if (Files.exists(file)) {
      return;
    }
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(
          file,
          Console.toJson(line(stored)) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.WRITE);
      written++;
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", file + ": " + e.getMessage());
    }
  }
}

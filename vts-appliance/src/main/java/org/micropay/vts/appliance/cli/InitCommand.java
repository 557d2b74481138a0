package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.log.LogKey;
import org.micropay.vts.secp256k1.SecretKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts init}: a folder with a configuration and new keys. Never overwrites anything. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Make a folder with a commented vts.toml and new keys.")
final class InitCommand implements Callable<Integer> {
  private static final String VTS_KEY = "vts.key";
  private static final String FEE_KEY = "fee.key";
  private static final String LOG_KEY = "log.key";
  private static final List<String> KEY_FILES = List.of(VTS_KEY, FEE_KEY, LOG_KEY);

  private final Console console;
  @Mixin private JsonOption json;

  @Parameters(
      paramLabel = "DIR",
      defaultValue = "vts-data",
      description = "Folder to make (default: ${DEFAULT-VALUE}).")
  private Path directory;

  @Option(
      names = "--chain",
      paramLabel = "KIND",
      defaultValue = "embedded",
      description = "embedded (private regtest chain, no real coins) or bitcoind.")
  private String chain;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "regtest",
      description = "mainnet, testnet4, signet or regtest; others than regtest need bitcoind.")
  private String network;

  @Option(
      names = "--cookie",
      paramLabel = "FILE",
      description = "The node's cookie file, for --chain bitcoind.")
  private Path cookie;

  @Option(
      names = "--rpc",
      paramLabel = "HOST:PORT",
      description = "The node's JSON-RPC endpoint, for --chain bitcoind.")
  private String rpc;

  InitCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Path config = directory.resolve("vts.toml");
    if (Files.exists(config)) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE,
          "EXISTS",
          config + " exists already; nothing was changed. Choose another folder");
    }
    try {
      String text = template();
      // Before anything is made: the configuration must be one that serve takes.
      ConfigFile.parse(config, text.getBytes(StandardCharsets.UTF_8));
      Files.createDirectories(directory);
      Path keys = directory.resolve("keys");
      Files.createDirectories(
          keys, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      for (String name : KEY_FILES) {
        if (Files.exists(keys.resolve(name))) {
          throw new CommandException(
              ExitCode.CANNOT_CREATE,
              "EXISTS",
              keys.resolve(name) + " exists already; nothing was changed. Choose another folder");
        }
      }
      String vtsKey = newKey(keys.resolve(VTS_KEY));
      String feeKey = newKey(keys.resolve(FEE_KEY));
      String logKey = LogKey.create(keys.resolve(LOG_KEY), LogKey.origin("", network, vtsKey));
      // Last, so that a folder with a configuration is complete.
      Files.writeString(config, text, StandardOpenOption.CREATE_NEW);
      report(config, vtsKey, feeKey, logKey);
      return ExitCode.OK.number();
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", FileTrouble.of(directory, e));
    }
  }

  private static String newKey(Path file) throws IOException {
    try (SecretKey key = SecretKey.generate()) {
      key.writeTo(file);
      return HexFormat.of().formatHex(key.publicKey());
    }
  }

  private void report(Path config, String vtsKey, String feeKey, String logKey) {
    if (json.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("config", config.toString());
      result.put("network", network);
      result.put("vts_key", vtsKey);
      result.put("fee_key", feeKey);
      result.put("log_key", logKey);
      console.printJson(result);
      return;
    }
    console.print(
        """
        Made %s, and three keys beside it in keys/ (mode 0600; back them up, they exist nowhere else).
          network             %s
          counter-signing key %s
          fee wallet's key    %s
          transparency log    %s
        Next: vts serve --config %s\
        """
            .formatted(config, network, vtsKey, feeKey, logKey, config));
  }

  private String template() throws IOException {
    try (InputStream in = InitCommand.class.getResourceAsStream("vts.toml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("@chain@", chain)
          .replace("@network@", network)
          .replace("@rpc@", rpc == null ? "" : "rpc = \"" + rpc + "\"\n")
          .replace(
              "@cookie@",
              cookie == null ? "" : "cookie_file = \"" + cookie.toAbsolutePath() + "\"\n");
    }
  }
}

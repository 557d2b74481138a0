package org.micropay.vts.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
  @TempDir Path folder;

  @Test
  void shouldTakeDefaultsForWhatIsMissing() throws IOException {
    ApplianceConfig config = read("").config();
    assertEquals(ApplianceConfig.defaults(), config);
    assertEquals(ApplianceConfig.ChainKind.EMBEDDED, config.chain().kind());
  }

  @Test
  void shouldBindEverySectionAndResolvePathsFromTheFilesFolder() throws IOException {
    ConfigFile file =
        read(
            """
            [chain]
            kind = "bitcoind"
            network = "signet"
            rpc = "127.0.0.1:38332"
            cookie_file = "node/.cookie"
            [policy]
            min_confirmations = 6
            [stream]
            listen = "[::1]:9000"
            tls = { certificate = "tls/chain.pem", key = "tls/key.pem" }
            [threads]
            worker_cpus = [1, 2]
            idle = "busy_spin"
            """);
    assertEquals("signet", file.config().chain().network());
    assertEquals(6, file.config().policy().minConfirmations());
    assertEquals(new Endpoint("::1", 9000), file.config().stream().listen());
    assertTrue(file.config().stream().listen().isLoopback());
    assertEquals(
        folder.toAbsolutePath().resolve("node/.cookie"),
        file.resolve(file.config().chain().cookieFile()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [polcy]                          | unknown key 'polcy'
          [policy]\\nmin_confirmation = 3  | unknown key 'policy.min_confirmation'
          [policy]\\nmin_confirmations = 0 | policy.min_confirmations 0 is not within 1..100
          [policy]\\nmin_confirmations = "3" | policy.min_confirmations
          [chain]\\nnetwork = "moon"       | chain.network 'moon' is not known
          [chain]\\nkind = "bitcoind"      | chain.cookie_file is missing
          [chain]\\nnetwork = "mainnet"    | has no coins on 'mainnet'
          [http]\\nlisten = "localhost"    | endpoint 'localhost' has no port
          [threads]\\nring_size = 1000     | threads.ring_size 1000 is not a power of two
          [crypto]\\nkernel = "fast"       | crypto.kernel 'fast' is not known
          [stream]\\ntls = { key = "k" }   | tls needs both certificate and key
          [stream                          | not valid TOML
          """)
  void shouldRefuseWhatItDoesNotKnowAndNameIt(String toml, String expected) {
    String text = toml.replace("\\n", "\n");
    ConfigException e = assertThrows(ConfigException.class, () -> read(text));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void shouldSayWhenTheFileIsMissing() {
    ConfigException e =
        assertThrows(ConfigException.class, () -> ConfigFile.read(folder.resolve("none.toml")));
    assertTrue(e.getMessage().contains("vts init"), e.getMessage());
  }

  private ConfigFile read(String toml) throws IOException {
    Path path = folder.resolve("vts.toml");
    Files.writeString(path, toml);
    return ConfigFile.read(path);
  }
}

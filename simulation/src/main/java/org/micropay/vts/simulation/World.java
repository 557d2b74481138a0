package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.micropay.vts.settlement.EmbeddedChain;

/**
 * What the parts of one history share. Everything that is drawn comes from {@link #random()}, in
 * the order in which the one thread asks.
 *
 * @param options of the history
 * @param folder that holds its files
 * @param random draws what happens next
 * @param clock of the simulated machine
 * @param trace of what happened
 * @param network between clients and server
 * @param disk of the server
 * @param chain that server and people see
 * @param crypto toy or real
 * @param vts the counter-signing key
 * @param fee the fee wallet's key
 * @param market buyers, escrows and claims
 */
record World(
    SimulationOptions options,
    Path folder,
    SplittableRandom random,
    SimulatedClock clock,
    Trace trace,
    Wire network,
    SimulatedDisk disk,
    EmbeddedChain chain,
    CryptoSuite crypto,
    Keys vts,
    Keys fee,
    Market market)
    implements AutoCloseable {

  static World create(SimulationOptions options) {
    SplittableRandom seeds = new SplittableRandom(options.seed());
    SplittableRandom random = seeds.split();
    SimulatedClock clock = new SimulatedClock();
    Wire network = new Wire(seeds.split());
    Keys vts = Keys.named("simulated vts");
    CryptoSuite crypto =
        options.realCrypto() ? new RealCrypto(vts) : new ToyCrypto(vts.publicKey());
    try {
      Path folder = Files.createTempDirectory(memory(), "vts-simulation-");
      SimulatedDisk disk = new SimulatedDisk(folder.resolve("disk"), seeds.split(), clock);
      EmbeddedChain chain = EmbeddedChain.open(folder.resolve("chain"), clock);
      return new World(
          options,
          folder,
          random,
          clock,
          new Trace(clock),
          network,
          disk,
          chain,
          crypto,
          vts,
          Keys.named("simulated fee wallet"),
          new Market(seeds.split(), chain, crypto, vts));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where files cost no disk: the disk's slowness is simulated too. */
  static Path memory() {
    Path shared = Path.of("/dev/shm");
    return Files.isWritable(shared) ? shared : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** The server's journal; another folder after each start of the machine. */
  Path journal() {
    return SimulatedServer.journalFolder(disk.root());
  }

  /** Without the folder's name, which differs between two runs of a seed. */
  String anonymous(String message) {
    return String.valueOf(message).replace(folder.toString(), "");
  }

  @Override
  public void close() throws IOException {
    disk.close();
    chain.close();
    crypto.close();
    SimulatedDisk.delete(folder);
  }
}

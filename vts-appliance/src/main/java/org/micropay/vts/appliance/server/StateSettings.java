package org.micropay.vts.appliance.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Sha256;

/**
 * What a configuration means for journal, ledger and recovery.
 *
 * @param file the configuration
 * @param network the chain's
 * @param vtsKey the counter-signing key's public half
 */
record StateSettings(ConfigFile file, Network network, PublicKey vtsKey) {
  private static final int BLOCK_BYTES = 64 << 20;
  private static final int STATE_DIGEST_INTERVAL = 10_000;
  private static final int MIN_DEPOSITS = 1024;
  private static final int ESCROWS_PER_DEPOSIT = 16;

  private ApplianceConfig.Journal config() {
    return file.config().journal();
  }

  /** The ledger's policy, without hash keys. */
  LedgerPolicy ledger() {
    ApplianceConfig.Policy policy = file.config().policy();
    return new LedgerPolicy(
        network.magic(),
        vtsKey,
        policy.capacity(),
        deposits(policy.capacity()),
        policy.minConfirmations(),
        policy.refundMargin(),
        policy.staleTipSeconds() * 1000L,
        policy.retireDepth(),
        STATE_DIGEST_INTERVAL,
        0,
        0);
  }

  /** Deposits that a ledger for so many escrows has room for. */
  static int deposits(int escrows) {
    return Math.max(MIN_DEPOSITS, escrows / ESCROWS_PER_DEPOSIT);
  }

  JournalConfig journal() {
    return new JournalConfig(
        directory(),
        identity(),
        RollPeriod.HOURLY,
        (long) config().reserveMegabytes() << 20,
        BLOCK_BYTES);
  }

  private byte[] identity() {
    return Sha256.of(
            "vts/journal/1/".getBytes(StandardCharsets.US_ASCII),
            network.id().getBytes(StandardCharsets.US_ASCII),
            vtsKey.toArray())
        .toArray();
  }

  private Path directory() {
    return file.resolve(config().directory());
  }

  /** Where old files are; null: nowhere. */
  Path archive() {
    return config().archive() == null ? null : file.resolve(config().archive());
  }

  private Path anchor() {
    return config().anchor() == null ? null : file.resolve(config().anchor());
  }

  /**
   * What the anchor says; null when none is configured, or none was written yet.
   *
   * @throws JournalException when it cannot be read or is another journal's
   */
  JournalPoint anchored() {
    return anchor() == null ? null : AnchorFile.read(anchor(), identity());
  }

  /** The same, null also for an anchor that cannot be read. */
  JournalPoint anchoredIfReadable() {
    try {
      return anchored();
    } catch (JournalException e) {
      return null;
    }
  }

  JournalKeeper keeper(Recovery.Recovered recovered, LongSupplier clock) {
    return new JournalKeeper(
        config(),
        new JournalKeeper.Places(directory(), identity(), anchor(), archive()),
        recovered.journal(),
        snapshotter(file),
        recovered.snapshotPosition(),
        clock);
  }

  /** Takes snapshots as the configuration says. */
  static Snapshotter snapshotter(ConfigFile file) {
    ApplianceConfig.Journal journal = file.config().journal();
    int escrows = file.config().policy().capacity();
    return new Snapshotter(
        file.resolve(journal.directory()),
        journal.archive() == null ? null : file.resolve(journal.archive()),
        escrows,
        deposits(escrows),
        journal.snapshotsKept(),
        ReplayHashes.of(Kernels.select(file.config().crypto().kernel())));
  }
}

package org.micropay.vts.appliance.config;

import static org.micropay.vts.appliance.config.ConfigException.require;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.micropay.vts.ticket.Network;

/**
 * Everything an operator can set, as it stands in {@code vts.toml}. A missing key means its
 * default, which the compact constructors fill in; an unknown key is refused by {@link ConfigFile}.
 * Relative paths count from the folder of the configuration file.
 */
public record ApplianceConfig(
    Chain chain,
    Keys keys,
    Journal journal,
    Policy policy,
    Stream stream,
    Http http,
    Settlement settlement,
    Threads threads,
    Crypto crypto,
    Log log) {

  /** Fills missing sections with their defaults. */
  public ApplianceConfig {
    chain = chain == null ? new Chain(null, null, null, null, null, null, null) : chain;
    keys = keys == null ? new Keys(null, null, null, null, null) : keys;
    journal = journal == null ? Journal.defaults() : journal;
    policy = policy == null ? new Policy(null, null, null, null, null) : policy;
    stream = stream == null ? new Stream(null, null, null, null) : stream;
    http = http == null ? new Http(null, null, null) : http;
    settlement =
        settlement == null
            ? new Settlement(null, null, null, null, null, null, null, null)
            : settlement;
    threads =
        threads == null
            ? new Threads(null, null, null, null, null, null, null, null, null)
            : threads;
    crypto = crypto == null ? new Crypto(null) : crypto;
    log = log == null ? new Log(null, null, null, null, null) : log;
  }

  /** All defaults: the embedded regtest chain, loopback only. */
  public static ApplianceConfig defaults() {
    return new ApplianceConfig(null, null, null, null, null, null, null, null, null, null);
  }

  /** Which implementation of the chain port serves. */
  public enum ChainKind {
    /** The in-process regtest chain: no node needed, no real coins. */
    EMBEDDED,
    /** A Bitcoin Core compatible node over JSON-RPC and ZMQ. */
    BITCOIND
  }

  /**
   * The Bitcoin side.
   *
   * @param kind embedded or bitcoind
   * @param network mainnet, testnet3, testnet4, signet or regtest
   * @param directory where the embedded chain keeps its blocks
   * @param rpc the node's JSON-RPC endpoint
   * @param cookieFile the node's cookie, read again after every 401
   * @param zmq the node's {@code -zmqpubsequence} endpoint, e.g. {@code tcp://127.0.0.1:28332};
   *     empty: poll only
   * @param acceptFork hash of the block at which a reorganization deeper than the horizon is
   *     accepted, as explorers show it; empty: none
   */
  public record Chain(
      ChainKind kind,
      String network,
      Path directory,
      Endpoint rpc,
      Path cookieFile,
      String zmq,
      String acceptFork) {
    private static final List<String> NETWORKS =
        Arrays.stream(Network.values()).map(Network::id).toList();

    /** Defaults: embedded regtest. */
    public Chain {
      kind = kind == null ? ChainKind.EMBEDDED : kind;
      network = network == null ? "regtest" : network;
      directory = directory == null ? Path.of("chain") : directory;
      rpc = rpc == null ? new Endpoint("127.0.0.1", 8332) : rpc;
      zmq = zmq == null ? "" : zmq;
      acceptFork = acceptFork == null ? "" : acceptFork;
      require(
          acceptFork.isEmpty() || acceptFork.matches("[0-9a-f]{64}"),
          "chain.accept_fork '%s' is not a block hash of 64 hex digits",
          acceptFork);
      require(
          NETWORKS.contains(network),
          "chain.network '%s' is not known; use one of %s",
          network,
          String.join(", ", NETWORKS));
      require(
          kind != ChainKind.EMBEDDED || network.equals("regtest"),
          "chain.kind 'embedded' has no coins on '%s'; use network 'regtest' or kind 'bitcoind'",
          network);
      require(
          kind != ChainKind.BITCOIND || cookieFile != null,
          "chain.cookie_file is missing; name the node's .cookie file");
    }
  }

  /**
   * Key files, each 32 raw bytes with mode 0600.
   *
   * @param vts the counter-signing key
   * @param fee the fee wallet's key
   * @param feeDescriptor instead of it: the output descriptor of a fee wallet whose key is
   *     elsewhere; empty: the key signs here
   * @param feeIndex which address of a ranged descriptor holds the coins
   * @param log the transparency log's Ed25519 seed
   */
  public record Keys(Path vts, Path fee, String feeDescriptor, Integer feeIndex, Path log) {
    /** Defaults: below {@code keys/}. */
    public Keys {
      vts = vts == null ? Path.of("keys/vts.key") : vts;
      fee = fee == null ? Path.of("keys/fee.key") : fee;
      feeDescriptor = feeDescriptor == null ? "" : feeDescriptor;
      feeIndex = feeIndex == null ? 0 : feeIndex;
      require(feeIndex >= 0, "keys.fee_index %d is negative; use 0 or more", feeIndex);
      log = log == null ? Path.of("keys/log.key") : log;
    }
  }

  /**
   * The journal.
   *
   * @param directory the one place of all state
   * @param reserveMegabytes free disk space (MiB) below which nothing more is granted
   * @param maxBatch records at most that share one sync
   * @param anchor a file on another disk or machine in which the newest durable record is noted;
   *     null: none
   * @param anchorSeconds how often
   * @param snapshotMinutes a snapshot of the state is taken this long after the last one; 0: never
   *     by time
   * @param snapshotRecords and after this many records; 0: never by number. With both 0 none is
   *     taken, at the shutdown neither
   * @param snapshotsKept newest snapshots that are kept
   * @param archive a folder to which old files are moved; null: all stay
   * @param archiveAfterHours age of a file's newest record at which it may be moved
   */
  public record Journal(
      Path directory,
      Integer reserveMegabytes,
      Integer maxBatch,
      Path anchor,
      Integer anchorSeconds,
      Integer snapshotMinutes,
      Integer snapshotRecords,
      Integer snapshotsKept,
      Path archive,
      Integer archiveAfterHours) {
    /**
     * Defaults: {@code journal/}, 256 MiB, 1024 records, no anchor, snapshots hourly or after ten
     * million records of which two are kept, no archive.
     */
    public Journal {
      directory = directory == null ? Path.of("journal") : directory;
      reserveMegabytes = reserveMegabytes == null ? 256 : reserveMegabytes;
      maxBatch = maxBatch == null ? 1024 : maxBatch;
      anchorSeconds = anchorSeconds == null ? 10 : anchorSeconds;
      snapshotMinutes = snapshotMinutes == null ? 60 : snapshotMinutes;
      snapshotRecords = snapshotRecords == null ? 10_000_000 : snapshotRecords;
      snapshotsKept = snapshotsKept == null ? 2 : snapshotsKept;
      archiveAfterHours = archiveAfterHours == null ? 168 : archiveAfterHours;
      require(
          reserveMegabytes >= 128,
          "journal.reserve_megabytes %d is too small; one journal chunk needs at least 128",
          reserveMegabytes);
      require(
          maxBatch >= 1 && maxBatch <= 8192,
          "journal.max_batch %d is not within 1..8192",
          maxBatch);
      require(
          anchorSeconds >= 1 && anchorSeconds <= 3600,
          "journal.anchor_seconds %d is not within 1..3600",
          anchorSeconds);
      require(
          snapshotMinutes >= 0 && snapshotRecords >= 0,
          "journal.snapshot_minutes %d and snapshot_records %d: use 0 or more",
          snapshotMinutes,
          snapshotRecords);
      require(
          snapshotsKept >= 1 && snapshotsKept <= 100,
          "journal.snapshots_kept %d is not within 1..100",
          snapshotsKept);
      require(
          archiveAfterHours >= 0, "journal.archive_after_hours %d is negative", archiveAfterHours);
    }

    /** All defaults. */
    public static Journal defaults() {
      return new Journal(null, null, null, null, null, null, null, null, null, null);
    }

    /** Whether a running server takes snapshots. */
    public boolean snapshots() {
      return snapshotMinutes > 0 || snapshotRecords > 0;
    }
  }

  /**
   * What the ledger accepts. It is journaled when it changes, so that a replay decides the same.
   *
   * @param minConfirmations blocks that must bury an escrow before a claim on it is granted
   * @param refundMargin blocks that must lie between the tip and the escrow's refund height
   * @param capacity escrows that the ledger holds at most
   * @param staleTipSeconds without news of the chain for so long nothing is granted
   * @param retireDepth blocks after which a spent escrow is forgotten
   */
  public record Policy(
      Integer minConfirmations,
      Integer refundMargin,
      Integer capacity,
      Integer staleTipSeconds,
      Integer retireDepth) {
    /**
     * Defaults: 3 confirmations, 144 blocks margin, one million escrows, 10 minutes, 144 blocks.
     */
    public Policy {
      minConfirmations = minConfirmations == null ? 3 : minConfirmations;
      refundMargin = refundMargin == null ? 144 : refundMargin;
      capacity = capacity == null ? 1_000_000 : capacity;
      staleTipSeconds = staleTipSeconds == null ? 600 : staleTipSeconds;
      retireDepth = retireDepth == null ? 144 : retireDepth;
      require(
          minConfirmations >= 1 && minConfirmations <= 100,
          "policy.min_confirmations %d is not within 1..100",
          minConfirmations);
      require(
          refundMargin >= 1 && refundMargin <= 100_000,
          "policy.refund_margin %d is not within 1..100000",
          refundMargin);
      require(
          capacity >= 16 && capacity <= 100_000_000,
          "policy.capacity %d is not within 16..100000000",
          capacity);
      require(
          staleTipSeconds >= 10,
          "policy.stale_tip_seconds %d is too short; use 10 or more",
          staleTipSeconds);
      require(
          retireDepth >= 100,
          "policy.retire_depth %d is shorter than the 100 blocks of undo data",
          retireDepth);
    }
  }

  /**
   * Certificate and key for TLS, both PEM.
   *
   * @param certificate the chain, leaf first
   * @param key the PKCS#8 private key
   */
  public record Tls(Path certificate, Path key) {
    /** Both or none. */
    public Tls {
      require(
          certificate != null && key != null,
          "tls needs both certificate and key; name two PEM files");
    }
  }

  /**
   * The binary claim stream.
   *
   * @param listen its address; port 0 chooses a free one
   * @param maxInFlight unanswered requests per connection; one more is answered TOO_MANY_IN_FLIGHT
   * @param maxConnections connections at most; one more is closed at once
   * @param tls absent: plain TCP, loopback only
   */
  public record Stream(Endpoint listen, Integer maxInFlight, Integer maxConnections, Tls tls) {
    /** Defaults: 127.0.0.1:8481, 4096 in flight, 1024 connections. */
    public Stream {
      listen = listen == null ? new Endpoint("127.0.0.1", 8481) : listen;
      maxInFlight = maxInFlight == null ? 4096 : maxInFlight;
      maxConnections = maxConnections == null ? 1024 : maxConnections;
      require(
          maxInFlight >= 1 && maxInFlight <= 65_536,
          "stream.max_in_flight %d is not within 1..65536",
          maxInFlight);
      require(
          maxConnections >= 1 && maxConnections <= 65_536,
          "stream.max_connections %d is not within 1..65536",
          maxConnections);
    }
  }

  /**
   * The HTTP JSON interface.
   *
   * @param listen its address; port 0 chooses a free one
   * @param maxBodyBytes largest request body; a larger one is answered 413
   * @param tls absent: plain HTTP, loopback only
   */
  public record Http(Endpoint listen, Integer maxBodyBytes, Tls tls) {
    /** Defaults: 127.0.0.1:8480, 16 KiB. */
    public Http {
      listen = listen == null ? new Endpoint("127.0.0.1", 8480) : listen;
      maxBodyBytes = maxBodyBytes == null ? 16_384 : maxBodyBytes;
      require(
          maxBodyBytes >= 1024 && maxBodyBytes <= 1 << 20,
          "http.max_body_bytes %d is not within 1024..1048576",
          maxBodyBytes);
    }
  }

  /**
   * Batches of granted claims.
   *
   * @param maxClaims claims per batch; 75 is what fits into 10,000 vB
   * @param maxAgeSeconds a claim waits no longer than this for others to share its batch
   * @param feeRateFloor satoshi per virtual byte, at least
   * @param feeRateCap satoshi per virtual byte, at most
   * @param confirmations blocks after which a batch counts as settled
   * @param patientFeeRate satoshi per virtual byte above which a batch waits for cheaper blocks
   * @param maxPatienceSeconds but no claim longer than this
   * @param urgentBlocks a claim so near to its refund height waits for nothing, and its fee rises
   *     towards the cap
   */
  public record Settlement(
      Integer maxClaims,
      Integer maxAgeSeconds,
      Integer feeRateFloor,
      Integer feeRateCap,
      Integer confirmations,
      Integer patientFeeRate,
      Integer maxPatienceSeconds,
      Integer urgentBlocks) {
    /**
     * Defaults: 75 claims, 10 minutes, 1 to 100 sat/vB, 6 confirmations; above 50 sat/vB a batch
     * waits up to 6 hours; urgent in the last 72 blocks.
     */
    public Settlement {
      maxClaims = maxClaims == null ? 75 : maxClaims;
      maxAgeSeconds = maxAgeSeconds == null ? 600 : maxAgeSeconds;
      feeRateFloor = feeRateFloor == null ? 1 : feeRateFloor;
      feeRateCap = feeRateCap == null ? 100 : feeRateCap;
      confirmations = confirmations == null ? 6 : confirmations;
      require(
          maxClaims >= 1 && maxClaims <= 75,
          "settlement.max_claims %d is not within 1..75",
          maxClaims);
      require(
          maxAgeSeconds >= 0,
          "settlement.max_age_seconds %d is negative; use 0 or more",
          maxAgeSeconds);
      require(
          feeRateFloor >= 1 && feeRateCap >= feeRateFloor,
          "settlement.fee_rate_floor %d and fee_rate_cap %d: need 1 <= floor <= cap",
          feeRateFloor,
          feeRateCap);
      require(
          confirmations >= 1 && confirmations <= 100,
          "settlement.confirmations %d is not within 1..100",
          confirmations);
      patientFeeRate = patientFeeRate == null ? 50 : patientFeeRate;
      maxPatienceSeconds = maxPatienceSeconds == null ? 21_600 : maxPatienceSeconds;
      urgentBlocks = urgentBlocks == null ? 72 : urgentBlocks;
      require(
          patientFeeRate >= 1 && maxPatienceSeconds >= 0,
          "settlement.patient_fee_rate %d and max_patience_seconds %d: need 1 or more, 0 or more",
          patientFeeRate,
          maxPatienceSeconds);
      require(
          urgentBlocks >= 1 && urgentBlocks <= 100_000,
          "settlement.urgent_blocks %d is not within 1..100000",
          urgentBlocks);
    }
  }

  /**
   * Overrides of the plan that maps stages to cores; absent values come from the topology.
   *
   * @param verify verification stages
   * @param sign signing stages
   * @param workerCpus CPUs of the threads that verify and sign, in order
   * @param decideCpu CPU of the thread that owns the ledger
   * @param journalCpu CPU of the thread that writes the journal
   * @param replyCpu CPU of the thread that answers
   * @param pin whether stage threads are pinned
   * @param idle {@code busy_spin}, {@code yield} or {@code backoff}
   * @param ringSize slots of the ring, a power of two
   */
  public record Threads(
      Integer verify,
      Integer sign,
      List<Integer> workerCpus,
      Integer decideCpu,
      Integer journalCpu,
      Integer replyCpu,
      Boolean pin,
      String idle,
      Integer ringSize) {
    private static final List<String> IDLE = List.of("busy_spin", "yield", "backoff");

    /** Checks what is set. */
    public Threads {
      workerCpus = workerCpus == null ? List.of() : List.copyOf(workerCpus);
      ringSize = ringSize == null ? 8192 : ringSize;
      require(
          verify == null || verify >= 1 && verify <= 256,
          "threads.verify %d is not within 1..256",
          verify);
      require(
          sign == null || sign >= 1 && sign <= 256, "threads.sign %d is not within 1..256", sign);
      require(
          idle == null || IDLE.contains(idle),
          "threads.idle '%s' is not known; use one of %s",
          idle,
          String.join(", ", IDLE));
      require(
          ringSize >= 64 && ringSize <= 1 << 20 && Integer.bitCount(ringSize) == 1,
          "threads.ring_size %d is not a power of two within 64..1048576",
          ringSize);
    }
  }

  /**
   * Cryptography.
   *
   * @param kernel {@code auto}, {@code scalar} or {@code vector}
   */
  public record Crypto(String kernel) {
    private static final List<String> KERNELS = List.of("auto", "scalar", "vector");

    /** Default: auto. */
    public Crypto {
      kernel = kernel == null ? "auto" : kernel;
      require(
          KERNELS.contains(kernel),
          "crypto.kernel '%s' is not known; use one of %s",
          kernel,
          String.join(", ", KERNELS));
    }
  }

  /**
   * A witness that is asked for cosignatures.
   *
   * @param key its verifier key, {@code name+id+base64}
   * @param url submission prefix of its add-checkpoint; absent: it brings its cosignatures itself
   */
  public record Witness(String key, String url) {
    /** The key is needed. */
    public Witness {
      require(
          key != null && key.split("\\+", 3).length == 3,
          "log.witnesses: key '%s' is not a verifier key (name+id+base64)",
          key);
      require(
          url == null || url.startsWith("https://") || url.startsWith("http://"),
          "log.witnesses: url '%s' is no http(s) URL",
          url);
    }
  }

  /**
   * The transparency log.
   *
   * @param directory where its files are; any web server can serve it as it is
   * @param origin the log's name, best a URL without scheme; never change it. Empty: made of
   *     network and VTS key
   * @param intervalSeconds a leaf waits no longer than this for a checkpoint
   * @param maxLeaves so many leaves make a checkpoint before that
   * @param witnesses whose cosignatures are taken
   */
  public record Log(
      Path directory,
      String origin,
      Integer intervalSeconds,
      Integer maxLeaves,
      List<Witness> witnesses) {
    private static final int MAX_WITNESSES = 15;

    /** Defaults: {@code log/}, 10 seconds, 4096 leaves, no witness. */
    public Log {
      directory = directory == null ? Path.of("log") : directory;
      origin = origin == null ? "" : origin;
      intervalSeconds = intervalSeconds == null ? 10 : intervalSeconds;
      maxLeaves = maxLeaves == null ? 4096 : maxLeaves;
      witnesses = witnesses == null ? List.of() : List.copyOf(witnesses);
      require(
          origin.matches("[\\x21-\\x7e&&[^+]]{0,255}"),
          "log.origin '%s' is not ASCII without spaces and plus signs, at most 255",
          origin);
      require(
          intervalSeconds >= 0 && intervalSeconds <= 86_400,
          "log.interval_seconds %d is not within 0..86400",
          intervalSeconds);
      require(maxLeaves >= 1, "log.max_leaves %d is not 1 or more", maxLeaves);
      require(
          witnesses.size() <= MAX_WITNESSES,
          "log.witnesses: %d are more than the %d that a note may carry",
          witnesses.size(),
          MAX_WITNESSES);
    }
  }
}

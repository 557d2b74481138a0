package org.micropay.vts.experiments;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.SecureRandom;
import java.util.List;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.KernelBench;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.FastOpenings;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * The paper's five operations (section 4.2) one at a time as a client library does them, the check
 * of tickets in batches as the merchant's desk does it, and in the same run the curve's work alone
 * by libsecp256k1 in C. Time is the measuring thread's CPU time, so that other work on the machine
 * falls out of it. One thread; owns its keys and memory.
 */
final class Operations implements AutoCloseable {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int BATCH = 512;
  private static final int C_CLAIMS = 64;
  private static final int C_ROUNDS = 3;
  private static final byte[] P2WSH_PREFIX = {0x00, 0x20};

  private final SecureRandom random = new SecureRandom();
  private final Kernel kernel;
  private final SecretKey buyer = SecretKey.generate();
  private final SecretKey vts = SecretKey.generate();
  private final Terms terms = Sample.terms(buyer.publicKey(), vts.publicKey(), 1, 1);
  private final FastOpenings openings;
  private final Ask ask;
  private final Opening opening;
  private final Ticket ticket;
  private final Claim claim;
  private final byte[] drawn = new byte[Opening.LENGTH];
  private final byte[] r2 = new byte[Bytes16.LENGTH];
  private final Arena arena = Arena.ofShared();
  private final MemorySegment digests = arena.allocate(2L * BATCH * Ecdsa.DIGEST_BYTES, 64);
  private final MemorySegment signatures = arena.allocate(2L * BATCH * Ecdsa.SIGNATURE_BYTES, 64);
  private final MemorySegment keys = arena.allocate((long) BATCH * Ecdsa.PUBLIC_KEY_BYTES, 64);
  private final MemorySegment verdicts = arena.allocate(2L * BATCH, 64);
  private final BatchVerifier verifier;
  private long counter;
  private long sink;

  /**
   * One operation's row.
   *
   * @param name the paper's
   * @param what it is here
   * @param micros mean and interval of ours
   * @param paperMicros the paper's mean
   * @param paperMargin half its interval
   * @param curveMicros its work on the curve alone by libsecp256k1 in C in the same run; 0 where it
   *     has none
   */
  record Row(
      String name,
      String what,
      Statistics micros,
      double paperMicros,
      double paperMargin,
      double curveMicros) {}

  /**
   * All rows.
   *
   * @param rows the five
   * @param batchMicros a ticket's check in batches of 512, microseconds of CPU
   * @param verifyC one verification by libsecp256k1 in C, microseconds
   * @param signC one signature and its verification
   * @param checkC the VTS's check: two verifications, a signature, its verification
   * @param checkOurs the same by our kernel in batches
   * @param verifyOurs one verification by our kernel in batches
   * @param cpuShare of wall time that the measuring thread had a core
   */
  record Result(
      List<Row> rows,
      Statistics batchMicros,
      double verifyC,
      double signC,
      double checkC,
      double checkOurs,
      double verifyOurs,
      double cpuShare) {}

  Operations(Kernel kernel) {
    this.kernel = kernel;
    byte[] secret = new byte[FastOpenings.SECRET_LENGTH];
    random.nextBytes(secret);
    openings = FastOpenings.of(secret);
    opening = openings.at(counter++);
    ask = new Ask(opening.commitment(), Sample.PAYOUT);
    ticket = TicketSigner.ticket(buyer, terms, ask, Bytes16.of(r2), Sample.EXPIRY);
    claim = Claim.of(terms, ticket, opening);
    verifier = kernel.newVerifier();
  }

  private interface Operation {
    long once();
  }

  /** Runs all operations in turns. */
  Result measure(int calls, int runs, PaperProgress progress) {
    List<Operation> operations =
        List.of(
            this::requestTicket,
            this::requestTicketFast,
            this::makeTicket,
            this::checkTicket,
            this::vtsCheck);
    double[][] micros = new double[operations.size()][runs];
    double[] batch = new double[runs];
    double[][] c = new double[5][runs];
    warmUp(operations, calls);
    long wall = System.nanoTime();
    long cpu = THREADS.getCurrentThreadCpuTime();
    long elsewhere = 0;
    for (int run = 0; run < runs; run++) {
      for (int i = 0; i < operations.size(); i++) {
        micros[i][run] = time(operations.get(i), calls);
      }
      batch[run] = timeBatches(Math.max(1, calls / BATCH));
      long begin = System.nanoTime();
      alone(c, run);
      elsewhere += System.nanoTime() - begin;
      progress.advance(1);
    }
    double share =
        (double) (THREADS.getCurrentThreadCpuTime() - cpu)
            / Math.max(1, System.nanoTime() - wall - elsewhere);
    double verify = Statistics.of(c[0]).mean();
    double sign = Statistics.of(c[1]).mean();
    double check = Statistics.of(c[2]).mean();
    return new Result(
        rows(micros, verify, sign, check),
        Statistics.of(batch),
        verify,
        sign,
        check,
        Statistics.of(c[3]).mean(),
        Statistics.of(c[4]).mean(),
        Math.min(1, share));
  }

  private static List<Row> rows(double[][] micros, double verify, double sign, double check) {
    return List.of(
        new Row(
            "Request Ticket",
            "a new key, its address, a commitment",
            Statistics.of(micros[0]),
            84.9,
            2.56,
            0),
        new Row(
            "Request Ticket (Fast)",
            "a commitment from a secret and a counter, one address",
            Statistics.of(micros[1]),
            3.7,
            0.12,
            0),
        new Row(
            "Make a Ticket",
            "two signatures, each verified after it was made",
            Statistics.of(micros[2]),
            170.6,
            5.28,
            2 * sign),
        new Row(
            "Check Ticket",
            "two verifications, the win rule",
            Statistics.of(micros[3]),
            437.6,
            10.45,
            2 * verify),
        new Row(
            "VTS Check",
            "commitment, win rule, two verifications, a counter-signature and its verification",
            Statistics.of(micros[4]),
            496.1,
            6.60,
            check));
  }

  private void warmUp(List<Operation> operations, int calls) {
    int few = Math.clamp(calls / 2, 100, 3_000);
    for (int i = 0; i < 3; i++) {
      operations.forEach(operation -> time(operation, few));
      timeBatches(Math.max(2, few / BATCH));
    }
  }

  private double time(Operation operation, int calls) {
    long begin = THREADS.getCurrentThreadCpuTime();
    long sum = 0;
    for (int i = 0; i < calls; i++) {
      sum += operation.once();
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - begin;
    sink += sum;
    return nanos / 1e3 / calls;
  }

  /** libsecp256k1 in C, and our kernel, a moment later on the same core. */
  private void alone(double[][] c, int run) {
    KernelBench.Result one =
        KernelBench.run(new KernelBench.Options(kernel, C_CLAIMS, C_ROUNDS, 1, thread -> {}))
            .results()
            .getFirst();
    c[0][run] = one.verify().cNs() / 1e3;
    c[1][run] = one.sign().cNs() / 1e3;
    c[2][run] = one.vtsCheck().cNs() / 1e3;
    c[3][run] = one.vtsCheck().oursNs() / 1e3;
    c[4][run] = one.verify().oursNs() / 1e3;
  }

  // ---- the operations

  private long requestTicket() {
    try (SecretKey key = SecretKey.generate()) {
      random.nextBytes(drawn);
      Opening fresh = new Opening(Bytes16.copyOf(drawn, 0), Bytes16.copyOf(drawn, Bytes16.LENGTH));
      return new Ask(fresh.commitment(), address(key.publicKey())).hashCode();
    }
  }

  /** A one-time address: the hash of a script that demands a signature of this key. */
  private static PayoutScript address(byte[] publicKey) {
    byte[] script = new byte[34];
    System.arraycopy(P2WSH_PREFIX, 0, script, 0, 2);
    byte[] witness = new byte[35];
    witness[0] = 33;
    System.arraycopy(publicKey, 0, witness, 1, 33);
    witness[34] = (byte) 0xAC;
    Sha256.of(witness).copyTo(script, 2);
    return PayoutScript.of(script);
  }

  private long requestTicketFast() {
    return new Ask(openings.at(counter++).commitment(), Sample.PAYOUT).hashCode();
  }

  private long makeTicket() {
    random.nextBytes(r2);
    return TicketSigner.ticket(buyer, terms, ask, Bytes16.of(r2), Sample.EXPIRY).hashCode();
  }

  private long checkTicket() {
    boolean valid = signaturesValid();
    return valid & WinRule.wins(opening.r1(), ticket.r2(), terms.odds()) ? 1 : 0;
  }

  private long vtsCheck() {
    if (!claim.commitmentOpens() || !claim.wins() || !signaturesValid()) {
      throw new IllegalStateException("the sample claim must be valid");
    }
    return Ecdsa.sign(vts, claim.spendTemplate().digest().toArray())[0];
  }

  private boolean signaturesValid() {
    byte[] key = terms.buyerKey().toArray();
    byte[] spend = SpendTemplate.release(terms, ticket.payoutScript()).digest().toArray();
    return Ecdsa.verify(ticket.digest().toArray(), ticket.sigTicket().toArray(), key)
        && Ecdsa.verify(spend, ticket.sigSpend().toArray(), key);
  }

  // ---- in batches

  /** A ticket's whole check: opening, commitment, two digests, two signatures, the win rule. */
  private double timeBatches(int batches) {
    byte[] encoded = ticket.encode();
    byte[] encodedTerms = terms.encode();
    long begin = THREADS.getCurrentThreadCpuTime();
    long wins = 0;
    for (int batch = 0; batch < batches; batch++) {
      wins += checkBatch(encoded, encodedTerms);
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - begin;
    if (wins != (long) batches * BATCH) {
      throw new IllegalStateException("every sample ticket must win");
    }
    return nanos / 1e3 / batches / BATCH;
  }

  private int checkBatch(byte[] encoded, byte[] encodedTerms) {
    Ticket[] tickets = new Ticket[BATCH];
    for (int i = 0; i < BATCH; i++) {
      Ticket each = Ticket.decode(encoded);
      tickets[i] = each;
      Terms on = Terms.decode(encodedTerms);
      if (!openings.at(0).commitment().equals(each.commitment())) {
        throw new IllegalStateException("the commitment must open");
      }
      put(each.digest().toArray(), digests, 2L * i * Ecdsa.DIGEST_BYTES);
      put(
          SpendTemplate.release(on, each.payoutScript()).digest().toArray(),
          digests,
          (2L * i + 1) * Ecdsa.DIGEST_BYTES);
      put(each.sigTicket().toArray(), signatures, 2L * i * Ecdsa.SIGNATURE_BYTES);
      put(each.sigSpend().toArray(), signatures, (2L * i + 1) * Ecdsa.SIGNATURE_BYTES);
      put(on.buyerKey().toArray(), keys, (long) i * Ecdsa.PUBLIC_KEY_BYTES);
    }
    verifier.verify(digests, signatures, keys, verdicts, BATCH, 2);
    int wins = 0;
    for (int i = 0; i < BATCH; i++) {
      boolean valid =
          verdicts.get(ValueLayout.JAVA_BYTE, 2L * i) == 1
              && verdicts.get(ValueLayout.JAVA_BYTE, 2L * i + 1) == 1;
      wins += valid && WinRule.wins(opening.r1(), tickets[i].r2(), terms.odds()) ? 1 : 0;
    }
    return wins;
  }

  private static void put(byte[] bytes, MemorySegment column, long offset) {
    MemorySegment.copy(bytes, 0, column, ValueLayout.JAVA_BYTE, offset, bytes.length);
  }

  /** What the compiler must not leave out. */
  long sink() {
    return sink;
  }

  @Override
  public void close() {
    verifier.close();
    arena.close();
    buyer.close();
    vts.close();
  }
}

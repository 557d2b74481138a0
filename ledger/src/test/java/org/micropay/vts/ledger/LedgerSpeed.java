package org.micropay.vts.ledger;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Terms;

/**
 * Prints what the ledger costs on this machine; asserts nothing. Run its main method, with the
 * number of escrows as the argument.
 *
 * <pre>
 *  register -> journal records in memory -> grant, repeat, double-spend -> replay -> snapshot
 * </pre>
 */
final class LedgerSpeed {
  // The thread's own time: other programs on the machine do not count.
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int RECORD = 512;

  private final int escrows;
  private final LedgerPolicy policy;
  private final UnsafeBuffer claims;
  private final UnsafeBuffer registrations;
  private final int[] claimLengths;
  private final int[] registrationLengths;

  private LedgerSpeed(int escrows) {
    this.escrows = escrows;
    policy = Samples.policy(escrows, 16);
    int kept = Math.min(escrows, 1 << 18);
    claims = new UnsafeBuffer(new byte[kept * RECORD]);
    registrations = new UnsafeBuffer(new byte[kept * RECORD]);
    claimLengths = new int[kept];
    registrationLengths = new int[kept];
    Bytes32 tip = Samples.bytes32(1);
    for (int i = 0; i < kept; i++) {
      Terms terms = Samples.terms(i);
      Samples.Ready claim = Samples.ready(terms, 1);
      claimLengths[i] = GrantRecord.encode(claims, i * RECORD, claim.id, 0, claim.view);
      registrationLengths[i] =
          RegisterRecord.encode(
              registrations, i * RECORD, Samples.registration(terms, null), 990, 0, tip);
    }
  }

  public static void main(String[] args) {
    LedgerSpeed speed = new LedgerSpeed(args.length == 0 ? 1 << 18 : Integer.parseInt(args[0]));
    for (int round = 0; round < 4; round++) {
      speed.run(round);
    }
  }

  private Ledger open() {
    Ledger ledger = Ledger.create(policy);
    ledger.configure(1, Samples.START_MILLIS, policy);
    ledger.blockConnected(2, Samples.START_MILLIS, 1000, Samples.bytes32(1), Bytes32.ZERO);
    return ledger;
  }

  private static double time(int count, IntConsumer action) {
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < count; i++) {
      action.accept(i);
    }
    return (THREADS.getCurrentThreadCpuTime() - start) / (double) count;
  }

  private void run(int round) {
    int kept = claimLengths.length;
    try (Ledger live = open();
        Ledger replayed = open()) {
      double register =
          time(
              kept,
              i ->
                  live.execute(
                      live.lastPosition() + 1,
                      RecordType.REGISTER.number(),
                      Samples.START_MILLIS,
                      registrations,
                      i * RECORD,
                      registrationLengths[i]));
      ClaimView view = new ClaimView();
      byte[] bytes = claims.byteArray();
      IntConsumer decide =
          i -> {
            int at = i * RECORD;
            view.wrap(bytes, at + GrantRecord.CLAIM, claimLengths[i] - GrantRecord.CLAIM);
            live.decide(live.lastPosition() + 1, Samples.START_MILLIS, view, bytes, at);
          };
      double status =
          time(
              kept,
              i -> {
                int at = i * RECORD;
                view.wrap(bytes, at + GrantRecord.CLAIM, claimLengths[i] - GrantRecord.CLAIM);
                live.view().status(Samples.START_MILLIS, view, bytes, at);
              });
      double grant = time(kept, decide);
      double repeat = time(kept, decide);
      double replay =
          time(
              2 * kept,
              i -> {
                boolean first = i < kept;
                int k = first ? i : i - kept;
                replayed.apply(
                    replayed.lastPosition() + 1,
                    first ? RecordType.REGISTER.number() : RecordType.GRANT.number(),
                    Samples.START_MILLIS,
                    first ? registrations : claims,
                    k * RECORD,
                    first ? registrationLengths[k] : claimLengths[k]);
              });
      if (live.stateDigestHigh() != replayed.stateDigestHigh()) {
        throw new IllegalStateException("replay came to another state");
      }
      long[] snapshotBytes = {0};
      double snapshot =
          time(1, i -> live.writeSnapshot((b, o, length) -> snapshotBytes[0] += length));
      System.out.printf(
          "round %d, %,d escrows: register %.0f ns (%,.0f/s), view status %.0f ns, grant %.0f ns,"
              + " repeat %.0f ns, replay %.0f ns (%,.0f records/s), snapshot %,d bytes in %.0f"
              + " ms%n",
          round,
          kept,
          register,
          1e9 / register,
          status,
          grant,
          repeat,
          replay,
          1e9 / replay,
          snapshotBytes[0],
          snapshot / 1e6);
    }
  }
}

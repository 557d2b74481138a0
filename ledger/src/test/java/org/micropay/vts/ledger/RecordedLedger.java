package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/** A ledger whose caller keeps the journal as it should, in memory; commands go as records. */
final class RecordedLedger implements Machine, AutoCloseable {
  record Entry(long position, int type, long timeMillis, byte[] payload) {}

  final Ledger ledger;
  final List<Entry> journal = new ArrayList<>();
  private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);

  RecordedLedger(Ledger ledger) {
    this.ledger = ledger;
  }

  @Override
  public void close() {
    ledger.close();
  }

  private long next() {
    return ledger.lastPosition() + 1;
  }

  private Answer journal(long time, int code, long position, int length) {
    Answer answer = new Answer(code, ledger.journalType(), ledger.receiptPosition());
    if (answer.journalType() != 0) {
      append(position, time, answer.journalType(), length);
      writeDigestIfDue(time);
    }
    return answer;
  }

  private void append(long position, long time, int type, int length) {
    byte[] payload = new byte[length];
    buffer.getBytes(0, payload);
    journal.add(new Entry(position, type, time, payload));
  }

  private void writeDigestIfDue(long time) {
    if (ledger.isDigestDue()) {
      long position = next();
      int type = RecordType.STATE_DIGEST.number();
      int length = ledger.encodeStateDigest(buffer, 0);
      ledger.execute(position, type, time, buffer, 0, length);
      append(position, time, type, length);
    }
  }

  private Answer execute(long time, RecordType type, int length) {
    long position = next();
    int code = ledger.execute(position, type.number(), time, buffer, 0, length);
    return journal(time, code, position, length);
  }

  @Override
  public Answer configure(long time, LedgerPolicy policy) {
    buffer.putBytes(0, policy.encode());
    return execute(time, RecordType.CONFIG, LedgerPolicy.LENGTH);
  }

  @Override
  public Answer decide(long time, Claim claim, Bytes32 claimId) {
    Samples.Ready ready = new Samples.Ready(claim);
    long position = next();
    int code = ledger.decide(position, time, ready.view, ready.id, 0);
    int length =
        ledger.journalType() == RecordType.GRANT.number()
            ? GrantRecord.encode(buffer, 0, ready.id, 0, ready.view)
            : DoubleSpendRecord.encode(buffer, 0, ready.id, 0, ledger.grantPosition(), ready.view);
    return journal(time, code, position, length);
  }

  @Override
  public Answer register(
      long time, Registration registration, int funded, int depositFunded, Bytes32 tip) {
    int length = RegisterRecord.encode(buffer, 0, registration, funded, depositFunded, tip);
    return execute(time, RecordType.REGISTER, length);
  }

  @Override
  public Answer connect(long time, int height, Bytes32 hash, Bytes32 parent) {
    int length = BlockRecord.encode(buffer, 0, height, hash, parent);
    return execute(time, RecordType.BLOCK_CONNECTED, length);
  }

  @Override
  public Answer disconnect(long time, int height, Bytes32 hash, Bytes32 parent) {
    int length = BlockRecord.encode(buffer, 0, height, hash, parent);
    return execute(time, RecordType.BLOCK_DISCONNECTED, length);
  }

  @Override
  public Answer event(long time, RecordType type, Outpoint outpoint, int height) {
    int length =
        type == RecordType.ESCROW_SPENT
            ? OutpointRecord.encodeSpent(buffer, 0, outpoint, height, Bytes32.ZERO)
            : OutpointRecord.encode(buffer, 0, outpoint, height);
    return execute(time, type, length);
  }

  @Override
  public Answer tick(long time) {
    return execute(time, RecordType.TICK, 0);
  }

  @Override
  public Answer tickWithTip(long time, int height, Bytes32 hash) {
    return execute(time, RecordType.TICK, TickRecord.encodeTip(buffer, 0, height, hash));
  }

  @Override
  public Answer settlement(long time) {
    return execute(time, RecordType.BATCH_STORED, 100);
  }

  @Override
  public Optional<EscrowInfo> lookup(Outpoint outpoint) {
    return ledger.view().lookup(outpoint);
  }

  @Override
  public int escrowCount() {
    return ledger.view().escrowCount();
  }

  /** Applies journal records from index {@code from} on to another ledger. */
  void replayInto(Ledger target, int from) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[0]);
    for (Entry entry : journal.subList(from, journal.size())) {
      payload.wrap(entry.payload());
      target.apply(
          entry.position(), entry.type(), entry.timeMillis(), payload, 0, entry.payload().length);
    }
  }

  /** The same in batches of random length, looked up ahead. */
  void replayAheadInto(Ledger target, int from, SplittableRandom random) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[0]);
    try (Arena arena = Arena.ofConfined()) {
      ReplayAhead ahead = target.newReplayAhead(arena, 64, TermsDigests.jdk());
      if (random.nextBoolean()) {
        target.digestInLots(KeyedHashes.oneByOne(128));
      }
      int next = from;
      while (next < journal.size()) {
        List<Entry> batch =
            journal.subList(next, Math.min(journal.size(), next + 1 + random.nextInt(64)));
        ahead.clear();
        for (Entry entry : batch) {
          payload.wrap(entry.payload());
          ahead.add(entry.type(), payload, 0, entry.payload().length);
        }
        ahead.run();
        for (int i = 0; i < batch.size(); i++) {
          Entry entry = batch.get(i);
          payload.wrap(entry.payload());
          target.apply(
              entry.position(),
              entry.type(),
              entry.timeMillis(),
              payload,
              0,
              entry.payload().length,
              ahead,
              i);
        }
        next += batch.size();
      }
    }
  }
}

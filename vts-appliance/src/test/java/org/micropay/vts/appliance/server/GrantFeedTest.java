package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.AnsweredSlots;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;

/**
 * Up to where settlement was given every grant: a grant that is called given and is not would count
 * as settled.
 */
class GrantFeedTest {
  /** Room for nine grants. */
  private static final int SMALL_BUFFER = 4_096;

  private static final int MOST_STEPS = 1_000;

  @TempDir Path temp;
  private final List<Long> given = new ArrayList<>();
  private final List<Long> meanwhile = new ArrayList<>();
  private int grantsBehindLooks;
  private boolean settlementIsFull;
  private byte[] claim;
  private ChronicleJournal journal;
  private GrantFeed feed;

  /** Signs with zeros, which nobody verifies here. */
  private static final class ZeroSigner implements BatchSigner {
    @Override
    public void sign(
        MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
      for (int i = 0; i < count; i++) {
        verdicts.set(ValueLayout.JAVA_BYTE, i, (byte) 1);
      }
    }

    @Override
    public byte[] publicKey() {
      return new byte[PublicKey.LENGTH];
    }

    @Override
    public String name() {
      return "zeros";
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  @BeforeEach
  void start() {
    try (SecretKey key = SecretKey.generate()) {
      claim =
          TestEscrow.draft(PublicKey.of(key.publicKey()), TestServer.REFUND_HEIGHT)
              .at(new Outpoint(Bytes32.ZERO, 1))
              .winner()
              .encode();
    }
    journal =
        ChronicleJournal.open(
            new JournalConfig(
                temp.resolve("journal"), new byte[Bytes32.LENGTH], RollPeriod.HOURLY, 0, 4 << 20));
    append(RecordType.TICK, new byte[0]);
  }

  @AfterEach
  void stop() {
    feed.close();
    journal.close();
  }

  private void open(long... unsettled) {
    LongArrayList waiting = new LongArrayList();
    for (long position : unsettled) {
      waiting.addLong(position);
    }
    feed =
        new GrantFeed(
            SMALL_BUFFER,
            temp.resolve("journal"),
            this::lookAtTheEnd,
            new ZeroSigner(),
            grant -> !settlementIsFull && given.add(grant.position()),
            waiting);
  }

  /** The journal's end, and what the reply stage does right after settlement has looked. */
  private long lookAtTheEnd() {
    long end = journal.durablePosition();
    if (grantsBehindLooks > 0) {
      grantsBehindLooks--;
      meanwhile.add(grant());
    }
    return end;
  }

  private long append(RecordType type, byte[] payload) {
    long position = journal.nextPosition();
    journal.append(position, type.number(), 1, new UnsafeBuffer(payload), 0, payload.length);
    journal.sync();
    return position;
  }

  private long journaled() {
    byte[] payload = new byte[GrantRecord.CLAIM + claim.length];
    System.arraycopy(claim, 0, payload, GrantRecord.CLAIM, claim.length);
    return append(RecordType.GRANT, payload);
  }

  private long grant() {
    long position = journaled();
    feed.onGrant(AnsweredSlots.granted(claim, position));
    return position;
  }

  /** Steps until nothing moves; in between, what is called given must have been given. */
  private void run(List<Long> grants) {
    int idle = 0;
    for (int steps = 0; idle < 2; steps++) {
      assertTrue(steps < MOST_STEPS, "it comes to no end");
      idle = feed.doWork() == 0 ? idle + 1 : 0;
      long through = feed.handedThrough();
      for (long position : grants) {
        assertTrue(
            position > through || given.contains(position),
            "grant " + position + " was not given, but all through " + through);
      }
    }
  }

  @Test
  void shouldCallNothingGivenWhileGrantsAreOnTheirWay() {
    open();
    assertEquals(0, feed.handedThrough(), "nothing came yet");
    List<Long> grants = new ArrayList<>();
    grants.add(grant());
    run(grants);
    assertEquals(grants.getLast(), feed.handedThrough());
    settlementIsFull = true;
    grants.add(grant());
    run(grants);
    assertEquals(0, feed.handedThrough(), "settlement does not take it");
    // More than fit: those are left out until settlement has read them in the journal.
    for (int i = 0; i < 20; i++) {
      grants.add(grant());
    }
    run(grants);
    assertEquals(0, feed.handedThrough());
    settlementIsFull = false;
    run(grants);
    assertEquals(grants, given.stream().distinct().sorted().toList());
    assertEquals(grants.getLast(), feed.handedThrough());
  }

  @Test
  void shouldGiveWhatWaitsFromBeforeTheStart() {
    List<Long> grants = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      grants.add(journaled());
    }
    open(grants.stream().mapToLong(Long::longValue).toArray());
    settlementIsFull = true;
    grants.add(grant());
    run(grants);
    assertEquals(0, feed.handedThrough());
    settlementIsFull = false;
    run(grants);
    assertEquals(grants, given.stream().distinct().sorted().toList());
    assertEquals(grants.getLast(), feed.handedThrough());
  }

  /** One is left out behind the first look; the next is fed, and given before that one is read. */
  @Test
  void shouldNotCallGivenWhatIsReadBehindNewerGrants() {
    open();
    List<Long> grants = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      grants.add(grant());
    }
    grantsBehindLooks = 2;
    for (int i = 0; i < MOST_STEPS && grantsBehindLooks > 0; i++) {
      feed.doWork();
    }
    assertEquals(2, meanwhile.size());
    grants.addAll(meanwhile);
    run(grants);
    assertEquals(grants, given.stream().distinct().sorted().toList());
    assertEquals(grants.getLast(), feed.handedThrough());
  }
}

package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/** The merchant's files after a crash, a power loss, a clock set back, and damage. */
class StorageTest {
  private static final long SEED = Long.getLong("vts.seed", 7);

  @TempDir Path folder;

  private List<String> read(Path file) {
    List<String> records = new ArrayList<>();
    RecordLog.open(
            file,
            record -> {
              byte[] bytes = new byte[record.remaining()];
              record.get(bytes);
              records.add(new String(bytes));
            })
        .close();
    return records;
  }

  private Path write(String... records) throws IOException {
    Path file = folder.resolve("log");
    Files.deleteIfExists(file);
    try (RecordLog log = RecordLog.open(file, record -> {})) {
      for (String record : records) {
        log.append(List.of(record.getBytes()));
      }
      log.force();
    }
    return file;
  }

  @Test
  void shouldCutATornRecordAtTheEndWhereverItIsTorn() throws IOException {
    byte[] whole = Files.readAllBytes(write("one", "two", "three"));
    int lastAt = whole.length - 8 - "three".length();
    for (int length = lastAt; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("torn" + length), Arrays.copyOf(whole, length));
      assertEquals(List.of("one", "two"), read(file));
      assertEquals(lastAt, Files.size(file));
    }
    byte[] zeroed = whole.clone();
    Arrays.fill(zeroed, lastAt, whole.length, (byte) 0);
    assertEquals(List.of("one", "two"), read(Files.write(folder.resolve("zero"), zeroed)));
  }

  @Test
  void shouldRefuseDamageBeforeTheEnd() throws IOException {
    byte[] whole = Files.readAllBytes(write("one", "two", "three"));
    Random random = new Random(SEED);
    int lastAt = whole.length - 8 - "three".length();
    for (int i = 0; i < 200; i++) {
      byte[] flipped = whole.clone();
      int bit = random.nextInt(8 * lastAt);
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Path file = Files.write(folder.resolve("flipped" + i), flipped);
      MerchantStorageException refused =
          assertThrows(MerchantStorageException.class, () -> read(file), "seed " + SEED);
      assertTrue(refused.getMessage().contains("damaged at offset"), refused.getMessage());
    }
  }

  @Test
  void shouldNeverRepeatAnAskAlsoWhenTheClockIsSetBack() throws IOException {
    Path file = folder.resolve("asks.counter");
    long last = 0;
    long[] clock = {1_000, 1_000, 999, 500, 1_000, 1_002, 0};
    for (long now : clock) {
      AskCounter counter = AskCounter.open(file, now);
      for (int i = 0; i < 100; i++) {
        long next = counter.next(now);
        assertTrue(Long.compareUnsigned(next, last) > 0, now + ": " + next + " after " + last);
        assertTrue(counter.isIssued(next));
        assertFalse(counter.isIssued(next + 1));
        last = next;
      }
    }
  }

  @Test
  void shouldReserveBeforeItGivesOut() throws IOException {
    Path file = folder.resolve("asks.counter");
    AskCounter counter = AskCounter.open(file, 1_000);
    long late = counter.next(5_000);
    // A crash now: the next process must start behind it although its clock is at 1,001.
    long next = AskCounter.open(file, 1_001).next(1_001);
    assertTrue(next > late);
  }

  @Test
  void shouldKeepTotalsWhenLogsAreRemoved() throws IOException {
    RedeemedAsks redeemed = new RedeemedAsks();
    TicketClass type = new TicketClass(1_000, 10);
    try (TicketJournal journal = TicketJournal.open(folder, redeemed)) {
      for (long second = 100; second < 110; second++) {
        journal.taken(second << 24, type, second == 105);
        journal.flush();
        journal.tidy(second - 3);
      }
      assertEquals(10, journal.statistics().get().tickets());
    }
    RedeemedAsks again = new RedeemedAsks();
    try (TicketJournal journal = TicketJournal.open(folder, again)) {
      assertEquals(10, journal.statistics().get().tickets());
      assertEquals(1, journal.statistics().get().wins());
      assertFalse(again.redeem(109L << 24), "used before the restart");
      journal.tidy(1_000);
      journal.tidy(1_000);
      assertEquals(10, journal.statistics().get().tickets());
    }
    try (TicketJournal journal = TicketJournal.open(folder, new RedeemedAsks())) {
      assertEquals(10, journal.statistics().get().tickets());
      assertEquals(1, journal.statistics().get().wins());
    }
  }

  private static Claim claim(int number) {
    Exchange vts = new Exchange();
    try (SecretKey buyer = SecretKey.generate()) {
      Terms terms =
          new Terms(
              Network.REGTEST.magic(),
              new Outpoint(Bytes32.fromHex("cd".repeat(32)), number),
              101_000,
              100_000,
              1,
              10_000,
              PublicKey.of(buyer.publicKey()),
              vts.publicKey);
      Opening opening = new Opening(Bytes16.of(new byte[16]), Bytes16.of(new byte[16]));
      Ticket ticket =
          TicketSigner.ticket(
              buyer,
              terms,
              new Ask(opening.commitment(), Exchange.SCRIPT),
              Bytes16.of(new byte[16]),
              4_000_000_000L);
      return Claim.of(terms, ticket, opening);
    }
  }

  private static ClaimReply grant(Claim claim) {
    return new ClaimReply(AnswerCode.GRANTED, claim.id(), 9, Optional.of(claim.sigSpend()), 0);
  }

  @Test
  void shouldGoOnInTheNextFileWithoutForgettingAWinner() {
    int wins = 40;
    List<Claim> claims = new ArrayList<>();
    try (ClaimStore store = ClaimStore.open(folder, 4_000, 0)) {
      for (int i = 0; i < wins; i++) {
        Claim claim = claim(i);
        claims.add(claim);
        assertTrue(store.store(claim, i).join());
        if (i % 4 != 0) {
          store.answer(claim.id(), grant(claim), i).join();
        }
        assertFalse(store.store(claim, i).join(), "it is there already");
      }
      assertEquals(10, store.pendingCount());
    }
    String[] files = folder.toFile().list((f, name) -> name.matches("wins-\\d+\\.log"));
    assertTrue(files.length >= 4, Arrays.toString(files));
    try (ClaimStore store = ClaimStore.open(folder, 4_000, 0)) {
      assertEquals(wins, store.totals().wins());
      assertEquals(30 * 100_000L, store.totals().grantedSatoshi());
      assertEquals(10 * 100_000L, store.totals().pendingSatoshi());
      assertEquals(30L, store.totals().answers().get(AnswerCode.GRANTED));
      assertEquals(
          List.of(0, 4, 8, 12, 16, 20, 24, 28, 32, 36),
          store.pending().stream().map(s -> s.claim().terms().outpoint().vout()).toList());
      Claim late = claims.getFirst();
      store.answer(late.id(), grant(late), 99).join();
      assertEquals(9, store.pendingCount());
    }
    List<StoredClaim> all = new ArrayList<>();
    ClaimStore.forEach(folder, all::add);
    assertEquals(wins, all.size());
    assertEquals(wins, all.stream().map(s -> s.claim().id()).distinct().count(), "each once");
    assertEquals(31, all.stream().filter(s -> s.reply().isPresent()).count());
  }

  @Test
  void shouldRollAgainAfterACrashBeforeTheNextFileHadItsName() throws IOException {
    Claim claim = claim(1);
    try (ClaimStore store = ClaimStore.open(folder, 1, 0)) {
      store.store(claim, 1).join();
    }
    Files.writeString(folder.resolve("wins-000003.log.new"), "half of it");
    try (ClaimStore store = ClaimStore.open(folder, 1, 0)) {
      assertEquals(1, store.pendingCount());
      store.answer(claim.id(), grant(claim), 2).join();
    }
    try (ClaimStore store = ClaimStore.open(folder)) {
      assertEquals(0, store.pendingCount());
      assertEquals(100_000, store.totals().grantedSatoshi());
    }
  }

  @Test
  void shouldLetAnswersWaitForAWinAndAWinForNobody() {
    int many = ClaimStore.LINGERING;
    List<Claim> claims = new ArrayList<>();
    try (ClaimStore store = ClaimStore.open(folder, 1 << 20, TimeUnit.HOURS.toNanos(1))) {
      for (int i = 0; i <= many; i++) {
        claims.add(claim(i));
        assertTrue(store.store(claims.get(i), i).join(), "a win is not kept waiting");
      }
      assertEquals(many + 1, store.syncs());
      CompletableFuture<Void> alone = answer(store, claims.get(0));
      store.store(claim(many + 1), many + 1).join();
      alone.join();
      assertEquals(many + 2, store.syncs(), "an answer waits, and shares the win's sync");
      List<CompletableFuture<Void>> enough =
          claims.subList(1, many + 1).stream().map(claim -> answer(store, claim)).toList();
      enough.forEach(CompletableFuture::join);
      assertEquals(many + 3, store.syncs(), "enough of them wait no longer");
      assertEquals(1, store.pendingCount());
      answer(store, store.pending().getFirst().claim());
    }
    try (ClaimStore store = ClaimStore.open(folder)) {
      assertEquals(0, store.pendingCount(), "closing writes what waits");
    }
  }

  private static CompletableFuture<Void> answer(ClaimStore store, Claim claim) {
    return store.answer(claim.id(), grant(claim), 99);
  }
}

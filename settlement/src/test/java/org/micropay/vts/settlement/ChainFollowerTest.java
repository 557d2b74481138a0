package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.AnswerCode;

/** The follower at its limits: no chain, a chain that is behind, long ways, deep turns. */
class ChainFollowerTest {
  @TempDir Path folder;
  private EmbeddedChain embedded;
  private RuntimeException outage;
  private boolean download;
  private int unseenHeaders;
  private Chain chain;
  private MemoryLedger ledger = new MemoryLedger();
  private EscrowWatcher watcher;
  private ChainFollower follower;
  private long clock;

  @BeforeEach
  void start() {
    embedded = EmbeddedChain.open(folder.resolve("chain.dat"), InstantSource.system());
    embedded.mature(2);
    chain =
        (Chain)
            Proxy.newProxyInstance(
                Chain.class.getClassLoader(),
                new Class<?>[] {Chain.class},
                (proxy, method, arguments) -> {
                  if (outage != null) {
                    throw outage;
                  }
                  if (method.getName().equals("status")) {
                    ChainStatus real = embedded.status();
                    return new ChainStatus(
                        real.network(),
                        real.tip(),
                        real.headers() + unseenHeaders,
                        download,
                        false);
                  }
                  try {
                    return method.invoke(embedded, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    startFollower(List.of());
  }

  @AfterEach
  void stop() {
    embedded.close();
  }

  private void startFollower(List<BlockRef> recent) {
    watcher = new EscrowWatcher(16);
    follower =
        new ChainFollower(
            chain,
            ledger,
            watcher,
            List.of(),
            new FollowerConfig(0, 5_000, 4, 144, Optional.empty()),
            () -> clock);
    follower.start(recent, ledger.watched());
  }

  private void run() {
    for (int i = 0; i < 5_000 && (i < 3 || !follower.synced()); i++) {
      follower.doWork();
    }
  }

  @Test
  void shouldBeginANewLedgerAtTheTip() {
    run();
    assertTrue(follower.synced());
    assertEquals(List.of(embedded.tip()), ledger.recentBlocks());
    assertEquals(1, ledger.heartbeats);
    clock += 5_000;
    follower.doWork();
    assertEquals(2, ledger.heartbeats);
  }

  @Test
  void shouldFailClosedWhenTheChainCannotBeBelieved() {
    run();
    int heartbeats = ledger.heartbeats;
    clock += 50_000;
    embedded.mine(1);
    download = true;
    expectSilence(heartbeats);
    download = false;
    unseenHeaders = 2;
    expectSilence(heartbeats);
    unseenHeaders = 0;
    outage = new ChainException(ChainException.Kind.UNAVAILABLE, "gone");
    expectSilence(heartbeats);
    outage = null;
    run();
    assertTrue(follower.synced());
    assertEquals(embedded.tip(), follower.tip().orElseThrow());
    assertTrue(ledger.heartbeats > heartbeats);
  }

  private void expectSilence(int heartbeats) {
    int height = follower.tip().orElseThrow().height();
    Escrows.Escrow escrow = new Escrows(embedded).make(1, 10_000).getFirst();
    CompletableFuture<EscrowWatcher.Answer> answer =
        watcher.register(Appliance.registration(escrow), "test");
    for (int i = 0; i < 5; i++) {
      follower.doWork();
    }
    assertFalse(follower.synced());
    assertEquals(heartbeats, ledger.heartbeats);
    assertEquals(height, follower.tip().orElseThrow().height());
    assertTrue(answer.isDone(), follower.condition().text());
    assertEquals(AnswerCode.CHAIN_STALE, answer.join().code());
  }

  @Test
  void shouldReadNoFurtherThanDurabilityFollows() {
    run();
    ledger.automatic(false);
    int from = embedded.tip().height();
    embedded.mine(50);
    for (int i = 0; i < 200; i++) {
      follower.doWork();
    }
    assertEquals(from + 4, follower.tip().orElseThrow().height());
    ledger.flush(2);
    for (int i = 0; i < 200; i++) {
      follower.doWork();
    }
    assertEquals(from + 6, follower.tip().orElseThrow().height());
    ledger = ledger.crash();
    startFollower(ledger.recentBlocks());
    run();
    assertEquals(embedded.tip(), follower.tip().orElseThrow());
  }

  @Test
  void shouldFollowAHundredBlocksBackAndRefuseMoreThanTheHorizon() {
    embedded.mine(60);
    run();
    embedded.mine(144);
    run();
    embedded.invalidate(143);
    embedded.mineEmpty(145, embedded.wallet().script());
    run();
    assertEquals(embedded.tip(), follower.tip().orElseThrow());
    int height = embedded.tip().height();
    embedded.invalidate(145);
    BlockRef fork = embedded.tip();
    embedded.mineEmpty(146, embedded.wallet().script());
    run();
    assertEquals(ChainCode.REORG_TOO_DEEP, follower.condition().code());
    assertEquals(height, follower.tip().orElseThrow().height(), "nothing is undone before");
    assertFalse(follower.condition().code().tipBelievable());
    watcher = new EscrowWatcher(16);
    FollowerConfig accepting = new FollowerConfig(0, 5_000, 4, 144, Optional.of(fork.hash()));
    follower = new ChainFollower(chain, ledger, watcher, List.of(), accepting, () -> clock);
    follower.start(ledger.recentBlocks(), ledger.watched());
    run();
    assertEquals(embedded.tip(), follower.tip().orElseThrow());
  }

  @Test
  void shouldHaltWhenARecordIsLost() {
    run();
    ledger.automatic(false);
    embedded.mine(1);
    follower.doWork();
    follower.doWork();
    assertEquals(1, ledger.pendingCount());
    ledger.fail(new java.io.UncheckedIOException(new java.io.IOException("disk")));
    assertThrows(RuntimeException.class, follower::doWork);
  }

  /** The ledger may refuse for hours, for instance until the chain is seen to move again. */
  @Test
  void shouldAskALedgerThatRefusesForNowLessAndLessOften() {
    run();
    int[] asked = {0};
    LedgerCommands refusing =
        (LedgerCommands)
            Proxy.newProxyInstance(
                LedgerCommands.class.getClassLoader(),
                new Class<?>[] {LedgerCommands.class},
                (proxy, method, arguments) -> {
                  if (!method.getName().equals("register")) {
                    return method.invoke(ledger, arguments);
                  }
                  asked[0]++;
                  return CompletableFuture.completedFuture(
                      new LedgerCommands.Result(AnswerCode.CHAIN_STALE.number(), 0));
                });
    watcher = new EscrowWatcher(16);
    FollowerConfig config = new FollowerConfig(0, 5_000, 4, 144, Optional.empty());
    follower = new ChainFollower(chain, refusing, watcher, List.of(), config, () -> clock);
    follower.start(ledger.recentBlocks(), ledger.watched());
    run();
    Escrows.Escrow escrow = new Escrows(embedded).make(1, 10_000).getFirst();
    CompletableFuture<EscrowWatcher.Answer> answer =
        watcher.register(Appliance.registration(escrow), "test");
    run();
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, answer.join().code(), "not in a block yet");
    embedded.mine(1);
    for (int i = 0; i < 1_000; i++) {
      follower.doWork();
    }
    assertEquals(1, asked[0], "no time has passed");
    for (int second = 0; second < 600; second++) {
      clock += 1_000;
      for (int i = 0; i < 10; i++) {
        follower.doWork();
      }
    }
    // Waits of 0.25, 0.5, 1 ... 64 s, each rounded up to a second, and 64 s from then on.
    assertTrue(asked[0] >= 14 && asked[0] <= 20, asked[0] + " times in ten minutes");
    assertEquals(1, watcher.pending(), "not forgotten");
  }
}

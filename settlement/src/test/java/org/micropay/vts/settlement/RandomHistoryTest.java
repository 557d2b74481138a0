package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Outpoint;

/**
 * Random histories on the embedded chain: blocks, reorganizations, merchants and buyers who send
 * transactions of their own, lost mempools, crashes between any two steps. At the end an
 * independent walk over the chain must agree with settlement on every claim and every satoshi.
 *
 * <p>-Dvts.seed=N repeats one history.
 */
class RandomHistoryTest {
  private static final int HISTORIES = 5;
  private static final int OPERATIONS = 120;
  private static final int DEPTH = 3;
  private static final int SNAPSHOTS = 12;

  @TempDir Path folder;

  @Test
  void shouldAgreeWithTheChainOnEverySatoshi() {
    Long fixed = Long.getLong("vts.seed");
    Random seeds = new Random();
    for (int i = 0; i < (fixed == null ? HISTORIES : 1); i++) {
      long seed = fixed == null ? seeds.nextLong() : fixed;
      try (EmbeddedChain chain =
          EmbeddedChain.open(folder.resolve("chain" + i), InstantSource.system())) {
        new History(chain, seed).play();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("history failed; repeat it with -Dvts.seed=" + seed, e);
      }
    }
  }

  private static final class History {
    private final EmbeddedChain chain;
    private final Random random;
    private final Appliance appliance;
    private final Escrows escrows;
    private final List<Escrow> free = new ArrayList<>();
    private final List<Grant> grants = new ArrayList<>();
    private final List<Escrow> granted = new ArrayList<>();
    private boolean unsafeToForget;

    History(EmbeddedChain chain, long seed) {
      this.chain = chain;
      this.random = new Random(seed);
      this.escrows = new Escrows(chain);
      chain.mature(10);
      for (int i = 0; i < 3; i++) {
        chain.fund(BatchBuilder.walletScript(Escrows.FEE), 300_000 + i);
      }
      chain.mine(1);
      SettlementPolicy base = Appliance.POLICY;
      this.appliance =
          new Appliance(
              chain,
              new SettlementPolicy(
                  8,
                  60_000,
                  DEPTH,
                  6,
                  base.fallbackRate(),
                  base.minRate(),
                  base.maxRate(),
                  3,
                  5,
                  30_000,
                  1_000,
                  new SettlementPolicy.Patience(base.patience().rate(), 0, 2)));
      // The ledger must know the blocks that a reorganization takes off.
      chain.mine(20);
      appliance.run();
    }

    void play() {
      for (int i = 0; i < OPERATIONS; i++) {
        operate(random.nextInt(100));
        maybeCrash();
      }
      end();
      check();
    }

    private void operate(int dice) {
      if (dice < 15) {
        register();
      } else if (dice < 35) {
        grant();
      } else if (dice < 50) {
        appliance.settle();
      } else if (dice < 68) {
        chain.mine(1 + random.nextInt(2));
        unsafeToForget = false;
      } else if (dice < 76) {
        chain.mineEmpty(1, chain.wallet().script());
      } else if (dice < 84) {
        reorganize();
      } else if (dice < 90) {
        merchantSends();
      } else if (dice < 94) {
        buyerRefunds();
      } else if (dice < 97) {
        forgetMempool();
      } else {
        appliance.clock.addAndGet(random.nextInt(100_000));
      }
      if (random.nextInt(3) > 0) {
        appliance.run();
      }
    }

    private void register() {
      int height = chain.tip().height() + (random.nextInt(4) == 0 ? 12 : 5_000);
      List<Escrow> made = escrows.make(1 + random.nextInt(8), height);
      chain.mine(1);
      unsafeToForget = false;
      appliance.run();
      appliance.registerAll(made);
      free.addAll(made);
    }

    private void grant() {
      List<Grant> batch = new ArrayList<>();
      for (int n = random.nextInt(6); n > 0 && !free.isEmpty(); n--) {
        Escrow escrow = free.remove(random.nextInt(free.size()));
        Grant grant = escrow.grant(grants.size() + 1, Keys.named("m" + grants.size()).p2wpkh());
        grants.add(grant);
        granted.add(escrow);
        batch.add(grant);
      }
      appliance.grant(batch);
    }

    private void reorganize() {
      int depth = 1 + random.nextInt(4);
      chain.invalidate(depth);
      unsafeToForget = true;
      if (random.nextBoolean()) {
        appliance.step();
      }
      if (random.nextBoolean()) {
        chain.mineEmpty(depth + 1, chain.wallet().script());
      } else {
        chain.mine(depth + 1);
        unsafeToForget = false;
      }
    }

    private void merchantSends() {
      if (!grants.isEmpty()) {
        Grant grant = grants.get(random.nextInt(grants.size()));
        chain.broadcast(ReleaseTransaction.of(grant.claim(), grant.counterSignature()));
      }
    }

    private void buyerRefunds() {
      for (Escrow escrow : granted) {
        chain.broadcast(
            RefundTransaction.of(
                escrow.terms(), escrow.buyer().p2wpkh(), new FeeRate(3_000), escrow.buyer()::sign));
      }
    }

    /** Not while a funding transaction could be lost with it: then claims would wait for ever. */
    private void forgetMempool() {
      if (!unsafeToForget) {
        chain.clearMempool();
      }
    }

    private void maybeCrash() {
      if (random.nextInt(6) > 0) {
        return;
      }
      appliance.ledger.automatic(false);
      for (int i = random.nextInt(30); i > 0; i--) {
        appliance.step();
        if (random.nextInt(3) == 0) {
          appliance.ledger.flush(random.nextInt(4));
        }
        if (random.nextInt(12) == 0) {
          chain.mine(1);
          unsafeToForget = false;
        }
      }
      appliance.crashAndRestart();
    }

    private void end() {
      appliance.ledger.automatic(true);
      for (int i = 0; i < 40; i++) {
        appliance.clock.addAndGet(60_000);
        appliance.settle();
        chain.mine(1);
        appliance.run();
      }
    }

    /** What the blocks say, read without settlement's help. */
    private void check() {
      Map<Outpoint, Transaction> spender = new HashMap<>();
      Map<Outpoint, Long> value = new HashMap<>();
      Map<Outpoint, Integer> index = new HashMap<>();
      for (int height = 1; height <= chain.tip().height(); height++) {
        byte[] raw = chain.block(chain.hashAt(height).orElseThrow()).orElseThrow().raw();
        for (Transaction tx : Block.read(raw).tx) {
          for (int i = 0; i < tx.txIn.size(); i++) {
            TxIn in = tx.txIn.get(i);
            spender.put(Transactions.outpoint(in.outPoint), tx);
            index.put(Transactions.outpoint(in.outPoint), i);
          }
          for (int i = 0; i < tx.txOut.size(); i++) {
            value.put(new Outpoint(Transactions.txid(tx), i), Transactions.value(tx.txOut.get(i)));
          }
        }
      }
      checkClaims(spender, index);
      checkAccount(spender, value);
      assertEquals(
          chain.scan(BatchBuilder.walletScript(Escrows.FEE)).utxos().stream()
              .mapToLong(Utxo::value)
              .sum(),
          appliance.settlement.status().walletBalance());
      appliance.assertReplays();
      List<SettlementRecord> records = appliance.ledger.settlementRecords();
      for (int i = 0; i < SNAPSHOTS; i++) {
        int cut = i == 0 ? records.size() : random.nextInt(records.size() + 1);
        SnapshotChecks.assertRestores(records, cut, grants.size());
      }
    }

    private void checkClaims(Map<Outpoint, Transaction> spender, Map<Outpoint, Integer> index) {
      for (Grant grant : grants) {
        ReleasePair pair = grant.pair();
        Transaction tx = spender.get(pair.outpoint());
        assertTrue(tx != null, () -> "not settled: " + grant + appliance.settlement.status());
        boolean ours = appliance.settlement.state().attempt(Transactions.txid(tx)).isPresent();
        boolean pays = BatchMaker.pays(tx, index.get(pair.outpoint()), pair);
        Optional<ClaimOutcome> expected =
            ours
                ? Optional.empty()
                : Optional.of(pays ? ClaimOutcome.PAID_ELSEWHERE : ClaimOutcome.LOST);
        assertTrue(!ours || pays);
        assertEquals(expected, appliance.settlement.state().outcome(grant.position()));
        assertEquals(!ours, appliance.settlement.state().needs(grant.position()));
      }
    }

    private void checkAccount(Map<Outpoint, Transaction> spender, Map<Outpoint, Long> value) {
      Account expected = Account.ZERO;
      byte[] walletScript = BatchBuilder.walletScript(Escrows.FEE);
      for (Transaction tx : new java.util.HashSet<>(spender.values())) {
        if (appliance.settlement.state().attempt(Transactions.txid(tx)).isEmpty()) {
          continue;
        }
        long escrowIn = 0;
        long walletIn = 0;
        long payouts = 0;
        long change = 0;
        for (int i = 0; i < tx.txIn.size(); i++) {
          long in = value.get(Transactions.outpoint(tx.txIn.get(i).outPoint));
          boolean escrow = tx.txIn.get(i).witness.stack.size() == 3;
          escrowIn += escrow ? in : 0;
          walletIn += escrow ? 0 : in;
        }
        for (fr.acinq.bitcoin.TxOut out : tx.txOut) {
          boolean own = java.util.Arrays.equals(Transactions.script(out), walletScript);
          change += own ? Transactions.value(out) : 0;
          payouts += own ? 0 : Transactions.value(out);
        }
        long fees = escrowIn + walletIn - payouts - change;
        expected = expected.plus(new Account(escrowIn, walletIn, payouts, change, fees));
      }
      assertEquals(expected, appliance.totals().account());
    }
  }
}

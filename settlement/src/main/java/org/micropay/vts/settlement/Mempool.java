package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ScriptType;

/**
 * Unconfirmed transactions of the embedded chain, under the part of Bitcoin Core's default policy
 * that settlement meets: standard scripts and sizes, dust, minimum fee, finality, maturity,
 * replacement by fee, limits on version 3 (BIP 431) and on ancestors. Where it differs from a node
 * it is stricter.
 *
 * <p>Entries stand in an order in which parents come before children. Not thread-safe: {@link
 * EmbeddedChain}'s lock guards it.
 */
final class Mempool {
  private static final int MAX_WEIGHT = 400_000;
  private static final int MAX_TRUC_VSIZE = 10_000;
  private static final int MAX_TRUC_CHILD_VSIZE = 1_000;
  private static final int MAX_ANCESTORS = 25;
  private static final int MAX_REPLACED = 100;
  private static final int MIN_BASE_SIZE = 65;
  private static final int MAX_DATA_SCRIPT = 83;
  private static final int TRUC_VERSION = 3;

  /** An accepted transaction with its fee in satoshi. */
  record Entry(Transaction tx, Bytes32 txid, byte[] raw, long fee, int vsize) {}

  /** A transaction that breaks a rule. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final RejectReason reason;

    Refused(RejectReason reason, String text) {
      super(text, null, false, false);
      this.reason = reason;
    }
  }

  private final ChainState chain;
  private final Map<Bytes32, Entry> entries = new LinkedHashMap<>();
  private final Map<OutPoint, Entry> spenders = new HashMap<>();

  Mempool(ChainState chain) {
    this.chain = chain;
  }

  Entry get(Bytes32 txid) {
    return entries.get(txid);
  }

  /** An entry with its descendants' fees. */
  Optional<MempoolEntry> summary(Bytes32 txid) {
    Entry entry = entries.get(txid);
    if (entry == null) {
      return Optional.empty();
    }
    Set<Entry> family = new LinkedHashSet<>();
    collectDescendants(entry, family);
    long fees = family.stream().mapToLong(Entry::fee).reduce(0, Math::addExact);
    return Optional.of(new MempoolEntry(entry.fee(), entry.vsize(), family.size(), fees));
  }

  Entry spender(OutPoint outPoint) {
    return spenders.get(outPoint);
  }

  /** All entries, parents first. */
  Collection<Entry> entries() {
    return entries.values();
  }

  /**
   * Judges a transaction.
   *
   * @param commit whether to take it in when it passes
   */
  Acceptance offer(byte[] raw, boolean commit) {
    Transaction tx;
    try {
      tx = Transactions.parse(raw);
    } catch (IllegalArgumentException e) {
      return Acceptance.rejected(RejectReason.OTHER, "TX decode failed: " + e.getMessage());
    }
    Bytes32 txid = Transactions.txid(tx);
    if (entries.containsKey(txid) || chain.blockOf(txid) != null) {
      return new Acceptance.AlreadyKnown();
    }
    try {
      checkForm(tx);
      Map<OutPoint, TxOut> spent = spentOutputs(tx);
      Entry entry = new Entry(tx, txid, raw, fee(tx, spent), Transactions.vsize(tx));
      check(
          entry.fee() >= FeeRate.MIN_RELAY.feeFor(entry.vsize()),
          RejectReason.FEE_TOO_LOW,
          "min relay fee not met, " + entry.fee() + " < " + entry.vsize());
      Set<Entry> replaced = checkReplacement(entry);
      checkTopology(tx, entry.vsize(), replaced);
      Transactions.checkAll(tx, spent)
          .ifPresent(
              reason -> {
                throw new Refused(RejectReason.SCRIPT, "script-verify-flag-failed: " + reason);
              });
      if (commit) {
        replaced.forEach(this::remove);
        add(entry);
      }
      return new Acceptance.Accepted();
    } catch (Refused e) {
      return Acceptance.rejected(e.reason, e.getMessage());
    }
  }

  private void checkForm(Transaction tx) {
    try {
      Transaction.validate(tx);
    } catch (RuntimeException e) {
      throw new Refused(RejectReason.OTHER, "bad-txns: " + e.getMessage());
    }
    check(!tx.isCoinbase(), RejectReason.OTHER, "coinbase");
    check(tx.version >= 1 && tx.version <= TRUC_VERSION, RejectReason.OTHER, "version");
    check(tx.weight() <= MAX_WEIGHT, RejectReason.OTHER, "tx-size");
    check(tx.baseSize() >= MIN_BASE_SIZE, RejectReason.OTHER, "tx-size-small");
    for (TxOut out : tx.txOut) {
      byte[] script = Transactions.script(out);
      check(isStandard(script), RejectReason.OTHER, "scriptpubkey");
      check(
          Transactions.value(out) >= Dust.threshold(script),
          RejectReason.DUST,
          "dust: " + Transactions.value(out) + " < " + Dust.threshold(script));
    }
    int height = chain.tip().height() + 1;
    check(
        Finality.isFinal(tx, height, chain.medianTime(height - 1)),
        RejectReason.NOT_FINAL,
        "non-final");
  }

  private static boolean isStandard(byte[] script) {
    return ScriptType.classify(script, 0, script.length) != null
        || (script.length > 0 && script.length <= MAX_DATA_SCRIPT && script[0] == 0x6A);
  }

  private Map<OutPoint, TxOut> spentOutputs(Transaction tx) {
    int height = chain.tip().height() + 1;
    long medianTime = chain.medianTime(height - 1);
    Map<OutPoint, TxOut> spent = new HashMap<>();
    for (TxIn in : tx.txIn) {
      ChainState.Coin coin = chain.coin(in.outPoint);
      if (coin == null) {
        coin = unconfirmedCoin(in.outPoint, height);
      }
      check(
          !coin.coinbase() || height - coin.height() >= Utxo.COINBASE_MATURITY,
          RejectReason.NOT_FINAL,
          "bad-txns-premature-spend-of-coinbase");
      long coinTime = coin.height() == height ? medianTime : chain.coinMedianTime(coin);
      check(
          Finality.sequenceReached(tx, in, coin.height(), coinTime, height, medianTime),
          RejectReason.NOT_FINAL,
          "non-BIP68-final");
      spent.put(in.outPoint, coin.out());
    }
    return spent;
  }

  private ChainState.Coin unconfirmedCoin(OutPoint outPoint, int height) {
    Entry parent = entries.get(Transactions.outpoint(outPoint).txid());
    check(
        parent != null && outPoint.index < parent.tx().txOut.size(),
        RejectReason.MISSING_INPUTS,
        "bad-txns-inputs-missingorspent: " + Transactions.outpoint(outPoint));
    return new ChainState.Coin(parent.tx().txOut.get((int) outPoint.index), height, false);
  }

  private static long fee(Transaction tx, Map<OutPoint, TxOut> spent) {
    long in = 0;
    for (TxOut out : spent.values()) {
      in = Math.addExact(in, Transactions.value(out));
    }
    long fee = in - Transactions.outputSum(tx);
    check(fee >= 0, RejectReason.OTHER, "bad-txns-in-belowout");
    return fee;
  }

  /** BIP 125 without its first rule: replacement needs no signal (Core's default since 28). */
  private Set<Entry> checkReplacement(Entry entry) {
    Set<Entry> direct = new LinkedHashSet<>();
    for (TxIn in : entry.tx().txIn) {
      Entry conflict = spenders.get(in.outPoint);
      if (conflict != null) {
        direct.add(conflict);
      }
    }
    Set<Entry> replaced = new LinkedHashSet<>();
    direct.forEach(conflict -> collectDescendants(conflict, replaced));
    if (replaced.isEmpty()) {
      return replaced;
    }
    check(
        replaced.size() <= MAX_REPLACED, RejectReason.CONFLICT, "too many potential replacements");
    FeeRate rate = FeeRate.of(entry.fee(), entry.vsize());
    for (Entry conflict : direct) {
      check(
          rate.compareTo(FeeRate.of(conflict.fee(), conflict.vsize())) > 0,
          RejectReason.CONFLICT,
          "insufficient fee, rejecting replacement: rate not above " + conflict.txid());
    }
    checkNoNewUnconfirmed(entry, direct, replaced);
    long old = replaced.stream().mapToLong(Entry::fee).reduce(0, Math::addExact);
    long least = Math.addExact(old, FeeRate.MIN_RELAY.feeFor(entry.vsize()));
    check(
        entry.fee() >= least,
        RejectReason.CONFLICT,
        "insufficient fee, rejecting replacement: " + entry.fee() + " < " + least);
    return replaced;
  }

  private void checkNoNewUnconfirmed(Entry entry, Set<Entry> direct, Set<Entry> replaced) {
    Set<Bytes32> known = new HashSet<>();
    for (Entry conflict : direct) {
      conflict.tx().txIn.forEach(in -> known.add(Transactions.outpoint(in.outPoint).txid()));
    }
    for (TxIn in : entry.tx().txIn) {
      Bytes32 parent = Transactions.outpoint(in.outPoint).txid();
      Entry unconfirmed = entries.get(parent);
      check(
          unconfirmed == null || known.contains(parent),
          RejectReason.CONFLICT,
          "replacement-adds-unconfirmed");
      check(
          unconfirmed == null || !replaced.contains(unconfirmed),
          RejectReason.CONFLICT,
          "bad-txns-spends-conflicting-tx");
    }
  }

  private void checkTopology(Transaction tx, int vsize, Set<Entry> replaced) {
    Set<Entry> ancestors = new LinkedHashSet<>();
    collectAncestors(tx, ancestors);
    check(ancestors.size() < MAX_ANCESTORS, RejectReason.OTHER, "too-long-mempool-chain");
    boolean truc = tx.version == TRUC_VERSION;
    for (Entry ancestor : ancestors) {
      check(
          (ancestor.tx().version == TRUC_VERSION) == truc,
          RejectReason.TRUC,
          "TRUC-violation, version=3 and others do not spend each other unconfirmed");
    }
    if (!truc) {
      return;
    }
    check(vsize <= MAX_TRUC_VSIZE, RejectReason.TRUC, "TRUC-violation, version=3 tx is too big");
    if (ancestors.isEmpty()) {
      return;
    }
    check(ancestors.size() == 1, RejectReason.TRUC, "TRUC-violation, too many ancestors");
    check(
        vsize <= MAX_TRUC_CHILD_VSIZE,
        RejectReason.TRUC,
        "TRUC-violation, version=3 child tx is too big");
    Set<Entry> family = new LinkedHashSet<>();
    collectDescendants(ancestors.iterator().next(), family);
    family.removeAll(replaced);
    check(family.size() <= 1, RejectReason.TRUC, "TRUC-violation, would exceed descendant limit");
  }

  private void collectAncestors(Transaction tx, Set<Entry> into) {
    for (TxIn in : tx.txIn) {
      Entry parent = entries.get(Transactions.outpoint(in.outPoint).txid());
      if (parent != null && into.add(parent)) {
        collectAncestors(parent.tx(), into);
      }
    }
  }

  private void collectDescendants(Entry entry, Set<Entry> into) {
    if (!into.add(entry)) {
      return;
    }
    for (int i = 0; i < entry.tx().txOut.size(); i++) {
      Entry child = spenders.get(new OutPoint(entry.tx().hash, i));
      if (child != null) {
        collectDescendants(child, into);
      }
    }
  }

  private void add(Entry entry) {
    entries.put(entry.txid(), entry);
    entry.tx().txIn.forEach(in -> spenders.put(in.outPoint, entry));
  }

  private void remove(Entry entry) {
    entries.remove(entry.txid());
    entry.tx().txIn.forEach(in -> spenders.remove(in.outPoint, entry));
  }

  /** Drops what a connected block confirms or contradicts. */
  void onBlockConnected(Block block) {
    for (Transaction tx : block.tx) {
      Entry confirmed = entries.get(Transactions.txid(tx));
      if (confirmed != null) {
        remove(confirmed);
      }
      for (TxIn in : tx.txIn) {
        Entry conflict = spenders.get(in.outPoint);
        if (conflict != null) {
          Set<Entry> dropped = new LinkedHashSet<>();
          collectDescendants(conflict, dropped);
          dropped.forEach(this::remove);
        }
      }
    }
  }

  /** Judges everything again after blocks were taken off, their transactions first. */
  void onBlocksDisconnected(List<Transaction> disconnected) {
    List<Entry> before = new ArrayList<>(entries.values());
    entries.clear();
    spenders.clear();
    for (Transaction tx : disconnected) {
      if (!tx.isCoinbase()) {
        offer(Transactions.serialize(tx), true);
      }
    }
    before.forEach(entry -> offer(entry.raw(), true));
  }

  /** Forgets everything. */
  void clear() {
    entries.clear();
    spenders.clear();
  }

  private static void check(boolean condition, RejectReason reason, String text) {
    if (!condition) {
      throw new Refused(reason, text);
    }
  }
}

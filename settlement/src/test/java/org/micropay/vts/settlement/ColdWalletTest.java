package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import fr.acinq.bitcoin.psbt.Global;
import fr.acinq.bitcoin.psbt.Psbt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;

/** A fee wallet whose keys are in the wallet of a real node: settlement has its descriptor only. */
class ColdWalletTest {
  private static final long COIN = 150_000;

  @TempDir static Path folder;
  private static RegtestNode node;
  private static FeeDescriptor descriptor;
  private static int nextIndex;
  private WatchOnlyWallet wallet;
  private Appliance appliance;

  @BeforeAll
  static void start() {
    node = Nodes.start(folder, true);
    node.mature(20);
    node.chain().rpc().call("createwallet", "cold");
    for (JsonNode one : node.chain().rpc().call("listdescriptors").path("descriptors")) {
      String text = one.path("desc").asText();
      if (text.startsWith("wpkh(") && text.contains("/0/*")) {
        descriptor = FeeDescriptor.parse(text, Network.REGTEST);
      }
    }
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  /** Each test has an address of its own. */
  @BeforeEach
  void fund() {
    wallet = new WatchOnlyWallet(descriptor, nextIndex++);
    byte[] script = BatchBuilder.walletScript(wallet);
    node.fund(script, COIN);
    node.fund(script, COIN + 1);
    node.mine(1);
    appliance = new Appliance(node.chain(), Appliance.POLICY, wallet);
  }

  private List<Grant> granted(int count) {
    List<Escrows.Escrow> escrows =
        new Escrows(node).make(count, node.chain().tip().height() + 10_000);
    mine(1);
    appliance.registerAll(escrows);
    List<Grant> grants = Escrows.grants(escrows);
    appliance.grant(grants);
    appliance.settle();
    return grants;
  }

  private void mine(int blocks) {
    node.mine(blocks);
    appliance.run();
  }

  private <T> T answer(CompletableFuture<T> answer) {
    appliance.run();
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw (RuntimeException) e.getCause();
    }
  }

  private ExportedPsbt export(int replaced) {
    return answer(appliance.settlement.exportPsbt(replaced));
  }

  private Bytes32 accept(byte[] psbt) {
    return answer(appliance.settlement.importPsbt(psbt));
  }

  private void assertRefused(PsbtRefusal.Code code, byte[] psbt) {
    PsbtRefusal refused = assertThrows(PsbtRefusal.class, () -> accept(psbt));
    assertEquals(code, refused.code(), refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count());
  }

  /** The node's wallet signs; {@code finish}: it also makes the final witness. */
  private static byte[] sign(byte[] psbt, boolean finish) {
    return sign(psbt, "ALL", finish);
  }

  private static byte[] sign(byte[] psbt, String sighash, boolean finish) {
    JsonNode signed =
        node.chain()
            .rpc()
            .call(
                "walletprocesspsbt",
                Base64.getEncoder().encodeToString(psbt),
                true,
                sighash,
                true,
                finish);
    if (finish) {
      assertTrue(signed.path("complete").asBoolean(), signed.toString());
    }
    return Base64.getDecoder().decode(signed.path("psbt").asText());
  }

  private static byte[] altered(byte[] psbt, UnaryOperator<Transaction> change) {
    Psbt read = Psbts.read(psbt);
    Global old = read.global;
    Global other =
        new Global(old.version, change.apply(old.tx), old.extendedPublicKeys, old.unknown);
    return Psbt.write(new Psbt(other, read.inputs, read.outputs)).toByteArray();
  }

  private static Transaction withOutput(Transaction tx, int index, TxOut out) {
    List<TxOut> outputs = new ArrayList<>(tx.txOut);
    outputs.set(index, out);
    return new Transaction(tx.version, tx.txIn, outputs, tx.lockTime);
  }

  @Test
  void shouldSettleWhatTheHolderSigns() {
    granted(3);
    assertEquals(0, appliance.totals().batchesStored(), "nothing without the holder");
    assertTrue(
        appliance.settlement.status().alarms().containsKey(Alarm.SIGNATURE_NEEDED),
        appliance.settlement.status()::toString);
    ExportedPsbt exported = export(0);
    assertEquals(3, exported.claims());
    assertEquals(1, exported.feeInputs());
    appliance.crashAndRestart();
    appliance.run();
    byte[] signed = sign(exported.psbt(), true);
    assertEquals(exported.txid(), accept(signed));
    appliance.run();
    assertEquals(exported.fee(), appliance.batch(1).latest().fee());
    assertRefused(PsbtRefusal.Code.REPLAYED, signed);
    mine(3);
    assertEquals(3, appliance.totals().settled());
    assertRefused(PsbtRefusal.Code.REPLAYED, signed);
    appliance.assertReplays();
  }

  @Test
  void shouldTakePartialSignaturesAndReplaceWhatIsStuck() {
    granted(2);
    ExportedPsbt first = export(0);
    accept(sign(first.psbt(), false));
    for (int i = 0; i < Appliance.POLICY.bumpAfterBlocks() + 1; i++) {
      node.mineEmpty(1, node.wallet().script());
      appliance.run();
    }
    assertTrue(appliance.settlement.status().alarms().containsKey(Alarm.BATCH_STUCK));
    ExportedPsbt second = export(1);
    assertTrue(second.fee() > first.fee());
    accept(sign(second.psbt(), true));
    assertEquals(2, appliance.batch(1).attempts.size());
    mine(3);
    assertEquals(2, appliance.totals().settled());
    appliance.assertReplays();
  }

  @Test
  void shouldRefuseEverythingElse() {
    granted(2);
    ExportedPsbt exported = export(0);
    byte[] signed = sign(exported.psbt(), true);
    assertRefused(PsbtRefusal.Code.MALFORMED, new byte[0]);
    assertRefused(PsbtRefusal.Code.MALFORMED, Arrays.copyOf(signed, signed.length - 9));
    assertRefused(PsbtRefusal.Code.UNSIGNED, exported.psbt());
    assertRefused(PsbtRefusal.Code.INVALID, sign(exported.psbt(), "NONE", true));
    assertRefused(PsbtRefusal.Code.INVALID, sign(exported.psbt(), "ALL|ANYONECANPAY", true));
    byte[] lessPayout =
        altered(
            signed,
            tx ->
                withOutput(
                    tx,
                    0,
                    new TxOut(new Satoshi(Escrows.PAYOUT - 1), tx.txOut.get(0).publicKeyScript)));
    assertTampered(lessPayout);
    byte[] stolenChange =
        altered(
            signed,
            tx ->
                withOutput(
                    tx,
                    2,
                    new TxOut(tx.txOut.get(2).amount, Keys.named("thief").p2wpkh().toArray())));
    assertTampered(stolenChange);
    byte[] swapped =
        altered(
            signed,
            tx ->
                new Transaction(
                    tx.version,
                    tx.txIn,
                    List.of(tx.txOut.get(1), tx.txOut.get(0), tx.txOut.get(2)),
                    tx.lockTime));
    assertTampered(swapped);
    assertTampered(altered(signed, tx -> new Transaction(2, tx.txIn, tx.txOut, tx.lockTime)));
    assertRefused(PsbtRefusal.Code.FOREIGN, foreign());
    byte[] higherFee =
        altered(
            signed,
            tx ->
                withOutput(
                    tx,
                    2,
                    new TxOut(
                        new Satoshi(tx.txOut.get(2).amount.toLong() - 50_000),
                        tx.txOut.get(2).publicKeyScript)));
    assertTampered(higherFee);
    assertEquals(0, appliance.totals().batchesStored());
    accept(signed);
    mine(3);
    assertEquals(2, appliance.totals().settled());
  }

  /** Either its form is wrong, or the signatures over what it was do not hold any more. */
  private void assertTampered(byte[] psbt) {
    PsbtRefusal refused = assertThrows(PsbtRefusal.class, () -> accept(psbt));
    assertTrue(
        refused.code() == PsbtRefusal.Code.TAMPERED || refused.code() == PsbtRefusal.Code.INVALID,
        refused.code() + ": " + refused.getMessage());
  }

  /** A payment of the same wallet that has nothing to do with settlement. */
  private byte[] foreign() {
    FeeCoin coin = appliance.settlement.freeCoins().getFirst();
    Transaction tx =
        new Transaction(
            3,
            List.of(
                new TxIn(
                    Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE)),
            List.of(new TxOut(new Satoshi(coin.value() - 500), Keys.named("x").p2wpkh().toArray())),
            0);
    return sign(Psbt.write(new Psbt(tx)).toByteArray(), true);
  }

  @Test
  void shouldRefuseToExportWhatIsNotThere() {
    PsbtRefusal nothing = assertThrows(PsbtRefusal.class, () -> export(0));
    assertEquals(PsbtRefusal.Code.NOTHING_TO_SIGN, nothing.code());
    assertEquals(
        PsbtRefusal.Code.NOTHING_TO_SIGN, assertThrows(PsbtRefusal.class, () -> export(7)).code());
    appliance = new Appliance(node.chain(), Appliance.POLICY, Escrows.FEE);
    assertEquals(
        PsbtRefusal.Code.NOT_WATCH_ONLY, assertThrows(PsbtRefusal.class, () -> export(0)).code());
  }
}

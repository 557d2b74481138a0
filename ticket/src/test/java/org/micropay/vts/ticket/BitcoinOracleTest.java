package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fr.acinq.bitcoin.BlockHash;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Chain;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bitcoinj.base.BitcoinNetwork;
import org.bitcoinj.base.Coin;
import org.bitcoinj.crypto.TransactionSignature;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Scripts, digests, addresses and whole transactions against two independent implementations.
 * bitcoin-kmp also executes the scripts, with the flags of Bitcoin Core's relay policy.
 */
class BitcoinOracleTest {
  private static final int FLAGS = ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS;

  private final Random random = Seed.random("BitcoinOracleTest");
  private final Samples samples = new Samples(random);

  @RepeatedTest(20)
  void shouldDigestReleasesAsOthersDo() throws Exception {
    Samples.Winner winner = samples.winner();
    SpendTemplate template = winner.claim().spendTemplate();
    Transaction transaction = Transaction.read(template.transaction(releaseWitness(winner)));
    assertDigest(template, transaction);
    assertEquals(0, transaction.lockTime);
    assertEquals(3, transaction.version);
    assertEquals(0xFFFF_FFFDL, transaction.txIn.get(0).sequence);
  }

  private static void assertDigest(SpendTemplate template, Transaction transaction) {
    byte[] script = template.script().toArray();
    byte[] digest = transaction.hashForSigning(0, script, 0x83, new Satoshi(template.value()), 1);
    assertArrayEquals(digest, template.digest().toArray());
    assertArrayEquals(digest, Crypto.hash256(template.preimage()));
    var other = org.bitcoinj.core.Transaction.read(ByteBuffer.wrap(Transaction.write(transaction)));
    assertArrayEquals(
        digest,
        other
            .hashForWitnessSignature(0, script, Coin.valueOf(template.value()), (byte) 0x83)
            .getBytes());
  }

  @RepeatedTest(20)
  void shouldReleaseWithBothSignatures() {
    Samples.Winner winner = samples.winner();
    Terms terms = winner.claim().terms();
    byte[] bytes = winner.claim().spendTemplate().transaction(releaseWitness(winner));
    Transaction transaction = Transaction.read(bytes);
    assertArrayEquals(bytes, Transaction.write(transaction));
    transaction.correctlySpends(spent(terms), FLAGS);
    assertRejected(transaction.updateOutputs(List.of(more(transaction.txOut.get(0)))), terms);
    assertRejected(withVersion(transaction, 2), terms);
    assertRejected(withSequence(transaction, 0xFFFF_FFFEL), terms);
  }

  @RepeatedTest(5)
  void shouldNotReleaseWithAnythingElse() {
    Samples.Winner winner = samples.winner();
    Claim claim = winner.claim();
    EscrowScript script = claim.terms().escrowScript();
    Transaction transaction =
        Transaction.read(claim.spendTemplate().transaction(releaseWitness(winner)));
    CompactSignature vts = winner.counterSignature();
    CompactSignature buyer = claim.sigSpend();
    List<List<byte[]>> wrong = new ArrayList<>();
    wrong.add(EscrowWitness.release(buyer, vts, script));
    wrong.add(EscrowWitness.release(buyer, buyer, script));
    wrong.add(EscrowWitness.release(vts, vts, script));
    wrong.add(EscrowWitness.release(claim.sigTicket(), buyer, script));
    wrong.add(EscrowWitness.refund(buyer, 0x83, script));
    wrong.add(List.of(Der.encode(vts, 0x81), Der.encode(buyer, 0x83), script.toArray()));
    wrong.add(List.of(Der.encode(vts, 0x83), Der.encode(buyer, 0x01), script.toArray()));
    wrong.add(List.of(Der.encode(vts, 0x83), new byte[0], script.toArray()));
    wrong.add(List.of(script.toArray()));
    for (List<byte[]> witness : wrong) {
      assertRejected(transaction.updateWitness(0, kmp(witness)), claim.terms());
    }
  }

  @RepeatedTest(10)
  void shouldSettleManyPairsInOneTransaction() {
    Samples.Key vts = samples.key();
    List<Samples.Winner> winners = new ArrayList<>();
    Map<OutPoint, TxOut> spent = new HashMap<>();
    Transaction batch = new Transaction(3, List.of(), List.of(), 0);
    for (int i = 0; i < 2 + random.nextInt(9); i++) {
      Samples.Winner winner = samples.winner(vts);
      winners.add(winner);
      spent.putAll(spent(winner.claim().terms()));
      Transaction pair =
          Transaction.read(winner.claim().spendTemplate().transaction(releaseWitness(winner)));
      batch = batch.addInput(pair.txIn.get(0)).addOutput(pair.txOut.get(0));
    }
    batch.correctlySpends(spent, FLAGS);
    List<TxOut> swapped = new ArrayList<>(batch.txOut);
    swapped.addFirst(swapped.removeLast());
    Transaction wrong = batch.updateOutputs(swapped);
    assertThrows(RuntimeException.class, () -> wrong.correctlySpends(spent, FLAGS));
    // A fee input and change behind the pairs do not touch their signatures.
    TxOut change = new TxOut(new Satoshi(1_000), samples.payoutScript().toArray());
    batch.addOutput(change).correctlySpends(spent, FLAGS);
  }

  @RepeatedTest(20)
  void shouldRefundToTheBuyerAloneFromTheRefundHeight() {
    Samples.Key buyer = samples.key();
    Terms terms = samples.terms(buyer, samples.key());
    Transaction refund =
        new Transaction(
            2,
            List.of(new TxIn(kmp(terms.outpoint()), 0xFFFF_FFFEL)),
            List.of(new TxOut(new Satoshi(600), samples.payoutScript().toArray())),
            terms.refundHeight());
    refundSigned(refund, buyer, terms).correctlySpends(spent(terms), FLAGS);
    assertRejected(
        refundSigned(withLockTime(refund, terms.refundHeight() - 1), buyer, terms), terms);
    assertRejected(refundSigned(refund, samples.key(), terms), terms);
    assertRejected(refundSigned(withSequence(refund, 0xFFFF_FFFFL), buyer, terms), terms);
  }

  private static Transaction refundSigned(Transaction refund, Samples.Key buyer, Terms terms) {
    EscrowScript script = terms.escrowScript();
    byte[] digest = refund.hashForSigning(0, script.toArray(), 1, new Satoshi(terms.value()), 1);
    CompactSignature signature = buyer.sign(Bytes32.of(digest));
    return refund.updateWitness(0, kmp(EscrowWitness.refund(signature, 1, script)));
  }

  @RepeatedTest(10)
  void shouldBurnTheDeposit() {
    Samples.Key buyer = samples.key();
    Samples.Key vts = samples.key();
    Terms terms = samples.terms(buyer, vts);
    Deposit deposit = samples.deposit(buyer, terms);
    SpendTemplate burn = SpendTemplate.burn(terms, deposit);
    byte[] witness =
        EscrowWitness.serialize(
            EscrowWitness.release(vts.sign(burn.digest()), deposit.sigBurn(), burn.script()));
    Transaction transaction = Transaction.read(burn.transaction(witness));
    assertDigest(burn, transaction);
    TxOut spent = new TxOut(new Satoshi(deposit.value()), burn.script().scriptPubKey().toArray());
    transaction.correctlySpends(Map.of(kmp(deposit.outpoint()), spent), FLAGS);
    TxOut output = transaction.txOut.get(0);
    assertEquals(deposit.value() - deposit.burnFee(), output.amount.toLong());
    assertEquals("6a08565453206275726e", output.publicKeyScript.toHex());
    // Bitcoin Core relays nothing shorter.
    assertTrue(transaction.baseSize() >= 65);
  }

  @RepeatedTest(20)
  void shouldEncodeScriptsAndAddressesAsOthersDo() {
    Terms terms = samples.terms();
    EscrowScript script = terms.escrowScript();
    assertArrayEquals(script.toArray(), Script.write(Script.parse(script.toArray())));
    assertArrayEquals(
        Script.write(Script.pay2wsh(script.toArray())), script.scriptPubKey().toArray());
    for (ScriptType type : ScriptType.values()) {
      PayoutScript payout = samples.payoutScript(type);
      for (Network network : Network.values()) {
        String address = Address.encode(network, payout);
        assertEquals(payout, Address.decode(network, address));
        assertEquals(kmpAddress(network, payout), address);
        assertEquals(bitcoinjAddress(network, payout), address);
      }
    }
    String funding = Address.of(Network.REGTEST, script);
    assertEquals(script.scriptPubKey(), Address.decode(Network.REGTEST, funding));
  }

  @Test
  void shouldRefuseForeignAndDamagedAddresses() {
    for (ScriptType type : ScriptType.values()) {
      String address = Address.encode(Network.REGTEST, samples.payoutScript(type));
      assertUnsupported(Network.MAINNET, address);
      for (int i = 0; i < address.length(); i++) {
        char[] damaged = address.toCharArray();
        damaged[i] = damaged[i] == 'q' ? 'p' : 'q';
        assertUnsupported(Network.REGTEST, new String(damaged));
      }
      assertUnsupported(Network.REGTEST, address.substring(1));
      assertUnsupported(Network.REGTEST, address + address.charAt(3));
    }
    assertUnsupported(Network.REGTEST, "");
    assertUnsupported(Network.REGTEST, "bcrt1");
    assertUnsupported(Network.REGTEST, "1".repeat(2_000));
  }

  @RepeatedTest(50)
  void shouldEncodeSignaturesAsOthersDo() throws Exception {
    CompactSignature signature = samples.key().sign(samples.bytes32());
    byte[] der = Der.encode(signature, 0x83);
    byte[] withoutSighash = Samples.SECP.compact2der(signature.toArray());
    assertArrayEquals(withoutSighash, Arrays.copyOf(der, der.length - 1));
    assertTrue(Crypto.checkSignatureEncoding(der, FLAGS));
    assertArrayEquals(
        der, TransactionSignature.decodeFromBitcoin(der, true, true).encodeToBitcoin());
  }

  @Test
  void shouldEncodeShortSignatures() {
    for (int zeros = 0; zeros < 32; zeros++) {
      byte[] compact = samples.bytes(64);
      Arrays.fill(compact, 0, zeros, (byte) 0);
      Arrays.fill(compact, 32, 32 + zeros, (byte) 0);
      compact[0] &= 0x7F;
      compact[32] &= 0x3F;
      compact[31] |= 1;
      compact[63] |= 1;
      byte[] der = Der.encode(CompactSignature.of(compact), 0x83);
      assertTrue(Crypto.checkSignatureEncoding(der, FLAGS));
      assertArrayEquals(Samples.SECP.compact2der(compact), Arrays.copyOf(der, der.length - 1));
    }
  }

  private static byte[] releaseWitness(Samples.Winner winner) {
    return EscrowWitness.serialize(
        EscrowWitness.release(
            winner.counterSignature(),
            winner.claim().sigSpend(),
            winner.claim().terms().escrowScript()));
  }

  private static void assertRejected(Transaction transaction, Terms terms) {
    assertThrows(RuntimeException.class, () -> transaction.correctlySpends(spent(terms), FLAGS));
  }

  private static void assertUnsupported(Network network, String address) {
    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> Address.decode(network, address), address);
    assertEquals(AnswerCode.UNSUPPORTED_SCRIPT, refusal.code());
  }

  private static Map<OutPoint, TxOut> spent(Terms terms) {
    byte[] script = terms.escrowScript().scriptPubKey().toArray();
    return Map.of(kmp(terms.outpoint()), new TxOut(new Satoshi(terms.value()), script));
  }

  private static OutPoint kmp(Outpoint outpoint) {
    return OutPoint.read(outpoint.encode());
  }

  private static ScriptWitness kmp(List<byte[]> items) {
    return new ScriptWitness(items.stream().map(ByteVector::new).toList());
  }

  private static TxOut more(TxOut output) {
    return output.updateAmount(new Satoshi(output.amount.toLong() + 1));
  }

  private static Transaction withVersion(Transaction t, long version) {
    return new Transaction(version, t.txIn, t.txOut, t.lockTime);
  }

  private static Transaction withLockTime(Transaction t, long lockTime) {
    return new Transaction(t.version, t.txIn, t.txOut, lockTime);
  }

  private static Transaction withSequence(Transaction t, long sequence) {
    TxIn in = t.txIn.get(0);
    TxIn changed = new TxIn(in.outPoint, sequence).updateWitness(in.witness);
    return new Transaction(t.version, List.of(changed), t.txOut, t.lockTime);
  }

  private static String kmpAddress(Network network, PayoutScript script) {
    BlockHash chain =
        switch (network) {
          case MAINNET -> Chain.Mainnet.INSTANCE.getChainHash();
          case TESTNET3 -> Chain.Testnet3.INSTANCE.getChainHash();
          case TESTNET4 -> Chain.Testnet4.INSTANCE.getChainHash();
          case SIGNET -> Chain.Signet.INSTANCE.getChainHash();
          case REGTEST -> Chain.Regtest.INSTANCE.getChainHash();
        };
    return fr.acinq.bitcoin.Bitcoin.addressFromPublicKeyScript(chain, script.toArray()).getRight();
  }

  private static String bitcoinjAddress(Network network, PayoutScript script) {
    BitcoinNetwork other =
        switch (network) {
          case MAINNET -> BitcoinNetwork.MAINNET;
          case TESTNET3, TESTNET4 -> BitcoinNetwork.TESTNET;
          case SIGNET -> BitcoinNetwork.SIGNET;
          case REGTEST -> BitcoinNetwork.REGTEST;
        };
    return org.bitcoinj.script.Script.parse(script.toArray()).getToAddress(other).toString();
  }
}

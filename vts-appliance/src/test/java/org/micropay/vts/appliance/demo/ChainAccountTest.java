package org.micropay.vts.appliance.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fr.acinq.bitcoin.Block;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.EmbeddedChain;
import org.micropay.vts.settlement.Payment;
import org.micropay.vts.settlement.ReleaseTransaction;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/** The account must agree with an honest chain, and with nothing else. */
class ChainAccountTest {
  private static final long VALUE = 20_000;
  private static final long PAYOUT = 19_000;
  private static final int REFUND_HEIGHT = 5_000;
  private static final PayoutScript MERCHANT = PayoutScript.fromHex("0014" + "11".repeat(20));
  private static final PayoutScript LOSER = PayoutScript.fromHex("0014" + "22".repeat(20));

  @TempDir Path folder;

  private final SecretKey buyer = SecretKey.generate();
  private final SecretKey vts = SecretKey.generate();
  private final byte[] feeScript = FeeCoins.script(PublicKey.of(SecretKey.generate().publicKey()));
  private EmbeddedChain chain;
  private Outpoint granted;
  private Outpoint idle;

  @BeforeEach
  void settleOneClaim() {
    chain = EmbeddedChain.open(folder.resolve("blocks"), InstantSource.system());
    chain.mature(3);
    PublicKey buyerKey = PublicKey.of(buyer.publicKey());
    PublicKey vtsKey = PublicKey.of(vts.publicKey());
    byte[] script = EscrowScript.of(buyerKey, vtsKey, REFUND_HEIGHT).scriptPubKey().toArray();
    List<Outpoint> escrows = chain.fund(Collections.nCopies(2, new Payment(script, VALUE)));
    granted = escrows.get(0);
    idle = escrows.get(1);
    chain.mine(1);
    Terms terms =
        new Terms(
            Network.REGTEST.magic(), granted, VALUE, PAYOUT, 2, REFUND_HEIGHT, buyerKey, vtsKey);
    Opening opening = new Opening(Bytes16.of(new byte[16]), Bytes16.of(new byte[16]));
    Claim claim =
        Claim.of(
            terms,
            TicketSigner.ticket(
                buyer, terms, new Ask(opening.commitment(), MERCHANT), opening.r1(), 1L << 31),
            opening);
    CompactSignature counter =
        CompactSignature.of(Ecdsa.sign(vts, claim.spendTemplate().digest().toArray()));
    chain.broadcast(ReleaseTransaction.of(claim, counter));
    chain.mine(1);
  }

  @AfterEach
  void close() {
    chain.close();
    buyer.close();
    vts.close();
  }

  private ChainAccount account(ChainAccount.Escrow... escrows) {
    return ChainAccount.of(
        ChainBlocks.all(chain), feeScript, List.of(escrows), List.of(MERCHANT, LOSER));
  }

  private static ChainAccount.Escrow owed(Outpoint outpoint, PayoutScript script, long payout) {
    return new ChainAccount.Escrow(
        outpoint, VALUE, Optional.of(new ChainAccount.Payee(script, payout)));
  }

  private ChainAccount.Escrow unspent() {
    return new ChainAccount.Escrow(idle, VALUE, Optional.empty());
  }

  @Test
  void shouldAgreeWithAnHonestChain() {
    ChainAccount account = account(owed(granted, MERCHANT, PAYOUT), unspent());
    assertEquals(List.of(), account.differences());
    assertEquals(1, account.sums().batches());
    assertEquals(1, account.sums().claims());
    assertEquals(VALUE, account.sums().escrows());
    assertEquals(PAYOUT, account.sums().payouts());
    assertEquals(VALUE - PAYOUT, account.sums().fees());
  }

  @Test
  void shouldNoticeAPayoutOneSatoshiOff() {
    assertDiffers("is owed 19001 satoshi", account(owed(granted, MERCHANT, PAYOUT + 1), unspent()));
  }

  @Test
  void shouldNoticeAPayoutToAnother() {
    assertDiffers("is owed 19000 satoshi", account(owed(granted, LOSER, PAYOUT), unspent()));
  }

  @Test
  void shouldNoticeAGrantThatWasNeverPaid() {
    assertDiffers(
        "was never paid", account(owed(granted, MERCHANT, PAYOUT), owed(idle, LOSER, PAYOUT)));
  }

  @Test
  void shouldNoticeAnEscrowSpentWithoutAGrant() {
    assertDiffers(
        "granted to nobody",
        account(new ChainAccount.Escrow(granted, VALUE, Optional.empty()), unspent()));
  }

  @Test
  void shouldNoticeAPaymentBesideTheBatches() {
    chain.fund(List.of(new Payment(LOSER.toArray(), 777)));
    chain.mine(1);
    assertDiffers(
        "received 777 satoshi of 0 owed", account(owed(granted, MERCHANT, PAYOUT), unspent()));
  }

  @Test
  void shouldNoticeAMinerWhoTookAnotherFee() {
    List<byte[]> blocks = new ArrayList<>(ChainBlocks.all(chain));
    Block last = Block.read(blocks.getLast());
    // The block without its last transaction: the coinbase still takes that one's fee.
    Block cut = new Block(last.header, last.tx.subList(0, last.tx.size() - 1));
    blocks.set(blocks.size() - 1, Block.write(cut));
    ChainAccount account =
        ChainAccount.of(
            blocks, feeScript, List.of(owed(granted, MERCHANT, PAYOUT)), List.of(MERCHANT));
    assertDiffers("leave 0 satoshi to the miner, who took 1000", account);
  }

  private static void assertDiffers(String part, ChainAccount account) {
    assertTrue(
        account.differences().stream().anyMatch(line -> line.contains(part)),
        () -> "no line with '" + part + "' in " + account.differences());
  }
}

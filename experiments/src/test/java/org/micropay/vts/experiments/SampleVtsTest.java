package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.EscrowFacts;
import org.micropay.vts.merchant.EscrowState;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Terms;

class SampleVtsTest {
  private static final long SEED = 5;
  private static final Bytes16 ZERO = Bytes16.of(new byte[16]);

  @Test
  void shouldCounterSignWhatTheExperimentsBuyersRelease() {
    int escrows = Sample.BUYERS + 2;
    SampleVts vts = SampleVts.of(SEED, escrows, Kernels.select(Kernels.AUTO));
    Opening opening = new Opening(ZERO, ZERO);
    for (int number : new int[] {0, 1, escrows - 1}) {
      try (SecretKey buyer = Sample.key("buyer", SEED, number % Sample.BUYERS)) {
        Terms terms = Sample.terms(buyer.publicKey(), vts.key().toArray(), number, Sample.ODDS);
        EscrowFacts facts = vts.lookup(terms.digest()).join();
        assertEquals(terms, facts.terms().orElseThrow());
        Ask ask = new Ask(opening.commitment(), Sample.PAYOUT);
        Claim claim =
            Claim.of(terms, TicketSigner.ticket(buyer, terms, ask, ZERO, Sample.EXPIRY), opening);
        ClaimReply reply = vts.claim(claim);
        assertEquals(AnswerCode.GRANTED, reply.code());
        assertTrue(
            Ecdsa.verify(
                claim.spendTemplate().digest().toArray(),
                reply.counterSignature().orElseThrow().toArray(),
                vts.key().toArray()));
      }
    }
    assertEquals(EscrowState.UNKNOWN, vts.lookup(Bytes32.ZERO).join().state());
  }
}

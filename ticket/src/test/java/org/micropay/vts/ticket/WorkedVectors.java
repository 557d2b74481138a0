package org.micropay.vts.ticket;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The example of docs/PROTOCOL.md, section 17: every value that leads from secrets to payment. */
final class WorkedVectors {
  private static final int REFUND_HEIGHT = 900_000;
  private static final int ODDS = 128;

  final Samples.Key buyer = new Samples.Key(secret("vts example buyer"));
  final Samples.Key vts = new Samples.Key(secret("vts example vts"));
  final Terms terms =
      new Terms(
          Network.REGTEST.magic(),
          new Outpoint(Sha256.of(ascii("vts example txid")), 1),
          1_010_000,
          1_000_000,
          ODDS,
          REFUND_HEIGHT,
          buyer.publicKey(),
          vts.publicKey());
  final byte[] merchantSecret = secret("vts example merchant");
  final long counter = 258;
  final Opening opening = FastOpenings.of(merchantSecret).at(counter);
  final PayoutScript payoutScript =
      PayoutScript.fromHex("0014" + hex(secret("vts example payout")).substring(0, 40));
  final Ask ask = new Ask(opening.commitment(), payoutScript);
  final Bytes16 r2 = winningShare();
  final long expiry = 1_800_000_000L;
  final Ticket ticket = ticket();
  final Claim claim = Claim.of(terms, ticket, opening);
  final CompactSignature counterSignature = vts.sign(claim.spendTemplate().digest());
  final Receipt receipt =
      new Receipt(claim.id(), AnswerCode.GRANTED, 42, Optional.of(counterSignature));
  final Deposit deposit = deposit();
  final Registration registration =
      new Registration(
          terms,
          Optional.of(deposit),
          buyer.sign(Registration.digest(terms, Optional.of(deposit))));

  private final Map<String, String> values = new LinkedHashMap<>();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] secret(String text) {
    return Sha256.of(ascii(text)).toArray();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** The first share, counting, that wins; a buyer draws it at random, of course. */
  private Bytes16 winningShare() {
    for (int i = 0; ; i++) {
      Bytes16 share = Bytes16.copyOf(secret("vts example r2 " + i), 0);
      if (WinRule.wins(opening.r1(), share, ODDS)) {
        return share;
      }
    }
  }

  private Ticket ticket() {
    Bytes32 digest =
        Ticket.digest(terms.digest(), ask.commitment(), r2, expiry, ask.payoutScript());
    return new Ticket(
        terms.digest(),
        ask.commitment(),
        r2,
        expiry,
        ask.payoutScript(),
        buyer.sign(digest),
        buyer.sign(SpendTemplate.release(terms, payoutScript).digest()));
  }

  private Deposit deposit() {
    Outpoint outpoint = new Outpoint(Sha256.of(ascii("vts example deposit")), 0);
    CompactSignature any = buyer.sign(Bytes32.ZERO);
    Deposit unsigned = new Deposit(outpoint, 5_000_000, REFUND_HEIGHT + 1_000, 2_000, any);
    CompactSignature sigBurn = buyer.sign(SpendTemplate.burn(terms, unsigned).digest());
    return new Deposit(outpoint, 5_000_000, REFUND_HEIGHT + 1_000, 2_000, sigBurn);
  }

  /** Every value by its name, in the order of the protocol. */
  Map<String, String> values() {
    values.clear();
    putTags();
    putEscrow();
    putTicket();
    putClaim();
    putSpends();
    putRegistration();
    return values;
  }

  private void put(String name, byte[] value) {
    values.put(name, hex(value));
  }

  private void put(String name, Bytes32 value) {
    values.put(name, value.toHex());
  }

  private void putTags() {
    TaggedHash[] tags = {
      TaggedHash.TERMS,
      TaggedHash.COMMITMENT,
      TaggedHash.TICKET,
      TaggedHash.CLAIM,
      TaggedHash.REGISTRATION,
      TaggedHash.DEPOSIT
    };
    for (TaggedHash tag : tags) {
      put("SHA256(\"" + tag + "\")", Sha256.of(ascii(tag.tag())));
      byte[] prefix = new byte[TaggedHash.PREFIX_LENGTH];
      tag.copyPrefixTo(prefix, 0);
      put(
          "SHA-256 state behind the prefix of \"" + tag + "\"",
          MidstateSha256.bytes(MidstateSha256.after(prefix)));
    }
  }

  private void putEscrow() {
    put("buyer secret = SHA256(\"vts example buyer\")", buyer.secret());
    put("vts secret = SHA256(\"vts example vts\")", vts.secret());
    put("terms.network (regtest)", slice(terms.encode(), 0, 4));
    put("terms.txid = SHA256(\"vts example txid\")", terms.outpoint().txid());
    put("terms.vout (1)", slice(terms.encode(), 36, 4));
    put("terms.value (1,010,000)", slice(terms.encode(), 40, 8));
    put("terms.payout (1,000,000)", slice(terms.encode(), 48, 8));
    put("terms.odds (128)", slice(terms.encode(), 56, 4));
    put("terms.refundHeight (900,000)", slice(terms.encode(), 60, 4));
    put("terms.buyerKey", terms.buyerKey().toArray());
    put("terms.vtsKey", terms.vtsKey().toArray());
    put("terms", terms.encode());
    put("termsDigest", terms.digest());
    put("escrow witness script", terms.escrowScript().toArray());
    put("escrow output script", terms.escrowScript().scriptPubKey().toArray());
    values.put("escrow address", Address.of(Network.REGTEST, terms.escrowScript()));
  }

  private static byte[] slice(byte[] bytes, int offset, int length) {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  private void putTicket() {
    put("merchant secret = SHA256(\"vts example merchant\")", merchantSecret);
    values.put("counter (258)", "0201000000000000");
    put("r1", opening.r1().toArray());
    put("s", opening.s().toArray());
    put("c", opening.commitment());
    put("payoutScript", payoutScript.toArray());
    values.put("payout address", Address.encode(Network.REGTEST, payoutScript));
    put("ask", ask.encode());
    values.put("ask, base64url", ask.toBase64Url());
    put("r2", r2.toArray());
    byte[] u = new byte[8];
    Bytes.putLongBe(u, 0, opening.r1().firstWord() ^ r2.firstWord());
    put("u, most significant byte first; u * 128 < 2^64: it wins", u);
    put("expiry (1,800,000,000)", slice(ticket.encode(), 80, 4));
    put("input of ticketDigest behind the prefix", slice(ticket.encode(), 0, 107));
    put("ticketDigest", ticket.digest());
    put("sigTicket", ticket.sigTicket().toArray());
    SpendTemplate template = claim.spendTemplate();
    put("release: output", template.output());
    put("release: hashOutputs", Sha256.twice(template.output()));
    put("release: BIP 143 preimage", template.preimage());
    put("release: SHA256 of it", Sha256.of(template.preimage()));
    put("spendDigest", template.digest());
    put("sigSpend", ticket.sigSpend().toArray());
    put("ticket", ticket.encode());
    values.put("ticket, base64url", ticket.toBase64Url());
  }

  private void putClaim() {
    put("claim", claim.encode());
    put("input of claimId behind the prefix and termsDigest", slice(claim.encode(), 130, 107));
    put("claimId", claim.id());
    put("counterSignature", counterSignature.toArray());
    put("receipt (GRANTED at position 42)", receipt.encode());
    values.put("receipt, base64url", receipt.toBase64Url());
  }

  private void putSpends() {
    EscrowScript script = terms.escrowScript();
    put("DER of counterSignature with 83", Der.encode(counterSignature, 0x83));
    put("DER of sigSpend with 83", Der.encode(ticket.sigSpend(), 0x83));
    byte[] release =
        EscrowWitness.serialize(EscrowWitness.release(counterSignature, ticket.sigSpend(), script));
    put("release witness", release);
    put("release transaction of this pair alone", claim.spendTemplate().transaction(release));
    putRefund();
  }

  /** The buyer takes all but 200 satoshi back to the payout script above, signing ALL. */
  private void putRefund() {
    byte[] script = terms.escrowScript().toArray();
    Transaction unsigned =
        new Transaction(
            2,
            List.of(new TxIn(OutPoint.read(terms.outpoint().encode()), 0xFFFF_FFFDL)),
            List.of(new TxOut(new Satoshi(1_009_800), payoutScript.toArray())),
            REFUND_HEIGHT);
    byte[] digest = unsigned.hashForSigning(0, script, 1, new Satoshi(terms.value()), 1);
    CompactSignature signature = buyer.sign(Bytes32.of(digest));
    List<byte[]> witness = EscrowWitness.refund(signature, 1, terms.escrowScript());
    List<ByteVector> stack = witness.stream().map(ByteVector::new).toList();
    put("refund: digest, sighash byte 01", digest);
    put("refund: buyer's signature", signature.toArray());
    put("refund witness", EscrowWitness.serialize(witness));
    put(
        "refund transaction",
        Transaction.write(unsigned.updateWitness(0, new ScriptWitness(stack))));
  }

  private void putRegistration() {
    SpendTemplate burn = SpendTemplate.burn(terms, deposit);
    put(
        "deposit outpoint, txid = SHA256(\"vts example deposit\"), vout 0",
        deposit.outpoint().encode());
    put("deposit witness script (height 901,000)", burn.script().toArray());
    put("deposit output script", burn.script().scriptPubKey().toArray());
    put("burn: output (5,000,000 less 2,000)", burn.output());
    put("burn: BIP 143 preimage", burn.preimage());
    put("burn: digest", burn.digest());
    put("sigBurn", deposit.sigBurn().toArray());
    put("deposit", deposit.encode());
    put("depositDigest", deposit.digest());
    put("registrationDigest", registration.digest());
    put("sigTerms", registration.sigTerms().toArray());
    put("registration", registration.encode());
    CompactSignature vtsBurn = vts.sign(burn.digest());
    put("vts signature over the burn", vtsBurn.toArray());
    byte[] witness =
        EscrowWitness.serialize(EscrowWitness.release(vtsBurn, deposit.sigBurn(), burn.script()));
    put("burn transaction", burn.transaction(witness));
  }
}

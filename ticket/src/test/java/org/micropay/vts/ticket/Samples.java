package org.micropay.vts.ticket;

import fr.acinq.secp256k1.Secp256k1;
import java.util.Optional;
import java.util.Random;

/**
 * Random well-formed and properly signed messages. Signs with libsecp256k1 through its JVM binding:
 * RFC 6979, low s.
 */
final class Samples {
  static final Secp256k1 SECP = Secp256k1.get();

  private final Random random;

  Samples(Random random) {
    this.random = random;
  }

  /** All that one escrow and one ticket on it are made of. */
  record Winner(Key buyer, Key vts, Claim claim) {
    CompactSignature counterSignature() {
      return vts.sign(claim.spendTemplate().digest());
    }
  }

  /** A secret key with its public key. */
  record Key(byte[] secret) {
    PublicKey publicKey() {
      return PublicKey.of(SECP.pubKeyCompress(SECP.pubkeyCreate(secret)));
    }

    CompactSignature sign(Bytes32 digest) {
      return CompactSignature.of(SECP.sign(digest.toArray(), secret, null));
    }

    @Override
    public String toString() {
      return "Key[hidden]";
    }
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  Bytes32 bytes32() {
    return Bytes32.of(bytes(32));
  }

  Bytes16 bytes16() {
    return Bytes16.of(bytes(16));
  }

  Key key() {
    byte[] secret = bytes(32);
    secret[0] &= 0x7F;
    return new Key(secret);
  }

  Outpoint outpoint() {
    return new Outpoint(bytes32(), random.nextInt());
  }

  PayoutScript payoutScript() {
    return payoutScript(ScriptType.values()[random.nextInt(ScriptType.values().length)]);
  }

  PayoutScript payoutScript(ScriptType type) {
    byte[] script = bytes(type.length());
    String form =
        switch (type) {
          case P2PKH -> "76a914*88ac";
          case P2SH -> "a914*87";
          case P2WPKH -> "0014*";
          case P2WSH -> "0020*";
          case P2TR -> "5120*";
        };
    String[] parts = form.split("\\*", -1);
    byte[] head = Bytes.fromHex(parts[0]);
    byte[] tail = Bytes.fromHex(parts[1]);
    System.arraycopy(head, 0, script, 0, head.length);
    System.arraycopy(tail, 0, script, script.length - tail.length, tail.length);
    return PayoutScript.of(script);
  }

  /** Heights at the borders of the number's push are as likely as others. */
  int refundHeight() {
    int[] borders = {1, 16, 17, 127, 128, 255, 256, 32767, 32768, 65535, 8388607, 8388608};
    return random.nextBoolean()
        ? borders[random.nextInt(borders.length)]
        : 1 + random.nextInt(499_999_999);
  }

  Terms terms(Key buyer, Key vts) {
    long value = 1_000 + random.nextInt(1_000_000_000);
    return new Terms(
        Network.REGTEST.magic(),
        outpoint(),
        value,
        Math.max(546, value - random.nextInt(2_000)),
        1 + random.nextInt(random.nextBoolean() ? 4 : Integer.MAX_VALUE),
        refundHeight(),
        buyer.publicKey(),
        vts.publicKey());
  }

  Terms terms() {
    return terms(key(), key());
  }

  Winner winner() {
    return winner(key());
  }

  /** A claim with valid signatures and opening; it wins as its odds will have it. */
  Winner winner(Key vts) {
    Key buyer = key();
    Terms terms = terms(buyer, vts);
    Opening opening = new Opening(bytes16(), bytes16());
    Ask ask = new Ask(opening.commitment(), payoutScript());
    Ticket ticket = ticket(buyer, terms, ask);
    return new Winner(buyer, vts, Claim.of(terms, ticket, opening));
  }

  Ticket ticket(Key buyer, Terms terms, Ask ask) {
    Bytes16 r2 = bytes16();
    long expiry = random.nextInt() & 0xFFFF_FFFFL;
    Bytes32 digest =
        Ticket.digest(terms.digest(), ask.commitment(), r2, expiry, ask.payoutScript());
    return new Ticket(
        terms.digest(),
        ask.commitment(),
        r2,
        expiry,
        ask.payoutScript(),
        buyer.sign(digest),
        buyer.sign(SpendTemplate.release(terms, ask.payoutScript()).digest()));
  }

  /** A deposit with a valid burn signature. */
  Deposit deposit(Key buyer, Terms terms) {
    Outpoint outpoint = outpoint();
    long value = 1_000 + random.nextInt(1_000_000);
    int height = refundHeight();
    long fee = 1 + random.nextInt(900);
    // The template does not depend on the signature, so any canonical one stands in for it.
    Deposit unsigned = new Deposit(outpoint, value, height, fee, buyer.sign(bytes32()));
    CompactSignature sigBurn = buyer.sign(SpendTemplate.burn(terms, unsigned).digest());
    return new Deposit(outpoint, value, height, fee, sigBurn);
  }

  Registration registration(boolean withDeposit) {
    Key buyer = key();
    Terms terms = terms(buyer, key());
    Optional<Deposit> deposit = withDeposit ? Optional.of(deposit(buyer, terms)) : Optional.empty();
    return new Registration(terms, deposit, buyer.sign(Registration.digest(terms, deposit)));
  }

  Receipt receipt() {
    return random.nextBoolean()
        ? new Receipt(
            bytes32(),
            AnswerCode.GRANTED,
            1 + random.nextInt(1000),
            Optional.of(key().sign(bytes32())))
        : new Receipt(bytes32(), AnswerCode.LOSING_TICKET, 0, Optional.empty());
  }
}

package org.micropay.vts.appliance.testing;

import static org.micropay.vts.appliance.testing.TestEscrow.SIG_SPEND;
import static org.micropay.vts.appliance.testing.TestEscrow.SIG_TICKET;
import static org.micropay.vts.appliance.testing.TestEscrow.flipped;
import static org.micropay.vts.appliance.testing.TestEscrow.highS;
import static org.micropay.vts.appliance.testing.TestEscrow.patched;

import java.util.Arrays;
import java.util.List;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/** Claims that must be refused, each with the one answer that docs/PROTOCOL.md gives it. */
public final class HostileClaims {
  private static final int VALUE = 40;
  private static final int PAYOUT = 48;
  private static final int ODDS = 56;
  private static final int REFUND_HEIGHT = 60;
  private static final int BUYER_KEY = 64;
  private static final int VTS_KEY = 97;
  private static final String ZERO = "00".repeat(32);
  private static final String ORDER =
      "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  private static final String FIELD =
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
  private static final long LONG_AGO = 1_500_000_000;

  /** An x on no point of the curve: x^3 + 7 is no square for x = 5. */
  public static final String KEY_OFF_CURVE = "02" + "00".repeat(31) + "05";

  private HostileClaims() {}

  /**
   * One of them.
   *
   * @param name what is wrong with it
   * @param claim its bytes
   * @param code the answer
   */
  public record Hostile(String name, byte[] claim, AnswerCode code) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** All of them, made of winners on {@code escrow}, which is live and stays so. */
  public static List<Hostile> all(TestEscrow escrow) {
    byte[] good = escrow.winner().encode();
    return java.util.stream.Stream.of(
            wrongForm(good), wrongKeys(good), wrongSignatures(good), wrongContent(escrow, good))
        .flatMap(List::stream)
        .toList();
  }

  private static List<Hostile> wrongForm(byte[] good) {
    return List.of(
        new Hostile("no bytes", new byte[0], AnswerCode.MALFORMED),
        new Hostile("one byte", new byte[1], AnswerCode.MALFORMED),
        new Hostile("a byte short", Arrays.copyOf(good, good.length - 1), AnswerCode.MALFORMED),
        new Hostile("a byte long", Arrays.copyOf(good, good.length + 1), AnswerCode.MALFORMED),
        new Hostile("longer than any", Arrays.copyOf(good, 378), AnswerCode.TOO_LARGE),
        new Hostile(
            "script length of another form",
            patched(good, ClaimLayout.SCRIPT_LENGTH, "22"),
            AnswerCode.MALFORMED),
        new Hostile(
            "script length 255",
            patched(good, ClaimLayout.SCRIPT_LENGTH, "ff"),
            AnswerCode.MALFORMED),
        new Hostile(
            "no script of the five",
            patched(good, ClaimLayout.SCRIPT, "0013"),
            AnswerCode.UNSUPPORTED_SCRIPT),
        new Hostile("value 0", patched(good, VALUE, "00".repeat(8)), AnswerCode.INVALID_TERMS),
        new Hostile(
            "value above all money",
            patched(good, VALUE, "ff".repeat(8)),
            AnswerCode.INVALID_TERMS),
        new Hostile(
            "payout above value",
            patched(good, PAYOUT, "ffff0f0000000000"),
            AnswerCode.INVALID_TERMS),
        new Hostile("payout of dust", patched(good, PAYOUT, "2501000000000000"), AnswerCode.DUST),
        new Hostile("odds 0", patched(good, ODDS, "00000000"), AnswerCode.INVALID_TERMS),
        new Hostile("odds 2^31", patched(good, ODDS, "00000080"), AnswerCode.INVALID_TERMS),
        new Hostile(
            "refund height 0", patched(good, REFUND_HEIGHT, "00000000"), AnswerCode.INVALID_TERMS),
        new Hostile(
            "refund height that is a time",
            patched(good, REFUND_HEIGHT, "0065cd1d"),
            AnswerCode.INVALID_TERMS));
  }

  private static List<Hostile> wrongKeys(byte[] good) {
    return List.of(
        new Hostile(
            "buyer key of prefix 04", patched(good, BUYER_KEY, "04"), AnswerCode.INVALID_KEY),
        new Hostile(
            "buyer key of prefix 00", patched(good, BUYER_KEY, "00"), AnswerCode.INVALID_KEY),
        new Hostile(
            "buyer key with x = p", patched(good, BUYER_KEY, "02" + FIELD), AnswerCode.INVALID_KEY),
        new Hostile(
            "buyer key with x = 2^256 - 1",
            patched(good, BUYER_KEY, "03" + "ff".repeat(32)),
            AnswerCode.INVALID_KEY),
        new Hostile(
            "VTS key with x = p", patched(good, VTS_KEY, "02" + FIELD), AnswerCode.INVALID_KEY),
        new Hostile(
            "VTS key off the curve",
            patched(good, VTS_KEY, KEY_OFF_CURVE),
            AnswerCode.WRONG_VTS_KEY),
        new Hostile(
            "buyer key off the curve, outpoint of another",
            patched(good, BUYER_KEY, KEY_OFF_CURVE),
            AnswerCode.TERMS_MISMATCH));
  }

  private static List<Hostile> wrongSignatures(byte[] good) {
    byte[] swapped = good.clone();
    System.arraycopy(good, SIG_TICKET, swapped, SIG_SPEND, 64);
    System.arraycopy(good, SIG_SPEND, swapped, SIG_TICKET, 64);
    byte[] twice = good.clone();
    System.arraycopy(good, SIG_TICKET, twice, SIG_SPEND, 64);
    AnswerCode form = AnswerCode.NON_CANONICAL_SIGNATURE;
    return List.of(
        new Hostile("high s on the ticket", highS(good, SIG_TICKET), form),
        new Hostile("high s on the release", highS(good, SIG_SPEND), form),
        new Hostile("ticket with r = 0", patched(good, SIG_TICKET, ZERO), form),
        new Hostile("ticket with s = 0", patched(good, SIG_TICKET + 32, ZERO), form),
        new Hostile("ticket with r = s = 0", patched(good, SIG_TICKET, ZERO + ZERO), form),
        new Hostile("release with r = s = 0", patched(good, SIG_SPEND, ZERO + ZERO), form),
        new Hostile("ticket with r = n", patched(good, SIG_TICKET, ORDER), form),
        new Hostile("release with r = n", patched(good, SIG_SPEND, ORDER), form),
        new Hostile("release with s = n", patched(good, SIG_SPEND + 32, ORDER), form),
        new Hostile("release with r = 2^256 - 1", patched(good, SIG_SPEND, "ff".repeat(32)), form),
        new Hostile(
            "ticket's signature changed",
            flipped(good, SIG_TICKET + 31),
            AnswerCode.BAD_TICKET_SIGNATURE),
        new Hostile(
            "r2 changed behind the lottery's bytes",
            flipped(good, ClaimLayout.R2 + 15),
            AnswerCode.BAD_TICKET_SIGNATURE),
        new Hostile(
            "expiry changed", flipped(good, ClaimLayout.EXPIRY), AnswerCode.BAD_TICKET_SIGNATURE),
        new Hostile("signatures swapped", swapped, AnswerCode.BAD_TICKET_SIGNATURE),
        new Hostile("one signature twice", twice, AnswerCode.BAD_SPEND_SIGNATURE),
        new Hostile(
            "release's signature changed",
            flipped(good, SIG_SPEND + 31),
            AnswerCode.BAD_SPEND_SIGNATURE));
  }

  private static List<Hostile> wrongContent(TestEscrow escrow, byte[] good) {
    Terms terms = escrow.terms();
    PayoutScript p2pkh = PayoutScript.fromHex("76a914" + "5a".repeat(20) + "88ac");
    Bytes32 elsewhere = Bytes32.fromHex("77".repeat(32));
    PublicKey stranger;
    try (SecretKey key = SecretKey.generate()) {
      stranger = PublicKey.of(key.publicKey());
    }
    return List.of(
        new Hostile(
            "of another network",
            escrow
                .with(terms(terms, Network.MAINNET.magic(), terms.outpoint(), terms.vtsKey()))
                .winner()
                .encode(),
            AnswerCode.WRONG_NETWORK),
        new Hostile(
            "for another VTS",
            escrow
                .with(terms(terms, terms.network(), terms.outpoint(), stranger))
                .winner()
                .encode(),
            AnswerCode.WRONG_VTS_KEY),
        new Hostile(
            "on an unknown escrow",
            escrow
                .with(terms(terms, terms.network(), new Outpoint(elsewhere, 0), terms.vtsKey()))
                .winner()
                .encode(),
            AnswerCode.UNKNOWN_ESCROW),
        new Hostile(
            "on another output of the same transaction",
            escrow
                .with(
                    terms(
                        terms,
                        terms.network(),
                        new Outpoint(terms.outpoint().txid(), 1 << 30),
                        terms.vtsKey()))
                .winner()
                .encode(),
            AnswerCode.UNKNOWN_ESCROW),
        new Hostile(
            "under better odds",
            escrow.with(terms.payout(), 1).winner().encode(),
            AnswerCode.TERMS_MISMATCH),
        new Hostile(
            "under a higher payout",
            escrow.with(terms.value(), terms.odds()).winner().encode(),
            AnswerCode.TERMS_MISMATCH),
        new Hostile(
            "payout of dust for its script",
            patched(escrow.winner(p2pkh).encode(), PAYOUT, "2c01000000000000"),
            AnswerCode.DUST),
        new Hostile("wrong salt", flipped(good, ClaimLayout.S), AnswerCode.WRONG_OPENING),
        new Hostile("wrong r1", flipped(good, ClaimLayout.R1 + 15), AnswerCode.WRONG_OPENING),
        new Hostile(
            "another commitment", flipped(good, ClaimLayout.COMMITMENT), AnswerCode.WRONG_OPENING),
        new Hostile("losing", escrow.loser().encode(), AnswerCode.LOSING_TICKET),
        new Hostile("expired", escrow.winner(LONG_AGO).encode(), AnswerCode.EXPIRED),
        new Hostile("expired at once", escrow.winner(0).encode(), AnswerCode.EXPIRED));
  }

  private static Terms terms(Terms terms, int network, Outpoint outpoint, PublicKey vtsKey) {
    return new Terms(
        network,
        outpoint,
        terms.value(),
        terms.payout(),
        terms.odds(),
        terms.refundHeight(),
        terms.buyerKey(),
        vtsKey);
  }
}

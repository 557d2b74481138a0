package org.micropay.vts.benchmarks;

import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.FastOpenings;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The five operations of Pass and shelat, section 4.2, one at a time on one thread, as a client
 * library does them: the paper's figures are 84.9, 3.7, 170.6, 437.6 and 496.1 us on one core of
 * 2014. What a server does in batches is measured by {@code vts bench}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PaperOperations {
  private static final byte[] P2WPKH_PREFIX = {0x00, 0x14};

  private final SecureRandom random = new SecureRandom();
  private final byte[] drawn = new byte[Opening.LENGTH];
  private final byte[] r2 = new byte[Bytes16.LENGTH];
  private Fixture fixture;
  private FastOpenings fastOpenings;
  private long counter;

  /** Makes keys, terms, an ask and its ticket. */
  @Setup(Level.Trial)
  public void setUp() {
    fixture = new Fixture();
    byte[] secret = new byte[FastOpenings.SECRET_LENGTH];
    random.nextBytes(secret);
    fastOpenings = FastOpenings.of(secret);
  }

  /** Wipes the keys. */
  @TearDown(Level.Trial)
  public void tearDown() {
    fixture.close();
  }

  /** Request Ticket: a fresh address (a new key) and a commitment to fresh randomness. */
  @Benchmark
  public Ask requestTicket() {
    try (SecretKey key = SecretKey.generate()) {
      random.nextBytes(drawn);
      Opening opening =
          new Opening(Bytes16.copyOf(drawn, 0), Bytes16.copyOf(drawn, Bytes16.LENGTH));
      return new Ask(opening.commitment(), script(key.publicKey()));
    }
  }

  /** The script of a one-time address; the hash only stands for RIPEMD-160 after SHA-256. */
  private static PayoutScript script(byte[] publicKey) {
    byte[] script = new byte[22];
    System.arraycopy(P2WPKH_PREFIX, 0, script, 0, 2);
    byte[] hash = Sha256.twice(publicKey).toArray();
    System.arraycopy(hash, 0, script, 2, 20);
    return PayoutScript.of(script);
  }

  /** Request Ticket (Fast): one address for all, the opening from a secret and a counter. */
  @Benchmark
  public Ask requestTicketFast() {
    return new Ask(fastOpenings.at(counter++).commitment(), fixture.payoutScript);
  }

  /** Make a Ticket: r2 and two signatures, each verified after it was made. */
  @Benchmark
  public Ticket makeTicket() {
    random.nextBytes(r2);
    return TicketSigner.ticket(
        fixture.buyerKey, fixture.terms, fixture.ask, Bytes16.of(r2), Fixture.EXPIRY);
  }

  /** Check Ticket: both signatures and whether it wins. */
  @Benchmark
  public boolean checkTicket() {
    return checkSignatures(fixture.claim)
        & WinRule.wins(fixture.opening.r1(), fixture.ticket.r2(), fixture.terms.odds());
  }

  /** VTS Check: commitment, win, two verifications, the counter-signature and its check. */
  @Benchmark
  public byte[] vtsCheck() {
    Claim claim = fixture.claim;
    if (!claim.commitmentOpens() || !claim.wins() || !checkSignatures(claim)) {
      throw new IllegalStateException("the fixture's claim must be valid");
    }
    return Ecdsa.sign(fixture.vtsKey, claim.spendTemplate().digest().toArray());
  }

  private boolean checkSignatures(Claim claim) {
    byte[] key = claim.terms().buyerKey().toArray();
    byte[] spend = SpendTemplate.release(claim.terms(), claim.payoutScript()).digest().toArray();
    return Ecdsa.verify(fixture.ticket.digest().toArray(), claim.sigTicket().toArray(), key)
        && Ecdsa.verify(spend, claim.sigSpend().toArray(), key);
  }
}

package org.micropay.vts.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/**
 * Random commands from a small world, so that they meet: a few outpoints, terms, deposits and
 * tickets, a chain that grows and is undone, a clock that jumps both ways. It follows its own
 * chain, not a machine's answers, so that the same seed gives the same commands.
 */
final class History {
  static final int OUTPOINTS = 40;
  private static final int START_HEIGHT = 1000;

  private final SplittableRandom random;
  private final List<Bytes32> chain = new ArrayList<>(); // index 0 has START_HEIGHT
  private long time = Samples.START_MILLIS;
  private long latest = time;
  private long blocksMade;
  private LedgerPolicy policy;

  History(SplittableRandom random, LedgerPolicy policy) {
    this.random = random;
    this.policy = policy;
  }

  /** The command that comes before all others. */
  Function<Machine, Answer> first() {
    LedgerPolicy first = policy;
    return m -> m.configure(Samples.START_MILLIS, first);
  }

  int height() {
    return START_HEIGHT + chain.size() - 1;
  }

  /**
   * The tip seen again, later than any command came. What a ledger knows beyond its records, the
   * latest time and that spends were seen before their block, is the same in all afterwards.
   */
  Function<Machine, Answer> settle() {
    long now = ++latest;
    int height = height();
    Bytes32 tip = tip();
    return m -> m.tickWithTip(now, height, tip);
  }

  /** The next command, to be given to every machine alike. */
  Function<Machine, Answer> next() {
    moveClock();
    long now = time;
    int dice = random.nextInt(1000);
    if (chain.isEmpty() || dice < 120) {
      return connect(now);
    }
    if (dice < 150) {
      return disconnect(now);
    }
    if (dice < 500) {
      Claim claim = claim();
      Bytes32 id = new Samples.Ready(claim).claimId();
      return m -> m.decide(now, claim, id);
    }
    if (dice < 700) {
      return register(now);
    }
    if (dice < 900) {
      return event(now);
    }
    if (dice < 930) {
      return m -> m.tick(now);
    }
    if (dice < 980) {
      int height = height() - (random.nextInt(20) == 0 ? 1 : 0);
      Bytes32 tip = tip();
      return m -> m.tickWithTip(now, height, tip);
    }
    return dice < 997 ? m -> m.settlement(now) : configure(now);
  }

  private void moveClock() {
    int dice = random.nextInt(100);
    if (dice < 3) {
      time += 61_000; // stale unless the chain is seen again
    } else if (dice < 10) {
      time -= random.nextInt(5_000);
    } else {
      time += random.nextInt(300);
    }
    latest = Math.max(latest, time);
  }

  private Bytes32 tip() {
    return chain.getLast();
  }

  private Function<Machine, Answer> connect(long now) {
    if (!chain.isEmpty() && random.nextInt(30) == 0) {
      int wrong = height() + 2;
      return m -> m.connect(now, wrong, Bytes32.ZERO, Bytes32.ZERO);
    }
    // Several blocks as one step, the last one's answer compared: burial must become likely.
    int count = 1 + random.nextInt(random.nextInt(8) == 0 ? 60 : 3);
    int first = height() + 1;
    List<Bytes32> hashes = new ArrayList<>();
    hashes.add(chain.isEmpty() ? Bytes32.ZERO : tip());
    for (int i = 0; i < count; i++) {
      chain.add(Samples.bytes32(++blocksMade));
      hashes.add(tip());
    }
    return m -> {
      Answer answer = null;
      for (int i = 0; i < count; i++) {
        answer = m.connect(now, first + i, hashes.get(i + 1), hashes.get(i));
      }
      return answer;
    };
  }

  private Function<Machine, Answer> disconnect(long now) {
    boolean wrong = random.nextInt(20) == 0;
    if (chain.size() < 2 || wrong) {
      int height = height();
      return m -> m.disconnect(now, height, Bytes32.ZERO, Bytes32.ZERO);
    }
    // Now and then far deeper than anything may be retired at.
    int most = Math.min(chain.size() - 1, random.nextInt(200) == 0 ? 150 : 6);
    int count = 1 + random.nextInt(most);
    int top = height();
    List<Bytes32> hashes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      hashes.add(chain.removeLast());
    }
    hashes.add(tip());
    return m -> {
      Answer answer = null;
      for (int i = 0; i < count; i++) {
        answer = m.disconnect(now, top - i, hashes.get(i), hashes.get(i + 1));
      }
      return answer;
    };
  }

  private Terms terms() {
    int number = random.nextInt(OUTPOINTS);
    int odds = random.nextInt(15) == 0 ? 2 : 128;
    int refund = number < 12 ? (height() / 40 + 1) * 40 : 400_000; // the next round height
    return Samples.terms(number, odds, refund);
  }

  private Claim claim() {
    long expiry = random.nextInt(4) == 0 ? time / 1000 - 3 + random.nextInt(6) : Samples.NO_EXPIRY;
    return Samples.claim(terms(), random.nextInt(3), expiry);
  }

  private Function<Machine, Answer> register(long now) {
    Terms terms = terms();
    Deposit deposit = null;
    if (random.nextInt(3) == 0) {
      deposit = Samples.deposit(random.nextInt(5), random.nextInt(20) == 0 ? 500 : 600);
    }
    int funded = random.nextInt(10) == 0 ? height() + 1 : height() - random.nextInt(6);
    int depositFunded =
        deposit == null ? 0 : random.nextInt(10) == 0 ? 0 : height() - random.nextInt(6);
    Bytes32 seen = random.nextInt(15) == 0 ? Bytes32.ZERO : tip();
    Deposit pledged = deposit;
    return m -> m.register(now, Samples.registration(terms, pledged), funded, depositFunded, seen);
  }

  private Function<Machine, Answer> event(long now) {
    RecordType type =
        switch (random.nextInt(10)) {
          case 0, 1, 2 -> RecordType.ESCROW_FUNDED;
          case 3 -> RecordType.ESCROW_UNFUNDED;
          case 4, 5 -> RecordType.ESCROW_UNSPENT;
          default -> RecordType.ESCROW_SPENT;
        };
    Outpoint outpoint =
        random.nextInt(8) == 0
            ? Samples.deposit(random.nextInt(5), 600).outpoint()
            : Samples.outpoint(random.nextInt(OUTPOINTS));
    int height = height() + 2 - random.nextInt(7);
    return m -> m.event(now, type, outpoint, height);
  }

  private Function<Machine, Answer> configure(long now) {
    policy =
        new LedgerPolicy(
            policy.network(),
            policy.vtsKey(),
            10 + random.nextInt(15),
            1 + random.nextInt(4),
            1 + random.nextInt(4),
            1 + random.nextInt(20),
            policy.chainStaleMillis(),
            100 + random.nextInt(10),
            policy.digestInterval(),
            policy.hashKey0(),
            policy.hashKey1());
    LedgerPolicy next = policy;
    return m -> m.configure(now, next);
  }
}

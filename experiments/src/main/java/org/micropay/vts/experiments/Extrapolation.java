package org.micropay.vts.experiments;

import java.util.ArrayList;
import java.util.List;

/**
 * From one core to servers and to the Internet, with what the chain allows beside it. The VTS's
 * rate is measured; the rest is arithmetic on stated assumptions.
 */
final class Extrapolation {
  /** Bytes of a claim frame and its answer on the stream, rounded up. */
  static final int BYTES_PER_CLAIM = 600;

  /** Claims in one version 3 transaction of at most 10,000 virtual bytes. */
  static final int CLAIMS_PER_TRANSACTION = 75;

  /** Virtual bytes of such a transaction. */
  static final int TRANSACTION_VBYTES = 10_000;

  /** Virtual bytes that the chain takes in a second: a million each ten minutes. */
  static final double CHAIN_VBYTES_PER_SECOND = 1_000_000 / 600.0;

  /** Share of the kernel's rate that the whole durable pipeline reaches, docs/PERFORMANCE.md. */
  static final double PIPELINE_SHARE = 0.55;

  private static final double SECONDS_PER_DAY = 86_400;

  private Extrapolation() {}

  /**
   * A machine.
   *
   * @param claims winning tickets a second
   * @param payments that they stand for at 1/128, a second
   * @param megabytes of traffic a second
   */
  record Machine(String name, int cores, double claims, double payments, double megabytes) {
    double claimsPerDay() {
      return claims * SECONDS_PER_DAY;
    }

    double paymentsPerDay() {
      return payments * SECONDS_PER_DAY;
    }
  }

  /**
   * A world that pays.
   *
   * @param paymentsPerSecond of everybody
   * @param cores that its winners need at 1/128
   * @param chains how many times today's chain its winners would fill at 1/128
   * @param odds N at which today's chain would carry it, nothing else on it
   */
  record World(String name, double paymentsPerSecond, double cores, double chains, double odds) {}

  /** Claims that the chain can settle in a second when it carries nothing else. */
  static double chainClaimsPerSecond() {
    return CHAIN_VBYTES_PER_SECOND / TRANSACTION_VBYTES * CLAIMS_PER_TRANSACTION;
  }

  /** {@code checksPerSecond} of the kernel alone on one core. */
  static List<Machine> machines(double checksPerSecond) {
    List<Machine> machines = new ArrayList<>();
    machines.add(machine("the paper's server, 2014 (as published)", 8, 4_000));
    for (int cores : new int[] {1, 2, 8, 32, 96}) {
      machines.add(
          machine(
              cores == 1 ? "one core" : cores + " cores",
              cores,
              checksPerSecond * PIPELINE_SHARE * cores));
    }
    return machines;
  }

  private static Machine machine(String name, int cores, double claims) {
    return new Machine(name, cores, claims, claims * Sample.ODDS, claims * BYTES_PER_CLAIM / 1e6);
  }

  /** Some worlds. */
  static List<World> worlds(double checksPerSecond) {
    return List.of(
        world("a newspaper: 10 million readers, 10 pages a day", 1e8, checksPerSecond),
        world("the paper's day: 44 billion payments", 44e9, checksPerSecond),
        world("5 billion people, 100 pages a day each", 5e11, checksPerSecond));
  }

  private static World world(String name, double perDay, double checksPerSecond) {
    double payments = perDay / SECONDS_PER_DAY;
    double winners = payments / Sample.ODDS;
    return new World(
        name,
        payments,
        winners / (checksPerSecond * PIPELINE_SHARE),
        winners / chainClaimsPerSecond(),
        Math.ceil(payments / chainClaimsPerSecond()));
  }
}

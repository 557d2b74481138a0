package org.micropay.vts.experiments;

/**
 * How much is measured.
 *
 * @param calls of each operation in a run of the micro-benchmarks
 * @param runs of them
 * @param requests of the web experiment's runs, to each page
 * @param webRuns of it
 * @param siteRequests the same behind the proxy before a site that makes its pages from a database,
 *     and before a server whose page costs half a millisecond
 * @param siteRuns of each
 * @param legacyRequests the same behind the proxy with a page that costs what the paper's did
 * @param legacyRuns of it
 * @param threads of the web experiment's client
 * @param samples of each arm of the network test
 * @param trials merchants of the simulation
 * @param seed of whatever is drawn in the simulation
 */
public record PaperOptions(
    int calls,
    int runs,
    int requests,
    int webRuns,
    int siteRequests,
    int siteRuns,
    int legacyRequests,
    int legacyRuns,
    int threads,
    int samples,
    int trials,
    long seed) {
  private static final long SEED = 20151012;

  /** The paper's numbers: 50 runs of 10,000 calls, 30 runs of 25,000 requests, 2,000 samples. */
  public static PaperOptions full() {
    return new PaperOptions(10_000, 50, 25_000, 30, 4_000, 5, 1_000, 5, 20, 2_000, 20_000, SEED);
  }

  /** Seconds instead of minutes; the figures scatter more. */
  public static PaperOptions quick() {
    return new PaperOptions(200, 5, 1_000, 2, 200, 1, 60, 1, 20, 60, 1_000, SEED);
  }

  /** Tickets that are sent in all, about, of each kind of buyer. */
  long purchases() {
    int warmUps = 2;
    return (long) requests * (webRuns + warmUps)
        + 2L * siteRequests * (siteRuns + 1)
        + (long) legacyRequests * (legacyRuns + 1)
        + 2L * samples;
  }
}

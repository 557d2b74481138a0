package org.micropay.vts.experiments;

import java.util.ArrayList;
import java.util.List;

/**
 * /buy over /base against what a page costs: a ticket costs a server's core the same whatever it
 * buys, so a page of p microseconds sells at p / (p + ticket) of the free page's rate.
 *
 * @param ticketMicros CPU time of a ticket beside the bare page, from buyers who come back
 * @param firstTicketMicros the same for first purchases
 * @param pages that were measured, cheapest first
 */
record PageCosts(double ticketMicros, double firstTicketMicros, List<Page> pages) {
  /** What the issue is about: within ten percent. */
  static final double WITHIN = 0.9;

  /** CPU time of the paper's page: 534 a second on one core. */
  static final double PAPER_PAGE_MICROS = SampleServer.PAPER_PAGE_NANOS / 1e3;

  /**
   * A page that was measured.
   *
   * @param micros CPU time of a free request to it, proxy and server
   * @param share of /buy in /base by rate
   * @param shareByCpu the same by CPU time
   * @param firstShareByCpu of first purchases
   * @param expected p / (p + ticket)
   */
  record Page(
      String name,
      double micros,
      Statistics share,
      double shareByCpu,
      double firstShareByCpu,
      double expected) {}

  static PageCosts of(Paper.Data data) {
    double ticket = data.web().ticketMicros();
    List<Page> pages = new ArrayList<>();
    pages.add(page("a bare page of 2 kB", data.web(), ticket));
    data.site().ifPresent(site -> pages.add(page("a site with a database", site, ticket)));
    pages.add(page("half a millisecond", data.half(), ticket));
    pages.add(page("the paper's page", data.legacy(), ticket));
    return new PageCosts(ticket, data.web().firstTicketMicros(), pages);
  }

  private static Page page(String name, WebExperiment.Result web, double ticket) {
    double micros = web.base().cpuMicros().mean();
    return new Page(
        name, micros, web.share(), web.cpuRatio(), web.firstCpuRatio(), share(micros, ticket));
  }

  private static double share(double page, double ticket) {
    return page / (page + ticket);
  }

  /** From which cost of a page on /buy is within ten percent of /base, microseconds. */
  double withinFromMicros() {
    return WITHIN / (1 - WITHIN) * ticketMicros;
  }

  /** What a page of the paper's cost sells at. */
  double paperShare() {
    return share(PAPER_PAGE_MICROS, ticketMicros);
  }
}

package org.micropay.vts.experiments;

/** What the report says beside its tables, with the run's own figures in it. Markup. */
final class ReportText {
  private ReportText() {}

  static String operations(Paper.Data data) {
    return ("By the paper's method: %d runs of %s calls each, mean and 95 %% interval over the"
            + " runs. Time is the measuring thread's CPU time. In the same run, in turns,"
            + " libsecp256k1 in C does the same work on the curve and nothing else, so that"
            + " ours / C does not depend on the machine.")
        .formatted(data.options().runs(), Figures.grouped(data.options().calls(), 0));
  }

  static String operationsNote(Paper.Data data) {
    Operations.Result all = data.operations();
    return ("The last two rows are what servers do: eight signatures side by side. One"
            + " verification: %.2f μs by our kernel, %.2f by libsecp256k1 in C. Our signatures"
            + " are verified after they were made, which the paper's were not; its VTS check"
            + " names two verifications and a counter-signature. The thread had a core %.0f %%"
            + " of the time.")
        .formatted(all.verifyOurs(), all.verifyC(), 100 * all.cpuShare());
  }

  static String sizes() {
    return "The paper's asks pay to the hash of a key, 20 bytes, and so does P2WPKH: its figure is"
        + " for such an address, and ours at most the same. P2TR and P2WSH pay to 32 bytes,"
        + " which no encoding makes fewer: with the commitment's 32 they are 64 bytes, 86"
        + " characters, before anything says what they are; 73 characters hold 54. A ticket"
        + " carries two signatures of 64 bytes; the transaction itself is not in it, because"
        + " both sides compute it from the escrow's terms.";
  }

  static String web(Paper.Data data) {
    WebExperiment.Result web = data.web();
    return ("%d threads send %s requests to each page in turns, %d runs, on kept connections. /base"
            + " gives a page of about 2 kB with a parameter in it, /ask a request for a ticket,"
            + " /buy takes the ticket, checks it, says whether it won, and gives the same page."
            + " Buyers pay with one escrow until it wins, as the lottery means it; in the row"
            + " &#8220;first time&#8221; each ticket is on an escrow that the merchant does not"
            + " remember, so that both its signatures must be verified."
            + " The server is the production proxy in its own process%s; the VTS behind it"
            + " answers from memory. Tickets win with 1/128: %s did, and their winners were"
            + " synced to disk.")
        .formatted(
            web.threads(),
            Figures.grouped(web.requests(), 0),
            web.runs(),
            web.pinned() ? " on one core" : "",
            Figures.grouped(web.wins(), 0));
  }

  static String webNote(Paper.Data data) {
    WebExperiment.Result web = data.web();
    return ("<b>The hard case:</b> this page costs next to nothing. A sold one costs the server's"
            + " core %.1f μs more than a free one (%.1f against %.1f), %.1f the first time:"
            + " reading the header, the opening by HMAC, the ticket's digest, one verification"
            + " in batches (two the first time), the note that the ask is used, the answer's"
            + " header. /buy reaches <b>%.2f</b> of /base by rate and %.2f by CPU time; ask +"
            + " buy reaches %.2f of ask + base.")
        .formatted(
            web.ticketMicros(),
            web.buy().cpuMicros().mean(),
            web.base().cpuMicros().mean(),
            web.firstTicketMicros(),
            web.ratio(),
            web.cpuRatio(),
            web.pairCpuRatio());
  }

  static String pageCosts(PageCosts costs) {
    return ("A ticket costs the same whatever it buys, so the dearer the page, the less it shows."
            + " <b>/buy is within 10 %% of /base for every page that costs %.2f ms of CPU or"
            + " more</b>: nine times a ticket's %.1f μs. The paper's page cost 1.87 ms, for which"
            + " that makes %.3f; the paper measured %.3f. It is not so on the bare page, and"
            + " cannot be: one verification is a quarter of that page. The curve is page / (page"
            + " + ticket) with the ticket's cost beside the bare page; points are measured, with"
            + " 95 %% intervals over the runs. Points below the curve are of servers so slow that"
            + " fewer tickets come together in a batch.")
        .formatted(
            costs.withinFromMicros() / 1e3, costs.ticketMicros(), costs.paperShare(), 497.0 / 534);
  }

  static String siteNote(Paper.Data data) {
    return data.site()
        .map(
            site ->
                share(site)
                    + " The site reads an article, its comments and a list of others from SQLite"
                    + " and fills a template, about 2 kB; it is Python's standard library and"
                    + " knows nothing of payments.")
        .orElse("");
  }

  static String halfNote(Paper.Data data) {
    return share(data.half());
  }

  static String legacyNote(Paper.Data data) {
    return share(data.legacy())
        + " The paper measured %.3f with a page of this cost.".formatted(497.0 / 534);
  }

  private static String share(WebExperiment.Result result) {
    return ("Paid pages run at <b class=\"%s\">%.3f</b> of the free pages' rate (%.3f by CPU time,"
            + " %.3f the first time). %d %s of %s requests.")
        .formatted(
            result.ratio() >= 0.9 ? "good" : "bad",
            result.ratio(),
            result.cpuRatio(),
            result.firstCpuRatio(),
            result.runs(),
            result.runs() == 1 ? "run" : "runs",
            Figures.grouped(result.requests(), 0));
  }

  static String network(Paper.Data data) {
    return ("One sample is an ask and then a page on a kept connection, once free and once paid"
            + " with a ticket made on the spot, in turns, %s of each. Eight readers beside each"
            + " other, each serial and without the paper's pauses of two seconds.")
        .formatted(Figures.grouped(data.options().samples(), 0));
  }

  static String prices(Paper.Data data) {
    Paper.Prices few = data.prices().getFirst();
    Revenue.PriceBar likeliest =
        few.bars().stream()
            .max((a, b) -> Double.compare(a.probability(), b.probability()))
            .orElseThrow();
    return ("After 1,000 payments the likeliest number of wins is %d (%.1f %%); %.1f %% of buyers"
            + " have paid between 0.7 X and 1.33 X. After 10,000 payments %.2f %% have.")
        .formatted(
            likeliest.wins(),
            100 * likeliest.probability(),
            100 * few.near(),
            100 * data.prices().getLast().near());
  }

  static String machines() {
    return ("Rows below the first are arithmetic: the kernel's measured rate on one core, times"
            + " %.2f, which the whole durable pipeline reached of it (docs/PERFORMANCE.md),"
            + " times the number of cores; machines with more than two cores were not measured."
            + " %d bytes a claim with its answer.")
        .formatted(Extrapolation.PIPELINE_SHARE, Extrapolation.BYTES_PER_CLAIM);
  }

  static String chain() {
    double claims = Extrapolation.chainClaimsPerSecond();
    return ("<b>The chain is the ceiling, not the VTS.</b> A block of a million virtual bytes each"
            + " ten minutes holds %d claims to a transaction of %s virtual bytes: about %.1f"
            + " claims a second if the chain carried nothing else, or %s payments a second at"
            + " 1/128 and %s at 1/512. One core of a VTS is enough for a thousand such chains."
            + " More payments need longer odds, so larger payouts for rarer winners; or more"
            + " room on chain; each claim also needs an escrow, whose funding takes room of its"
            + " own.")
        .formatted(
            Extrapolation.CLAIMS_PER_TRANSACTION,
            Figures.grouped(Extrapolation.TRANSACTION_VBYTES, 0),
            claims,
            Figures.grouped(claims * 128, 0),
            Figures.grouped(claims * 512, 0));
  }
}

package org.micropay.vts.appliance.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.merchant.VtsHttpClient;

/**
 * What the server says of settlement, from {@code /v1/status}.
 *
 * @param batches stored
 * @param inFlight claims in unconfirmed batches
 * @param confirmed claims in confirmed batches that are not deep enough
 * @param settled claims in batches that are
 * @param waiting claims for a batch
 * @param escrows satoshi in
 * @param wallet satoshi in
 * @param payouts satoshi out
 * @param change satoshi out
 * @param fees satoshi to miners
 * @param splitFees satoshi to miners for splitting fee coins
 * @param walletBalance satoshi
 * @param condition one line
 */
record SettlementView(
    int batches,
    long inFlight,
    long confirmed,
    long settled,
    long waiting,
    long escrows,
    long wallet,
    long payouts,
    long change,
    long fees,
    long splitFees,
    long walletBalance,
    String condition) {

  static SettlementView of(VtsHttpClient http) {
    VtsHttpClient.Answer answer = http.get("/v1/status");
    if (answer.status() != 200) {
      throw new DemoException("/v1/status was answered " + answer.status());
    }
    JsonNode settlement = answer.body().path("settlement");
    JsonNode totals = settlement.path("totals");
    JsonNode account = totals.path("account");
    return new SettlementView(
        totals.path("batchesStored").asInt(),
        totals.path("inFlight").asLong(),
        totals.path("confirmed").asLong(),
        totals.path("settled").asLong(),
        settlement.path("waiting").asLong(),
        account.path("escrows").asLong(),
        account.path("wallet").asLong(),
        account.path("payouts").asLong(),
        account.path("change").asLong(),
        account.path("fees").asLong(),
        totals.path("splitFees").asLong(),
        settlement.path("walletBalance").asLong(),
        settlement.path("condition").asText());
  }

  /** Where the server's account is not the chain's; one line each. */
  List<String> differences(ChainAccount.Sums chain) {
    List<String> lines = new ArrayList<>();
    compare(lines, "claims settled", settled, chain.claims());
    compare(lines, "satoshi of escrows", escrows, chain.escrows());
    compare(lines, "satoshi of the fee wallet spent", wallet, chain.wallet());
    compare(lines, "satoshi paid out", payouts, chain.payouts());
    compare(lines, "satoshi of change", change, chain.change());
    compare(lines, "satoshi of batch fees", fees, chain.fees());
    compare(lines, "satoshi of split fees", splitFees, chain.splitFees());
    compare(lines, "satoshi left in the fee wallet", walletBalance, chain.walletBalance());
    return lines;
  }

  private static void compare(List<String> lines, String what, long server, long chain) {
    if (server != chain) {
      lines.add("%s: %,d by the server, %,d by the chain".formatted(what, server, chain));
    }
  }
}

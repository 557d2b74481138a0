package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.merchant.WalletEscrow;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Coins and blocks from a VTS on its embedded test chain: funds a wallet's drafts, buries them and
 * registers them.
 */
final class TestChainFunding {
  private static final int NOT_FOUND = 404;
  private static final int PATIENCE_SECONDS = 30;
  private static final int POLL_MILLIS = 50;

  private final VtsHttpClient vts;

  TestChainFunding(VtsHttpClient vts) {
    this.vts = vts;
  }

  /** Funds and registers; false when this VTS has no test chain, so that nothing was done. */
  boolean fund(BuyerWallet wallet, List<WalletEscrow> drafts) {
    List<Map<String, Object>> outputs = new ArrayList<>();
    for (WalletEscrow draft : drafts) {
      outputs.add(Map.of("script", wallet.script(draft.index()).toHex(), "value", draft.value()));
    }
    VtsHttpClient.Answer funded = vts.post("/v1/dev/fund", Map.of("outputs", outputs));
    if (funded.status() == NOT_FOUND) {
      return false;
    }
    JsonNode outpoints = require(funded).path("outpoints");
    int depth = require(vts.get("/v1/supported")).path("minConfirmations").asInt();
    require(vts.post("/v1/dev/mine", Map.of("blocks", Math.max(1, depth))));
    for (int i = 0; i < drafts.size(); i++) {
      long index = drafts.get(i).index();
      wallet.funded(index, BuyerCommand.outpoint(outpoints.get(i).asText()));
      register(wallet, index);
    }
    return true;
  }

  private void register(BuyerWallet wallet, long index) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      VtsHttpClient.Answer answer = wallet.register(index, vts);
      if (answer.code() == AnswerCode.REGISTERED) {
        return;
      }
      if (!answer.code().retryable() || System.nanoTime() > deadline) {
        throw new VtsException(
            "escrow %d is not registered: %s, %s".formatted(index, answer.code(), answer.detail()));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new VtsException("interrupted while registering", e);
      }
    }
  }

  private static JsonNode require(VtsHttpClient.Answer answer) {
    if (answer.status() != 200) {
      throw new VtsException(answer.code() + ": " + answer.detail());
    }
    return answer.body();
  }
}

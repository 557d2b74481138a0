package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpMethod;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/** Batches of a watch-only fee wallet, out and in as PSBTs; the operator's alone. */
final class PsbtRoutes {
  /** {@code replace}: number of the batch to replace; 0 for a new one. */
  record ExportRequest(int replace) {}

  /** {@code psbt}: base64. */
  record ImportRequest(String psbt) {}

  private final PsbtServices services;

  PsbtRoutes(PsbtServices services) {
    this.services = services;
  }

  void addTo(Router router) {
    router
        .on(
            HttpMethod.POST,
            "/v1/settlement/psbt/export",
            (exchange, none) -> OperatorAccess.post(exchange, this::export))
        .on(
            HttpMethod.POST,
            "/v1/settlement/psbt/import",
            (exchange, none) -> OperatorAccess.post(exchange, this::accept));
  }

  private CompletableFuture<?> export(byte[] body) {
    int replaced = HttpJson.read(body, ExportRequest.class).replace();
    return services
        .export()
        .apply(replaced)
        .thenApply(
            made -> {
              Map<String, Object> answer = new LinkedHashMap<>();
              answer.put("txid", made.txid().toReversedHex());
              answer.put("batch", made.batch());
              answer.put("claims", made.claims());
              answer.put("feeInputs", made.feeInputs());
              answer.put("fee", made.fee());
              answer.put("change", made.change());
              answer.put("psbt", Base64.getEncoder().encodeToString(made.psbt()));
              return answer;
            });
  }

  private CompletableFuture<?> accept(byte[] body) {
    String text = HttpJson.read(body, ImportRequest.class).psbt();
    byte[] psbt;
    try {
      psbt = Base64.getDecoder().decode(text == null ? "" : text);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(AnswerCode.MALFORMED, "psbt is not base64");
    }
    return services.accept().apply(psbt).thenApply(txid -> Map.of("txid", txid.toReversedHex()));
  }
}

package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.ticket.AnswerCode;

/** A request of the operator's to a running server, with its refusals as exit codes. */
final class OperatorCall {
  private OperatorCall() {}

  /** The answer's body. */
  static JsonNode post(ServerOption server, String path, Object body) {
    try (VtsHttpClient client = server.connect()) {
      VtsHttpClient.Answer answer = client.post(path, body);
      if (answer.status() == 200) {
        return answer.body();
      }
      String detail = answer.detail();
      if (answer.status() == 409) {
        int colon = detail.indexOf(": ");
        throw new CommandException(
            ExitCode.NEGATIVE, detail.substring(0, colon), detail.substring(colon + 2));
      }
      ExitCode exit =
          answer.code() == AnswerCode.MALFORMED
              ? ExitCode.DATA
              : answer.code().retryable() ? ExitCode.TRY_AGAIN : ExitCode.UNAVAILABLE;
      throw new CommandException(exit, answer.code().name(), server.url + ": " + detail);
    } catch (VtsException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    }
  }
}

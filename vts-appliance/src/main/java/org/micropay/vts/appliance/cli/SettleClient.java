package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;

/** What the {@code vts settle} commands ask of a running server. */
final class SettleClient {
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;

  private SettleClient() {}

  static JsonNode get(ServerOption server, String path) {
    try (VtsHttpClient client = server.connect()) {
      return body(server, client.get(path));
    } catch (VtsException e) {
      throw unreachable(e);
    }
  }

  static JsonNode post(ServerOption server, String path, Object body) {
    try (VtsHttpClient client = server.connect()) {
      return body(server, client.post(path, body));
    } catch (VtsException e) {
      throw unreachable(e);
    }
  }

  private static JsonNode body(ServerOption server, VtsHttpClient.Answer answer) {
    if (answer.status() == OK) {
      return answer.body();
    }
    ExitCode exit =
        answer.status() == FORBIDDEN
            ? ExitCode.NO_PERMISSION
            : answer.code().retryable() ? ExitCode.TRY_AGAIN : ExitCode.UNAVAILABLE;
    throw new CommandException(exit, answer.code().name(), server.url + ": " + answer.detail());
  }

  private static CommandException unreachable(VtsException e) {
    return new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
  }

  /** The settings in force after a change, as one line. */
  static String settings(JsonNode settings) {
    double rate = settings.path("feeRateSatPerVbyte").asDouble();
    return "settlement is %s; fee rate %s"
        .formatted(
            settings.path("paused").asBoolean() ? "paused" : "running",
            rate > 0 ? "fixed at %.3f sat/vB".formatted(rate) : "by the node's estimate");
  }
}

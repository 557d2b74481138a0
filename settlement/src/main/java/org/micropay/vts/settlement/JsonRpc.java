package org.micropay.vts.settlement;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Bitcoin Core's JSON-RPC with cookie authentication. Any thread.
 *
 * <p>A call ends in a result, an {@link RpcException} (the node says no) or a {@link
 * ChainException} (no answer). Amounts come as exact decimals. The cookie never reaches a message.
 */
final class JsonRpc implements AutoCloseable {
  private static final int UNAUTHORIZED = 401;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final int LONG_CALL = 20;
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** One call of a batch. */
  record Call(String method, Object... parameters) {}

  /** One answer of a batch: the result, or the error. */
  record Answer(JsonNode result, RpcException error) {
    /** The result, or the error thrown. */
    JsonNode orThrow() {
      if (error != null) {
        throw error;
      }
      return result;
    }
  }

  private final RpcConfig config;
  private final HttpClient http;
  private volatile String authorization;

  JsonRpc(RpcConfig config) {
    this.config = config;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(config.timeout())
            .build();
  }

  /** Calls one method. */
  JsonNode call(String method, Object... parameters) {
    return answer(method, post(request(0, method, parameters), config.timeout())).orThrow();
  }

  /** Calls one method that may take minutes. */
  JsonNode callLong(String method, Object... parameters) {
    Duration timeout = config.timeout().multipliedBy(LONG_CALL);
    return answer(method, post(request(0, method, parameters), timeout)).orThrow();
  }

  /** Calls several methods in one request; answers in the order of the calls. */
  List<Answer> batch(List<Call> calls) {
    ArrayNode body = JSON.createArrayNode();
    for (int i = 0; i < calls.size(); i++) {
      body.add(request(i, calls.get(i).method(), calls.get(i).parameters()));
    }
    JsonNode reply = post(body, config.timeout());
    if (!reply.isArray() || reply.size() != calls.size()) {
      throw protocol("answer to a batch of " + calls.size() + " has " + reply.size() + " parts");
    }
    List<Answer> answers = new ArrayList<>(java.util.Collections.nCopies(calls.size(), null));
    for (JsonNode part : reply) {
      int id = part.path("id").asInt(-1);
      if (id < 0 || id >= calls.size() || answers.get(id) != null) {
        throw protocol("answer to a batch has id " + part.path("id"));
      }
      answers.set(id, answer(calls.get(id).method(), part));
    }
    return answers;
  }

  private static ObjectNode request(int id, String method, Object... parameters) {
    ObjectNode request = JSON.createObjectNode();
    request.put("jsonrpc", "1.0").put("id", id).put("method", method);
    request.set("params", JSON.valueToTree(parameters));
    return request;
  }

  private Answer answer(String method, JsonNode reply) {
    JsonNode error = reply.path("error");
    if (error.isObject()) {
      int code = error.path("code").asInt();
      if (code == RpcException.IN_WARMUP) {
        throw new ChainException(
            ChainException.Kind.UNAVAILABLE,
            "node at " + config.uri() + " is starting: " + error.path("message").asText());
      }
      return new Answer(null, new RpcException(method, code, error.path("message").asText()));
    }
    if (!reply.has("result")) {
      throw protocol("answer to " + method + " has neither result nor error");
    }
    return new Answer(reply.get("result"), null);
  }

  private JsonNode post(JsonNode body, Duration timeout) {
    HttpResponse<byte[]> response = send(body, timeout, authorization(false));
    if (response.statusCode() == UNAUTHORIZED) {
      // A restarted node has a new cookie.
      response = send(body, timeout, authorization(true));
    }
    if (response.statusCode() == UNAUTHORIZED) {
      throw new ChainException(
          ChainException.Kind.UNAUTHORIZED,
          "node at " + config.uri() + " refuses the cookie in " + config.cookieFile());
    }
    if (response.statusCode() == SERVICE_UNAVAILABLE) {
      throw unavailable("its work queue is full; raise -rpcworkqueue", null);
    }
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw protocol(
          "HTTP " + response.statusCode() + " with " + response.body().length + " bytes, no JSON");
    }
  }

  private HttpResponse<byte[]> send(JsonNode body, Duration timeout, String credentials) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(config.uri())
              .timeout(timeout)
              .header("Content-Type", "application/json")
              .header("Authorization", credentials)
              .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
              .build();
      return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("parameters cannot be written as JSON", e);
    } catch (IOException e) {
      throw unavailable(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted", e);
    }
  }

  private String authorization(boolean anew) {
    String current = authorization;
    if (current != null && !anew) {
      return current;
    }
    try {
      byte[] cookie =
          Files.readString(config.cookieFile()).strip().getBytes(StandardCharsets.UTF_8);
      current = "Basic " + Base64.getEncoder().encodeToString(cookie);
      authorization = current;
      return current;
    } catch (IOException e) {
      throw unavailable(
          "no cookie at " + config.cookieFile() + " (not running, or not readable by us)", e);
    }
  }

  private ChainException unavailable(String why, Throwable cause) {
    return new ChainException(
        ChainException.Kind.UNAVAILABLE, "no answer from " + config.uri() + ": " + why, cause);
  }

  private ChainException protocol(String what) {
    return new ChainException(
        ChainException.Kind.PROTOCOL, "node at " + config.uri() + ": " + what);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

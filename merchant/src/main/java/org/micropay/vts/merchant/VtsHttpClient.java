package org.micropay.vts.merchant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Registration;

/**
 * A client of the VTS's HTTP interface. Blocking, thread-safe; suits virtual threads.
 *
 * <p>Every call either returns what the VTS answered, refusals included, or throws {@link
 * VtsException} when there was no answer to be had.
 */
public final class VtsHttpClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final URI base;
  private final HttpClient http;

  /** {@code base}: scheme, host and port, e.g. {@code http://127.0.0.1:8480}. */
  public VtsHttpClient(URI base) {
    this(
        base,
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build());
  }

  /** The same over a given client, for TLS settings of one's own; closed with this one. */
  public VtsHttpClient(URI base, HttpClient http) {
    this.base = base;
    this.http = http;
  }

  /**
   * Any answer: its status and JSON body.
   *
   * @param status HTTP status
   * @param body the document; a problem when the status is 400 or above
   */
  public record Answer(int status, JsonNode body) {
    /** The stable code: of a problem, or of a decision; INTERNAL when it names none. */
    public AnswerCode code() {
      try {
        return AnswerCode.valueOf(body.path("code").asText());
      } catch (IllegalArgumentException e) {
        return AnswerCode.INTERNAL;
      }
    }

    /** What the problem says of this occurrence. */
    public String detail() {
      return body.path("detail").asText();
    }

    /** When to come back; 0 unless retryable. */
    public long retryAfterMillis() {
      return body.path("retryAfterMillis").asLong();
    }
  }

  /** Registers an escrow. */
  public Answer register(Registration registration) {
    return post("/v1/escrows", Map.of("registration", registration.toBase64Url()));
  }

  /** Asks about an escrow. */
  public Answer escrow(Bytes32 termsDigest) {
    return get("/v1/escrows/" + termsDigest.toHex());
  }

  /**
   * Asks about an escrow without waiting; fails with {@link VtsException} when there is no answer.
   */
  public CompletableFuture<EscrowFacts> escrowFacts(Bytes32 termsDigest) {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/escrows/" + termsDigest.toHex()))
            .timeout(TIMEOUT)
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .handle(
            (response, failure) -> {
              if (failure != null) {
                throw unreachable(failure);
              }
              return facts(response);
            });
  }

  private EscrowFacts facts(HttpResponse<byte[]> response) {
    try {
      Answer answer = new Answer(response.statusCode(), JSON.readTree(response.body()));
      if (answer.status() == 200) {
        return EscrowFacts.of(answer.body());
      }
      if (answer.code() == AnswerCode.UNKNOWN_ESCROW) {
        return EscrowFacts.unknown();
      }
      throw new VtsException(base + " answered " + answer.code() + ": " + answer.detail());
    } catch (IOException | IllegalArgumentException | ProtocolException e) {
      throw new VtsException(base + " answered something that is not its protocol", e);
    }
  }

  private VtsException unreachable(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return new VtsException(base + " cannot be reached: " + Unreachable.why(cause), cause);
  }

  /** Claims. */
  public ClaimReply claim(Claim claim) {
    Answer answer = post("/v1/claims", Map.of("claim", claim.toBase64Url()));
    AnswerCode code = answer.code();
    JsonNode decision =
        code == AnswerCode.DOUBLE_SPEND ? answer.body().path("answer") : answer.body();
    return new ClaimReply(
        code,
        decision.hasNonNull("claimId")
            ? Bytes32.fromHex(decision.get("claimId").asText())
            : Bytes32.ZERO,
        decision.path("position").asLong(),
        code == AnswerCode.GRANTED
            ? Optional.of(CompactSignature.fromHex(decision.path("signature").asText()))
            : Optional.empty(),
        answer.retryAfterMillis());
  }

  /** Any GET below the base. */
  public Answer get(String path) {
    return send(HttpRequest.newBuilder(base.resolve(path)).GET());
  }

  /** Any POST of a JSON document. */
  public Answer post(String path, Object body) {
    try {
      return send(
          HttpRequest.newBuilder(base.resolve(path))
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not serialisable: " + body.getClass(), e);
    }
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response =
          http.send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), JSON.readTree(response.body()));
    } catch (JsonProcessingException e) {
      throw new VtsException(base + " answered something that is not JSON", e);
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VtsException("interrupted while waiting for " + base, e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}

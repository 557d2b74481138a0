package org.micropay.vts.appliance.log;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.Cosignature;
import org.micropay.vts.transparency.CosignatureRecord;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.NoteLine;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.VerifierKey;
import org.micropay.vts.transparency.WitnessRequest;

/**
 * The asking side of C2SP tlog-witness: sends each new checkpoint to the configured witnesses and
 * takes their cosignatures. One thread.
 */
final class Witnesses implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int CONFLICT = 409;
  private static final int MAX_ANSWER = 16 * 1024;

  /**
   * A witness.
   *
   * @param key its cosignatures' verifier key
   * @param url submission prefix; null when it brings them itself
   */
  record Witness(VerifierKey key, URI url) {}

  private final List<Witness> witnesses;
  private final Map<VerifierKey, Long> cosigned = new HashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  Witnesses(List<Witness> witnesses) {
    this.witnesses = List.copyOf(witnesses);
  }

  List<VerifierKey> keys() {
    return witnesses.stream().map(Witness::key).toList();
  }

  /** Why a witness has not cosigned. */
  static final class WitnessException extends Exception {
    private static final long serialVersionUID = 1;

    WitnessException(String message) {
      super(message);
    }
  }

  /** Whether any is to be asked. */
  boolean any() {
    return witnesses.stream().anyMatch(w -> w.url() != null);
  }

  /** Those to be asked. */
  List<Witness> asked() {
    return witnesses.stream().filter(w -> w.url() != null).toList();
  }

  /**
   * Asks one for its cosignature.
   *
   * @param consistency the proof from an older size to the checkpoint's
   * @throws WitnessException when it gives none
   */
  CosignatureRecord ask(
      Witness witness,
      SignedNote note,
      Checkpoint checkpoint,
      LongFunction<List<Bytes32>> consistency)
      throws WitnessException {
    long old = cosigned.getOrDefault(witness.key(), 0L);
    HttpResponse<byte[]> answer = send(witness, note, old, consistency);
    if (answer.statusCode() == CONFLICT) {
      old = size(witness, answer.body());
      if (old > checkpoint.size()) {
        throw new WitnessException(
            "%s has cosigned a tree of %d leaves, ours has %d: is this journal an older copy?"
                .formatted(witness.key().name(), old, checkpoint.size()));
      }
      answer = send(witness, note, old, consistency);
    }
    if (answer.statusCode() != 200) {
      throw new WitnessException(
          "%s answered %d".formatted(witness.key().name(), answer.statusCode()));
    }
    CosignatureRecord record = read(witness, note, checkpoint, answer.body());
    cosigned.put(witness.key(), checkpoint.size());
    return record;
  }

  private HttpResponse<byte[]> send(
      Witness witness, SignedNote note, long old, LongFunction<List<Bytes32>> consistency)
      throws WitnessException {
    List<Bytes32> proof = old == 0 ? List.of() : consistency.apply(old);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(witness.url() + "/add-checkpoint"))
            .timeout(TIMEOUT)
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    new WitnessRequest(old, proof, note).encode()))
            .build();
    try {
      return http.send(
          request,
          HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER));
    } catch (IOException e) {
      throw new WitnessException(witness.key().name() + " cannot be reached: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WitnessException("interrupted while waiting for " + witness.key().name());
    }
  }

  private static long size(Witness witness, byte[] body) throws WitnessException {
    String text = new String(body, java.nio.charset.StandardCharsets.US_ASCII).strip();
    if (!text.matches("0|[1-9][0-9]{0,17}")) {
      throw new WitnessException(witness.key().name() + " answered 409 without its size");
    }
    return Long.parseLong(text);
  }

  /** The witness's line out of its answer; lines of keys that we do not know are left alone. */
  private static CosignatureRecord read(
      Witness witness, SignedNote note, Checkpoint checkpoint, byte[] body)
      throws WitnessException {
    try {
      byte[] text = (note.text() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
      byte[] whole = java.util.Arrays.copyOf(text, text.length + body.length);
      System.arraycopy(body, 0, whole, text.length, body.length);
      NoteLine line =
          SignedNote.parse(whole)
              .signedBy(witness.key())
              .orElseThrow(() -> new LogDataException("its answer has no line of its key"));
      return new CosignatureRecord(
          checkpoint.size(), checkpoint.root(), Cosignature.of(line), witness.key());
    } catch (LogDataException e) {
      throw new WitnessException(witness.key().name() + ": " + e.getMessage());
    }
  }

  /** Every cosignature of a known witness in a note. */
  List<CosignatureRecord> in(SignedNote note) {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    List<CosignatureRecord> records = new ArrayList<>();
    for (VerifierKey key : keys()) {
      note.signedBy(key)
          .ifPresent(
              line ->
                  records.add(
                      new CosignatureRecord(
                          checkpoint.size(), checkpoint.root(), Cosignature.of(line), key)));
    }
    return records;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

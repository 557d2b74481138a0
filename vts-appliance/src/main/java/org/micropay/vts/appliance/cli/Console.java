package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.appliance.demo.DemoProgress;

/**
 * What a command prints. Results go to standard output, as text or with {@code --json} as one JSON
 * document; everything else (progress, hints, errors for people) goes to standard error, so that a
 * pipe only ever sees the result.
 */
public final class Console {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final PrintStream out;
  private final PrintStream err;

  /** {@code out} takes results, {@code err} the rest. */
  public Console(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** The process's own streams. */
  public static Console system() {
    return new Console(System.out, System.err);
  }

  /** Where results go, for what picocli prints itself: help and version. */
  PrintWriter writer() {
    return new PrintWriter(out, true);
  }

  /** One line of a result, or several. */
  public void print(String text) {
    out.println(text);
    out.flush();
  }

  /** Where the bytes of a result go that is no text. */
  PrintStream stream() {
    return out;
  }

  /** A result as JSON: a record, map or list. */
  public void printJson(Object result) {
    print(toJson(result));
  }

  /** A hint or progress line for the person; never part of the result. */
  public void note(String text) {
    err.println(text);
    err.flush();
  }

  /** Shows the steps of something that takes a while. */
  DemoProgress progress() {
    return ConsoleProgress.on(err);
  }

  /** A failure: one line, or with {@code json} a document on standard output as well. */
  public void fail(boolean json, String code, ExitCode exitCode, String message) {
    note("vts: " + message);
    if (json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("code", code);
      error.put("message", message);
      error.put("exit_code", exitCode.number());
      printJson(Map.of("error", error));
    }
  }

  /** {@code value} as JSON on one line, names as they are. */
  static String toJsonLine(Object value) {
    try {
      return JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + value.getClass(), e);
    }
  }

  /** {@code value} as indented JSON with snake_case names. */
  public static String toJson(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + value.getClass(), e);
    }
  }
}

package org.micropay.vts.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.TicketRefusal;

/** Bodies of challenges and refusals: RFC 9457 problems, and a page for people. Any thread. */
final class Challenges {
  static final String PROBLEM = "application/problem+json";
  static final String HTML = "text/html; charset=utf-8";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PAGE = page();

  private Challenges() {}

  private static String page() {
    try (InputStream in = Challenges.class.getResourceAsStream("payment-required.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String json(Challenge challenge) {
    return json(challenge.toJson());
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + value.getClass(), e);
    }
  }

  /** The problem that goes with a challenge. */
  static String problem(Challenge challenge, String detail) {
    Map<String, Object> problem =
        members(402, "Payment Required", challenge.refusal().name(), detail);
    problem.putAll(challenge.toJson());
    return json(problem);
  }

  /** A problem without a challenge. */
  static String problem(int status, String title, String code, String detail) {
    return json(members(status, title, code, detail));
  }

  private static Map<String, Object> members(int status, String title, String code, String detail) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("code", code);
    problem.put("detail", detail);
    return problem;
  }

  /** The same for a person with a browser. */
  static String html(Challenge challenge, String detail) {
    boolean first = challenge.refusal() == TicketRefusal.PAYMENT_REQUIRED;
    return PAGE.replace("{{price}}", challenge.price().toString())
        .replace("{{detail}}", first ? "" : escape(detail))
        .replace("{{network}}", challenge.network().id())
        .replace("{{vts}}", escape(challenge.vts().toString()));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}

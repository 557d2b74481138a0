package org.micropay.vts.appliance.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.RawHttp.Answer;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ticket.Claim;

/** The served description says what the server does: the same routes, the same fields. */
class OpenApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ROUTES =
      Set.of(
          "GET /livez",
          "GET /readyz",
          "GET /metrics",
          "GET /v1/openapi.json",
          "GET /v1/supported",
          "GET /v1/status",
          "POST /v1/escrows",
          "GET /v1/escrows/{termsDigest}",
          "POST /v1/claims",
          "GET /v1/claims/{claimId}",
          "GET /v1/evidence/{termsDigest}",
          "GET /v1/settlement/account",
          "POST /v1/settlement/psbt/export",
          "POST /v1/settlement/psbt/import",
          "GET /v1/proofs/{claimId}",
          "GET /v1/positions/{position}",
          "GET /log/checkpoint",
          "GET /log/tile/{level}/{index}",
          "POST /log/cosignatures",
          "GET /v1/settlement/plan",
          "POST /v1/settlement/run",
          "POST /v1/settlement/pause",
          "POST /v1/settlement/resume",
          "POST /v1/settlement/fee",
          "POST /v1/dev/fund",
          "POST /v1/dev/mine",
          "GET /v1/dev/blocks/{height}");

  @TempDir static Path directory;
  private static TestServer server;
  private static RawHttp http;
  private static JsonNode document;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start(directory);
    http = RawHttp.open(server.httpUri());
    document = http.request("GET", "/v1/openapi.json").json();
  }

  @AfterAll
  static void stop() throws IOException {
    http.close();
    server.close();
  }

  private static Set<String> routes(JsonNode description) {
    Set<String> routes = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        routes.add(method.getKey().toUpperCase() + " " + path.getKey());
      }
    }
    return routes;
  }

  @Test
  void shouldListExactlyTheRoutesThatExist() throws IOException {
    assertEquals("3.1.0", document.path("openapi").asText());
    assertEquals(new TreeSet<>(ROUTES), routes(document));
    for (String route : ROUTES) {
      String[] parts = route.split(" ");
      String path = parts[1].replaceAll("\\{height}", "1").replaceAll("\\{.*}", "00".repeat(32));
      // DELETE is nobody's: the answer tells the methods that there are.
      Answer answer = http.request("DELETE", path);
      assertEquals(405, answer.status(), route);
      String allowed = parts[0].equals("GET") ? "GET, HEAD" : parts[0];
      assertEquals(allowed, answer.headers().get("allow"), route);
    }
  }

  @Test
  void shouldLeaveTheEmbeddedChainOutWhereThereIsNone() throws IOException {
    Set<String> expected = new TreeSet<>(ROUTES);
    expected.removeIf(route -> route.contains("/v1/dev/"));
    assertEquals(expected, routes(JSON.readTree(OpenApi.document(false))));
    assertEquals(new TreeSet<>(ROUTES), routes(JSON.readTree(OpenApi.document(true))));
  }

  @Test
  void shouldReferOnlyToSchemasThatItHas() {
    List<String> references = new ArrayList<>(document.findValuesAsText("$ref"));
    assertFalse(references.isEmpty());
    for (String reference : references) {
      assertTrue(resolve(reference).isObject(), reference);
    }
    Set<String> used = new TreeSet<>(references);
    Set<String> defined = new TreeSet<>();
    document
        .path("components")
        .path("schemas")
        .properties()
        .forEach(s -> defined.add("#/components/schemas/" + s.getKey()));
    assertEquals(defined, used, "every schema is used");
  }

  @Test
  void shouldAnswerAsDescribed() throws IOException {
    List<TestEscrow> escrows = server.escrows(2);
    check("GET", "/v1/supported", null, 200);
    check("GET", "/v1/status", null, 200);
    check("GET", "/readyz", null, 200);
    String registration = "{\"registration\":\"%s\"}";
    String known = registration.formatted(escrows.get(0).registration().toBase64Url());
    check("POST", "/v1/escrows", known, 200);
    String other = escrows.get(0).with(50_000, 7).registration().toBase64Url();
    check("POST", "/v1/escrows", registration.formatted(other), 409);
    check("POST", "/v1/escrows", "{}", 400);
    String escrow = "/v1/escrows/" + escrows.get(0).terms().digest();
    check("GET", escrow, null, 200);
    check("GET", "/v1/escrows/" + "00".repeat(32), null, 404);
    check("GET", "/v1/escrows/x", null, 400);

    Claim claim = escrows.get(0).winner();
    String body = "{\"claim\":\"" + claim.toBase64Url() + "\"}";
    JsonNode granted = check("POST", "/v1/claims", body, 200);
    assertEquals(claim.id().toHex(), granted.path("claimId").asText());
    check("GET", "/v1/claims/" + claim.id(), null, 200);
    check("GET", "/v1/claims/" + "00".repeat(32), null, 404);
    Poll.until(
        "a checkpoint covers the grant",
        () -> server.http().get("/v1/proofs/" + claim.id()).status() == 200);
    check("GET", "/v1/proofs/" + claim.id(), null, 200);
    check("GET", "/v1/proofs/" + "00".repeat(32), null, 404);
    check("GET", "/v1/proofs/x", null, 400);
    check("GET", "/v1/positions/" + granted.path("position").asText(), null, 200);
    check("GET", "/v1/positions/1", null, 404);
    check("GET", "/v1/positions/0", null, 400);
    check("GET", "/log/tile/0/123", null, 404);
    JsonNode again = check("POST", "/v1/claims", body, 200);
    assertTrue(again.has("inclusion"), "the same claim again brings its proof");
    check("GET", "/v1/claims/x", null, 400);
    check("GET", escrow, null, 200);
    String second = "{\"claim\":\"" + escrows.get(0).winner().toBase64Url() + "\"}";
    JsonNode refused = check("POST", "/v1/claims", second, 409);
    assertTrue(
        refused.path("answer").path("position").asLong() > granted.path("position").asLong());
    JsonNode state = check("GET", escrow, null, 200);
    assertEquals("DOUBLE_SPENT", state.path("state").asText());
    String lost = "{\"claim\":\"" + escrows.get(1).loser().toBase64Url() + "\"}";
    check("POST", "/v1/claims", lost, 422);
    check("POST", "/v1/claims", "{\"claim\":\"\"}", 400);

    check("GET", "/v1/settlement/plan", null, 200);
    check("POST", "/v1/settlement/run", "{}", 200);
    check("POST", "/v1/settlement/fee", "{\"satPerVbyte\":12.5}", 200);
    check("POST", "/v1/settlement/fee", "{\"satPerVbyte\":-1}", 400);
    JsonNode paused = check("POST", "/v1/settlement/pause", "{}", 200);
    assertEquals("{\"paused\":true,\"feeRateSatPerVbyte\":12.5}", paused.toString());
    check("POST", "/v1/settlement/resume", "{}", 200);

    String script = escrows.get(0).terms().escrowScript().scriptPubKey().toHex();
    String output = "{\"outputs\":[{\"script\":\"" + script + "\",\"value\":1000}]}";
    check("POST", "/v1/dev/fund", output, 200);
    check("POST", "/v1/dev/fund", "{}", 400);
    check("POST", "/v1/dev/mine", "{\"blocks\":1}", 200);
    check("GET", "/v1/dev/blocks/1", null, 200);
    check("GET", "/v1/dev/blocks/100000", null, 400);
  }

  /** Sends a request and holds the answer against the description of its route and status. */
  private static JsonNode check(String method, String path, String body, int status)
      throws IOException {
    Answer answer = body == null ? http.request(method, path) : http.post(path, body);
    assertEquals(status, answer.status(), method + " " + path + ": " + answer);
    JsonNode content = operation(method, path).path("responses").path("" + status).path("content");
    String type = status < 400 ? "application/json" : "application/problem+json";
    assertEquals(type, answer.headers().get("content-type"), path);
    assertTrue(content.has(type), method + " " + path + " describes " + status);
    assertMatches(content.path(type).path("schema"), answer.json(), method + " " + path);
    return answer.json();
  }

  private static JsonNode operation(String method, String path) {
    for (Map.Entry<String, JsonNode> pattern : document.path("paths").properties()) {
      if (path.matches(pattern.getKey().replaceAll("\\{[^}]*}", "[^/]+"))) {
        return pattern.getValue().path(method.toLowerCase());
      }
    }
    throw new AssertionError(path + " is not described");
  }

  private static JsonNode resolve(String reference) {
    return document.at(reference.substring(1));
  }

  /** The part of JSON Schema that the document uses. */
  private static void assertMatches(JsonNode schema, JsonNode value, String at) {
    if (schema.has("$ref")) {
      assertMatches(resolve(schema.path("$ref").asText()), value, at);
      return;
    }
    if (schema.has("const")) {
      assertEquals(schema.path("const"), value, at);
    }
    if (schema.has("enum")) {
      List<JsonNode> known = new ArrayList<>();
      schema.path("enum").forEach(known::add);
      assertTrue(known.contains(value), at + ": " + value);
    }
    switch (schema.path("type").asText("any")) {
      case "object" -> {
        assertTrue(value.isObject(), at + ": " + value);
        schema.path("required").forEach(n -> assertTrue(value.has(n.asText()), at + " lacks " + n));
        for (Map.Entry<String, JsonNode> field : value.properties()) {
          JsonNode described = schema.path("properties").path(field.getKey());
          if (!schema.has("properties")) {
            continue;
          }
          assertFalse(described.isMissingNode(), at + " has undescribed " + field.getKey());
          assertMatches(described, field.getValue(), at + "." + field.getKey());
        }
      }
      case "array" -> {
        assertTrue(value.isArray(), at);
        value.forEach(item -> assertMatches(schema.path("items"), item, at + "[]"));
      }
      case "integer" -> assertTrue(value.isIntegralNumber(), at + ": " + value);
      case "boolean" -> assertTrue(value.isBoolean(), at + ": " + value);
      case "string" -> {
        assertTrue(value.isTextual(), at + ": " + value);
        if (schema.has("pattern")) {
          String pattern = schema.path("pattern").asText();
          assertTrue(value.asText().matches(pattern), at + ": " + value + " against " + pattern);
        }
      }
      default -> {}
    }
  }
}

package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Base64;
import java.util.stream.Collectors;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/**
 * JSON of the HTTP interface: strict in what it takes (unknown or repeated fields, coerced types,
 * trailing text and deep nesting are refused), camelCase in what it gives.
 */
public final class HttpJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxNumberLength(24)
                          .maxNameLength(64)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private HttpJson() {}

  /** {@code value} as UTF-8 JSON. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new IllegalStateException("not serialisable: " + value.getClass(), e);
    }
  }

  /**
   * Reads one object.
   *
   * @throws ProtocolException MALFORMED, with the field or position that is wrong
   */
  public static <T> T read(byte[] body, Class<T> type) {
    try {
      T value = MAPPER.readValue(body, type);
      if (value == null) {
        throw new ProtocolException(AnswerCode.MALFORMED, "the body is null; send an object");
      }
      return value;
    } catch (UnrecognizedPropertyException e) {
      throw malformed(
          "unknown field '" + e.getPropertyName() + "'; known: " + e.getKnownPropertyIds());
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof ProtocolException known) {
        throw known;
      }
      throw malformed(place(e) + ": " + firstLine(e.getOriginalMessage()));
    } catch (JacksonException e) {
      throw malformed("not valid JSON: " + firstLine(e.getOriginalMessage()));
    } catch (IOException e) {
      throw malformed("not readable as JSON");
    }
  }

  /**
   * The bytes that a field's base64url text stands for.
   *
   * @throws ProtocolException MALFORMED when it is missing, or not the one text that encoding gives
   */
  static byte[] base64Url(String field, String text) {
    if (text == null) {
      throw malformed("field '" + field + "' is missing; put the base64url of the message there");
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      // The decoder also takes padding and stray bits in the last digit.
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // The same answer as for other text that is not canonical.
    }
    throw malformed("field '" + field + "' is not base64url without padding");
  }

  private static String place(JsonMappingException e) {
    String field =
        e.getPath().stream()
            .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
            .collect(Collectors.joining("."));
    return field.isEmpty() ? "the body" : "field '" + field + "'";
  }

  private static ProtocolException malformed(String message) {
    return new ProtocolException(AnswerCode.MALFORMED, message);
  }

  private static String firstLine(String text) {
    return text == null ? "" : text.lines().findFirst().orElse("");
  }
}

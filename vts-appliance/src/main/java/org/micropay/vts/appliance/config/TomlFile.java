package org.micropay.vts.appliance.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** How the program's TOML files are read: strictly, with errors that name line, key and value. */
final class TomlFile {
  private static final TomlMapper TOML =
      TomlMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private TomlFile() {}

  /**
   * Reads records of records.
   *
   * @return null for an empty file
   * @throws ConfigException naming the file, the line where it is known, the key and the value
   */
  static <T> T parse(Path path, byte[] toml, Class<T> type) {
    try {
      return TOML.readValue(toml, type);
    } catch (UnrecognizedPropertyException e) {
      String known =
          e.getKnownPropertyIds().stream().map(Object::toString).sorted().collect(listed());
      throw new ConfigException(
          "%s%s: unknown key '%s'; known here: %s"
              .formatted(path, at(e.getLocation()), keyOf(e), known));
    } catch (JsonMappingException e) {
      throw new ConfigException(
          "%s%s: key '%s': %s".formatted(path, at(e.getLocation()), keyOf(e), reason(e)));
    } catch (JacksonException e) {
      throw new ConfigException(
          "%s%s: not valid TOML: %s".formatted(path, at(e.getLocation()), e.getOriginalMessage()));
    } catch (IOException e) {
      throw new ConfigException(path + " is not readable as TOML");
    }
  }

  private static java.util.stream.Collector<CharSequence, ?, String> listed() {
    return Collectors.joining(", ");
  }

  private static String keyOf(JsonMappingException e) {
    return e.getPath().stream()
        .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
        .collect(Collectors.joining("."));
  }

  private static String at(JsonLocation location) {
    return location == null || location.getLineNr() < 1 ? "" : ":" + location.getLineNr();
  }

  /** The innermost message that a record's own check gave, else the mapper's first line. */
  private static String reason(JsonMappingException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof ConfigException config) {
        return config.getMessage();
      }
    }
    return e.getOriginalMessage().lines().findFirst().orElse("not usable");
  }
}

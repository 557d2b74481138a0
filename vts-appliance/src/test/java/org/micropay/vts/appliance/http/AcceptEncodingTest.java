package org.micropay.vts.appliance.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Accept-Encoding as RFC 9110 means it. */
class AcceptEncodingTest {
  private static boolean takesGzip(String... fields) {
    return AcceptEncoding.takesGzip(List.of(fields));
  }

  @Test
  void shouldCompressForThoseWhoTakeGzip() {
    for (String field :
        List.of(
            "gzip",
            "GZip",
            "x-gzip",
            "br, gzip",
            "deflate,gzip;q=1.0, *;q=0.5",
            "gzip; q=0.001",
            "gzip;q=1.000",
            "identity;q=0, gzip",
            "*",
            "*;q=0.1",
            "br;q=0 , *")) {
      assertTrue(takesGzip(field), field);
    }
    assertTrue(takesGzip("br", "gzip"), "two fields");
  }

  @Test
  void shouldSendThePlainFormToAllOthers() {
    assertFalse(takesGzip(), "no field");
    for (String field :
        List.of(
            "",
            ",",
            ";",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0.000",
            "*, gzip;q=0",
            "*;q=0",
            "gzip;q=2",
            "gzip;q=x",
            "gzip;q=",
            "gzipped",
            "notgzip;q=1")) {
      assertFalse(takesGzip(field), field);
    }
  }
}

package org.micropay.vts.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.Price;

/**
 * The paper's sample server (section 4.2) on the proxy's own code: {@code /base} gives a page of
 * about 2 kB with a parameter of the request in it, {@code /ask} a request for a ticket, {@code
 * /buy} the same page for a ticket. Any event loop.
 */
public final class SamplePages implements ContentSource, ContentSource.PerLoop {
  /** Where the free page is. */
  public static final String BASE = "/base";

  /** Where asks are had in advance. */
  public static final String ASK = "/ask";

  /** Where the page costs. */
  public static final String BUY = "/buy";

  private static final String HTML = "text/html; charset=utf-8";
  private static final int MAX_NAME = 64;

  private final Merchant merchant;
  private final Price price;
  private final String[] parts = template().split("@", -1);
  private final AtomicLong served = new AtomicLong();

  /** Pages at this price. */
  public SamplePages(Merchant merchant, Price price) {
    this.merchant = merchant;
    this.price = price;
  }

  /** What the pages cost. */
  public static PriceList prices(Price price) {
    return new PriceList(List.of(new PriceList.Rule(BUY, price)));
  }

  private static String template() {
    try (InputStream in = SamplePages.class.getResourceAsStream("sample.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ContentSource.PerLoop open(Context context) {
    return this;
  }

  @Override
  public Future<Void> serve(ProxiedRequest request) {
    HttpServerResponse response = request.incoming().response();
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (!head && !request.method().equals(HttpMethod.GET)) {
      request.writeResult();
      return response.putHeader("allow", "GET, HEAD").setStatusCode(405).end();
    }
    request.incoming().resume();
    return switch (request.path()) {
      case BASE, BUY -> {
        request.writeResult();
        yield send(response, 200, HTML, page(request.incoming().getParam("name")), head);
      }
      case ASK -> {
        response.putHeader("cache-control", "no-store");
        byte[] ask = Challenges.json(merchant.ask(price)).getBytes(StandardCharsets.UTF_8);
        yield send(response, 200, "application/json", ask, head);
      }
      default -> {
        request.writeResult();
        yield send(
            response,
            404,
            "text/plain; charset=utf-8",
            "nothing here; try /base, /ask or /buy\n".getBytes(StandardCharsets.UTF_8),
            head);
      }
    };
  }

  private static Future<Void> send(
      HttpServerResponse response, int status, String type, byte[] body, boolean head) {
    response.setStatusCode(status).putHeader("content-type", type);
    response.putHeader("content-length", Integer.toString(body.length));
    return head ? response.end() : response.end(io.vertx.core.buffer.Buffer.buffer(body));
  }

  /** The page for this visitor: parts of the template with name, number and time between them. */
  private byte[] page(String name) {
    StringBuilder page = new StringBuilder(2_304);
    page.append(parts[0]).append(escape(name == null || name.isBlank() ? "reader" : name));
    page.append(parts[1]).append(served.incrementAndGet());
    page.append(parts[2]).append(Instant.now());
    return page.append(parts[3]).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String escape(String text) {
    String bounded = text.length() > MAX_NAME ? text.substring(0, MAX_NAME) : text;
    return bounded
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}

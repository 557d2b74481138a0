package org.micropay.vts.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.ticket.Network;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo shop: a page with a wallet of test coins in plain JavaScript, a free list of articles,
 * and the articles, which cost. On a test network it may also give escrows away. Everything comes
 * from this jar; the page asks nobody else. Immutable; any event loop.
 *
 * <pre>
 *   GET  /              the page            GET  /articles/NAME  an article, costs a ticket
 *   GET  /page/NAME     its parts           POST /test-escrow    an escrow file (docs/PAYING.md)
 *   GET  /catalog       articles, prices
 * </pre>
 */
public final class ShopPages implements ContentSource {
  private static final Logger LOG = LoggerFactory.getLogger("vts.shop");
  private static final String ARTICLES = "/articles/";
  private static final String TEST_ESCROW = "/test-escrow";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** Where the build puts the signing library that npm brought. */
  private static final String LIBRARY = "/META-INF/npm/noble-secp256k1/index.js";

  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none';"
          + " form-action 'self'";
  private static final List<String> NAMES =
      List.of("one-in-n", "two-halves", "one-escrow", "what-a-win-looks-like", "who-watches");
  private static final Map<String, String> PARTS =
      Map.of(
          "shop.css", "text/css; charset=utf-8",
          "icon.svg", "image/svg+xml",
          "start.js", SCRIPT,
          "shop.js", SCRIPT,
          "wallet.js", SCRIPT,
          "protocol.js", SCRIPT);

  private final Map<String, Page> pages = new LinkedHashMap<>();
  private final Optional<Callable<String>> testEscrows;

  private record Page(String type, byte[] bytes) {}

  /**
   * A shop.
   *
   * @param network of the merchant
   * @param price of each article
   * @param testEscrows gives a new escrow file at each call, on a thread that may block
   * @throws IllegalArgumentException on mainnet: keys in a web page are for test coins
   */
  public ShopPages(Network network, Price price, Optional<Callable<String>> testEscrows) {
    if (network == Network.MAINNET) {
      throw new IllegalArgumentException("the demo shop is for test networks, not for mainnet");
    }
    this.testEscrows = testEscrows;
    pages.put("/", new Page("text/html; charset=utf-8", resource("shop/index.html")));
    PARTS.forEach((name, type) -> pages.put("/page/" + name, new Page(type, part(name))));
    if (canSign()) {
      pages.put("/page/secp256k1.js", new Page(SCRIPT, resource(LIBRARY)));
    }
    pages.put("/catalog", new Page(JSON, utf8(catalog(network, price))));
  }

  /** Whether the build had npm, so that the page's signing library is there. */
  public static boolean canSign() {
    return ShopPages.class.getResource(LIBRARY) != null;
  }

  /** What the articles cost. */
  public static PriceList prices(Price price) {
    return new PriceList(List.of(new PriceList.Rule(ARTICLES + "**", price)));
  }

  private static byte[] part(String name) {
    return resource("shop/" + name);
  }

  private static byte[] resource(String name) {
    try (InputStream in = ShopPages.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the articles; a title, a blank line, paragraphs with blank lines between them. */
  private String catalog(Network network, Price price) {
    List<Map<String, Object>> articles = new ArrayList<>();
    for (String name : NAMES) {
      byte[] text = resource("shop/articles/" + name + ".txt");
      pages.put(ARTICLES + name, new Page(TEXT, text));
      String[] blocks = new String(text, StandardCharsets.UTF_8).split("\n\n", 3);
      Map<String, Object> article = new LinkedHashMap<>();
      article.put("path", ARTICLES + name);
      article.put("title", blocks[0]);
      article.put("teaser", blocks[1].replace('\n', ' ').replaceFirst("(?<=[.?!]) .*", ""));
      article.put("priceMsat", price.msat());
      articles.add(article);
    }
    Map<String, Object> catalog = new LinkedHashMap<>();
    catalog.put("network", network.id());
    catalog.put("testEscrows", testEscrows.isPresent());
    catalog.put("articles", articles);
    return Challenges.json(catalog);
  }

  @Override
  public ContentSource.PerLoop open(Context context) {
    return new PerLoop() {
      @Override
      public Future<Void> serve(ProxiedRequest request) {
        return ShopPages.this.serve(context, request);
      }

      @Override
      public Future<Void> close() {
        return Future.succeededFuture();
      }
    };
  }

  private Future<Void> serve(Context context, ProxiedRequest request) {
    HttpServerResponse response = request.incoming().response();
    request.incoming().resume();
    request.writeResult();
    response
        .putHeader("content-security-policy", POLICY)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer");
    if (request.path().equals(TEST_ESCROW)) {
      return testEscrow(context, request);
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    if (!head && !request.method().equals(HttpMethod.GET)) {
      return problem(response.putHeader("allow", "GET, HEAD"), 405, "only GET and HEAD are here");
    }
    Page page = pages.get(request.path());
    if (page == null) {
      return problem(response, 404, "nothing here; the shop's page is /");
    }
    if (request.check().isEmpty()) {
      response.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    }
    return send(response, 200, page.type, page.bytes, head);
  }

  private Future<Void> testEscrow(Context context, ProxiedRequest request) {
    HttpServerResponse response = request.incoming().response();
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (testEscrows.isEmpty()) {
      return problem(response, 404, "this shop gives no escrows; make one with vts buyer export");
    }
    // A page of another origin cannot send this type without being allowed to, and it is not.
    if (!request.method().equals(HttpMethod.POST)
        || !JSON.equals(request.incoming().getHeader(HttpHeaders.CONTENT_TYPE))) {
      return problem(response, 415, "POST an empty object as application/json");
    }
    return context
        .executeBlocking(testEscrows.get())
        .transform(
            made -> {
              if (made.succeeded()) {
                return send(response, 200, JSON, utf8(made.result()), false);
              }
              LOG.warn("no test escrow: {}", made.cause().getMessage());
              return problem(response, 503, "the test chain gives no escrow now");
            });
  }

  private static Future<Void> problem(HttpServerResponse response, int status, String detail) {
    String title =
        switch (status) {
          case 404 -> "Not Found";
          case 405 -> "Method Not Allowed";
          case 415 -> "Unsupported Media Type";
          default -> "Service Unavailable";
        };
    String body = Challenges.problem(status, title, "SHOP", detail);
    return send(response, status, Challenges.PROBLEM, utf8(body), false);
  }

  private static Future<Void> send(
      HttpServerResponse response, int status, String type, byte[] body, boolean head) {
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, type);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length));
    return head ? response.end() : response.end(io.vertx.core.buffer.Buffer.buffer(body));
  }
}

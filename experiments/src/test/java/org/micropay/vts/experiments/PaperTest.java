package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.secp256k1.Kernels;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** All experiments end to end, with few of everything, and the page that comes out. */
class PaperTest {
  private static final Set<String> FETCHING =
      Set.of("img", "link", "iframe", "object", "embed", "audio", "video", "source", "base");
  private static final PaperOptions FEW =
      new PaperOptions(60, 2, 200, 1, 40, 1, 10, 1, 4, 8, 200, 7);

  @TempDir Path folder;

  private static final class Counting implements PaperProgress {
    private final List<String> steps = new ArrayList<>();
    private int left;

    @Override
    public void begin(String name, int units) {
      left = units;
    }

    @Override
    public void advance(int units) {
      left -= units;
    }

    @Override
    public void done(String result) {
      assertEquals(0, left, "progress must reach its end: " + result);
      steps.add(result);
    }
  }

  @Test
  void shouldRunEveryExperimentAndWriteASelfContainedReport() throws Exception {
    Counting progress = new Counting();
    Map<String, Object> summary =
        new Paper(FEW, Kernels.select(Kernels.AUTO), Paper.Cores.ANY, progress, "vts paper <&>")
            .run(folder);
    assertEquals(7, progress.steps.size());
    assertTrue(summary.containsKey("vts_check"), summary.toString());
    JsonNode data = new ObjectMapper().readTree(folder.resolve("paper.json").toFile());
    assertEquals(5, data.path("operations").path("rows").size());
    for (String page : List.of("base", "ask", "buy", "buy_first")) {
      JsonNode arm = data.path("web").path(page);
      assertEquals(0, arm.path("failed").asInt(), page);
      assertTrue(arm.path("per_s").path("mean").asDouble() > 0, page);
    }
    assertEquals(0, data.path("legacy").path("buy").path("failed").asInt());
    assertTrue(data.path("page_costs").path("within_from_us").isNumber());
    for (JsonNode page : data.path("page_costs").path("pages")) {
      assertTrue(page.path("page_us").asDouble() > 0, page.toString());
      assertTrue(page.path("share").path("mean").asDouble() > 0, page.toString());
    }
    assertEquals(8, data.path("network").path("experiment_ms").size());
    checkPage(Files.readString(folder.resolve("paper.html")));
  }

  private static void checkPage(String html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    Document page =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    NodeList elements = page.getElementsByTagName("*");
    String policy = "";
    for (int i = 0; i < elements.getLength(); i++) {
      Element element = (Element) elements.item(i);
      assertFalse(FETCHING.contains(element.getTagName()), element.getTagName() + " fetches");
      assertFalse(
          element.hasAttribute("src") || element.hasAttribute("href"), element.getTagName());
      policy += element.getAttribute("content");
    }
    assertTrue(policy.contains("default-src 'none'"), "a browser must be told to fetch nothing");
    assertFalse(html.contains("{{"), "every part of the page is filled");
    assertFalse(html.contains("NaN") && html.contains("Infinity %"), "no figure is missing");
    assertTrue(html.contains("vts paper &lt;&amp;&gt;"), "the command is escaped");
  }
}

package org.micropay.vts.proxy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.micropay.vts.merchant.Price;

/**
 * Which path costs how much. A pattern is a path with {@code *} for any characters within one
 * segment and {@code **} for any at all; of those that match, the one with the longest text before
 * its first star decides, then the longer one, then the earlier one. A path that none matches is
 * free. Immutable; any thread.
 *
 * <p>Patterns are held against {@link RequestPath#decoded}, so that no other spelling of a path has
 * another price.
 */
public final class PriceList {
  private final List<Entry> entries = new ArrayList<>();
  private final List<Rule> rules;

  /**
   * One line of the list.
   *
   * @param path pattern, beginning with a slash
   * @param price of each request
   */
  public record Rule(String path, Price price) {}

  private record Entry(Rule rule, int literal, Pattern pattern) {}

  /**
   * A list.
   *
   * @throws IllegalArgumentException for a pattern that does not begin with a slash
   */
  public PriceList(List<Rule> rules) {
    this.rules = List.copyOf(rules);
    for (Rule rule : rules) {
      if (!rule.path().startsWith("/")) {
        throw new IllegalArgumentException(
            "price pattern '" + rule.path() + "' does not begin with a slash");
      }
      int star = rule.path().indexOf('*');
      entries.add(
          new Entry(rule, star < 0 ? Integer.MAX_VALUE : star, Pattern.compile(regex(rule))));
    }
    entries.sort(
        Comparator.comparingInt((Entry e) -> e.literal)
            .thenComparingInt(e -> e.rule.path().length())
            .reversed());
  }

  private static String regex(Rule rule) {
    StringBuilder regex = new StringBuilder();
    String path = rule.path();
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) != '*') {
        regex.append(Pattern.quote(path.substring(i, i + 1)));
      } else if (i + 1 < path.length() && path.charAt(i + 1) == '*') {
        regex.append("(?s:.*)");
        i++;
      } else {
        regex.append("[^/]*");
      }
    }
    return regex.toString();
  }

  /** Price of a decoded path. */
  public Price of(String path) {
    for (Entry entry : entries) {
      if (entry.pattern.matcher(path).matches()) {
        return entry.rule.price();
      }
    }
    return Price.FREE;
  }

  /** The lines as they were given. */
  public List<Rule> rules() {
    return rules;
  }
}

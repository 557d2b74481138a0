package org.micropay.vts.affinity;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** The kernel's list format for CPUs, as in {@code 0-3,8,10-14:2}; see cpuset(7). */
public final class CpuList {
  private static final int MAX_CPU = 1 << 16;

  private CpuList() {}

  /** Parses a list; an empty or blank text is an empty set. */
  public static SortedSet<Integer> parse(String text) {
    SortedSet<Integer> cpus = new TreeSet<>();
    String list = text.strip();
    if (list.isEmpty()) {
      return cpus;
    }
    for (String part : list.split(",")) {
      try {
        addRange(cpus, part.strip());
      } catch (NumberFormatException e) {
        throw new AffinityException("'" + list + "' is not a list of CPUs such as 0-3,8", e);
      }
    }
    return cpus;
  }

  private static void addRange(SortedSet<Integer> cpus, String part) {
    String[] rangeAndStride = part.split(":", 2);
    String[] range = rangeAndStride[0].split("-", 2);
    int stride = rangeAndStride.length == 2 ? Integer.parseUnsignedInt(rangeAndStride[1]) : 1;
    int first = Integer.parseUnsignedInt(range[0]);
    int last = Integer.parseUnsignedInt(range[range.length - 1]);
    if (first > last || last >= MAX_CPU || stride < 1) {
      throw new NumberFormatException(part);
    }
    for (int cpu = first; cpu <= last; cpu += stride) {
      cpus.add(cpu);
    }
  }

  /** Writes CPUs as a list with ranges; {@code none} when there are none. */
  public static String format(Collection<Integer> cpus) {
    if (cpus.isEmpty()) {
      return "none";
    }
    StringBuilder text = new StringBuilder();
    SortedSet<Integer> sorted = Collections.unmodifiableSortedSet(new TreeSet<>(cpus));
    int first = sorted.first();
    int last = first;
    for (int cpu : sorted.tailSet(first + 1)) {
      if (cpu != last + 1) {
        appendRange(text, first, last);
        first = cpu;
      }
      last = cpu;
    }
    return appendRange(text, first, last).toString();
  }

  private static StringBuilder appendRange(StringBuilder text, int first, int last) {
    if (!text.isEmpty()) {
      text.append(',');
    }
    text.append(first);
    return first == last ? text : text.append('-').append(last);
  }
}

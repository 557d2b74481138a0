package org.micropay.vts.appliance.cli;

import picocli.CommandLine.Option;

/** The one switch that every command has whose result a program may read. */
public final class JsonOption {
  @Option(names = "--json", description = "Print the result as one JSON document.")
  boolean json;
}

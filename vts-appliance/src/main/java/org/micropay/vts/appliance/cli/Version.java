package org.micropay.vts.appliance.cli;

import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest, and what runs it. */
public final class Version implements IVersionProvider {
  /** Such as {@code 0.1.0}; {@code development} outside a jar. */
  public static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "vts " + number(), "JDK " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}

package org.micropay.vts.appliance.server;

/** Which build this is. */
public final class Build {
  private Build() {}

  /** The jar's version; {@code development} outside a jar. */
  public static String version() {
    String version = Build.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}

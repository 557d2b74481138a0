package org.micropay.vts.appliance.cli;

import org.micropay.vts.appliance.server.Build;
import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest, and what runs it. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "vts " + Build.version(), "JDK " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}

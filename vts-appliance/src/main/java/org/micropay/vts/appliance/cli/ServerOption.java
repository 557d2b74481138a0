package org.micropay.vts.appliance.cli;

import java.net.URI;
import org.micropay.vts.merchant.VtsHttpClient;
import picocli.CommandLine.Option;

/** Which server a client command speaks to. */
public final class ServerOption {
  @Option(
      names = {"-s", "--server"},
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8480",
      description = "HTTP interface of the VTS (default: ${DEFAULT-VALUE}).")
  URI url;

  VtsHttpClient connect() {
    if (url.getHost() == null
        || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--server '" + url + "' is no http(s) URL with a host");
    }
    return new VtsHttpClient(url);
  }
}

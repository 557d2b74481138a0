package org.micropay.vts.appliance.cli;

import java.net.URI;
import java.net.URISyntaxException;
import org.micropay.vts.merchant.VtsHttpClient;
import picocli.CommandLine.Option;

/** Which server a client command speaks to. */
public final class ServerOption {
  @Option(
      names = {"-s", "--server"},
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8480",
      description = "HTTP interface of the VTS (default: ${DEFAULT-VALUE}).")
  String url;

  VtsHttpClient connect() {
    try {
      URI parsed = new URI(url);
      if (parsed.getHost() != null
          && ("http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme()))) {
        return new VtsHttpClient(parsed);
      }
    } catch (URISyntaxException e) {
      // The same answer as for another kind of URL.
    }
    throw new CommandException(
        ExitCode.USAGE, "USAGE", "--server '" + url + "' is no http(s) URL with a host");
  }
}

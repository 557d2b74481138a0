package org.micropay.vts.appliance.cli;

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
    return new VtsHttpClient(HttpUrl.parse("--server", url));
  }
}

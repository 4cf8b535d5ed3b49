package dev.cairn.backend.tdx.emulation;

import java.util.Set;

/**
 * A provider with all attributes, as SEV-SNP below an SVSM has them, and a floor; its report echoes
 * what was asked.
 */
public final class SevLikeReports implements ReportProvider {
  private byte[] outblob = {1};

  /** Makes the report {@code bytes} long. */
  public void setOutblob(int bytes) {
    outblob = new byte[bytes];
  }

  @Override
  public String name() {
    return "sev_guest";
  }

  @Override
  public Set<String> attributes() {
    return Set.of(
        "generation",
        "provider",
        "privlevel",
        "privlevel_floor",
        "inblob",
        "outblob",
        "auxblob",
        "manifestblob",
        "service_provider",
        "service_guid",
        "service_manifest_version");
  }

  @Override
  public int privilegeFloor() {
    return 1;
  }

  @Override
  public Report report(byte[] inblob, int privilegeLevel) {
    return new Report(outblob, new byte[0], new byte[] {(byte) privilegeLevel});
  }
}

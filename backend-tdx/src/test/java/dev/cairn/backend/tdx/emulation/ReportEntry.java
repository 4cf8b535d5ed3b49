package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.emulation.ReportProvider.Report;
import dev.cairn.backend.tdx.fuse.Errno;
import dev.cairn.backend.tdx.fuse.Node;
import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An entry below {@code tsm/report}. */
final class ReportEntry extends Item {
  private static final int MOST_INBLOB = 64;
  private static final int MOST_PRIVILEGE = 3;
  private static final int MOST_ATTRIBUTE = 16 << 20;
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\n?");
  private static final UUID NO_GUID = new UUID(0, 0);

  private final Reports reports;
  private byte[] inblob = new byte[0];
  private int privilegeLevel;
  private UUID serviceGuid = NO_GUID;
  private long writeGeneration;
  private long readGeneration;
  private @Nullable Report report;

  ReportEntry(Reports reports, ReportProvider provider) {
    this.reports = reports;
    Map<String, Node> all =
        Map.ofEntries(
            Map.entry("generation", TextAttribute.readOnly(this, () -> writeGeneration + "\n")),
            Map.entry(
                "provider", TextAttribute.readOnly(this, () -> requireProvider().name() + "\n")),
            Map.entry("inblob", BinaryAttribute.writeOnly(this, MOST_INBLOB, this::commit)),
            Map.entry("outblob", blob(r -> r.outblob)),
            Map.entry("auxblob", blob(r -> r.auxblob)),
            Map.entry("manifestblob", blob(r -> r.manifestblob)),
            Map.entry("privlevel", TextAttribute.writeOnly(this, this::setPrivilegeLevel)),
            Map.entry(
                "privlevel_floor",
                TextAttribute.readOnly(this, () -> requireProvider().privilegeFloor() + "\n")),
            Map.entry("service_provider", TextAttribute.writeOnly(this, text -> advance())),
            Map.entry("service_guid", TextAttribute.writeOnly(this, this::setServiceGuid)),
            Map.entry(
                "service_manifest_version",
                TextAttribute.writeOnly(
                    this,
                    text -> {
                      number(text);
                      advance();
                    })));
    for (String name : provider.attributes()) {
      Node attribute = all.get(name);
      if (attribute == null) {
        throw new IllegalArgumentException(name + ": there are " + all.keySet());
      }
      add(name, attribute);
    }
  }

  private Node blob(Function<Report, byte[]> part) {
    return BinaryAttribute.readOnly(
        this,
        MOST_ATTRIBUTE,
        () -> {
          byte[] bytes = part.apply(current());
          if (bytes.length > reports.mostBytes()) {
            throw new Refusal(Errno.EFBIG);
          }
          return bytes;
        });
  }

  private ReportProvider requireProvider() throws Refusal {
    ReportProvider provider = reports.provider();
    if (provider == null) {
      throw new Refusal(Errno.ENXIO);
    }
    return provider;
  }

  private void advance() throws Refusal {
    if (writeGeneration == readGeneration - 1) {
      throw new Refusal(Errno.EBUSY); // the counter would lap
    }
    writeGeneration++;
  }

  private void commit(byte[] content) throws Refusal {
    reports
        .faults()
        .at(
            Faults.Place.INBLOB,
            () -> {
              advance();
              inblob = content;
              return content;
            });
  }

  /** Takes what another process has committed, whatever faults there are. */
  void askByOthers(byte[] content) {
    writeGeneration++;
    inblob = content.clone();
  }

  private void setPrivilegeLevel(String text) throws Refusal {
    long level = number(text);
    if (level < requireProvider().privilegeFloor() || level > MOST_PRIVILEGE) {
      throw new Refusal(Errno.EINVAL);
    }
    advance();
    privilegeLevel = (int) level;
  }

  private void setServiceGuid(String text) throws Refusal {
    advance();
    serviceGuid = NO_GUID; // before it is parsed
    if (!GUID.matcher(text).matches()) {
      throw new Refusal(Errno.EINVAL);
    }
    serviceGuid = UUID.fromString(text.strip());
  }

  UUID serviceGuid() {
    return serviceGuid;
  }

  /** Returns the report of the last request; has it made unless it is there already. */
  private Report current() throws Refusal {
    if (inblob.length == 0) {
      throw new Refusal(Errno.EINVAL);
    }
    if (report != null && readGeneration == writeGeneration) {
      return report;
    }
    ReportProvider provider = requireProvider();
    report = null;
    Report fresh = provider.report(inblob.clone(), privilegeLevel);
    reports.countReport();
    readGeneration = writeGeneration;
    report = fresh;
    return fresh;
  }
}

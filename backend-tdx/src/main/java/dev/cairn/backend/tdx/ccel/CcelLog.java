package dev.cairn.backend.tdx.ccel;

import dev.cairn.eventlog.LogFormat;
import dev.cairn.measure.ForeignLog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The firmware's log as the kernel shows it, with the filling behind its last record. It was
 * complete when the kernel started, and explains what RTMR0 to RTMR2 held then.
 *
 * @see "Linux drivers/acpi/sysfs.c, acpi_ccel_data_init"
 */
public final class CcelLog implements ForeignLog {
  /** Where the kernel shows the tables of the firmware. */
  public static final Path ACPI_TABLES = Path.of("/sys/firmware/acpi/tables");

  private static final int READ_BYTES = 64 * 1024; // every read maps the area anew

  private final Path table;
  private final Path data;

  /**
   * Names the log; it need not be there.
   *
   * @param acpiTables usually {@link #ACPI_TABLES}
   */
  public CcelLog(Path acpiTables) {
    this.table = acpiTables.resolve("CCEL");
    this.data = acpiTables.resolve("data").resolve("CCEL");
  }

  @Override
  public Origin origin() {
    return Origin.FIRMWARE;
  }

  @Override
  public String location() {
    return data.toString();
  }

  @Override
  public String format() {
    return LogFormat.TCG2.label();
  }

  /**
   * Reads the table that describes the log.
   *
   * @throws java.nio.file.NoSuchFileException if the firmware has left none
   * @throws IOException if it cannot be read or is not such a table
   */
  public CcelTable table() throws IOException {
    return CcelTable.read(table);
  }

  /**
   * Opens the log.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws IOException if it cannot be read, or is that of another kind of guest, whose registers
   *     are not RTMRs
   */
  @Override
  public InputStream open() throws IOException {
    CcelTable described = table();
    if (!described.isTdx()) {
      throw new IOException("%s: %s: needs type 2 (TDX)".formatted(table, described));
    }
    return new BufferedInputStream(Files.newInputStream(data), READ_BYTES);
  }
}

package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The registers that the TDX guest driver offers. Its cache is the last TDREPORT. */
final class TdxMeasurements implements MeasurementProvider {
  private static final List<String> STATIC =
      List.of("mrtd", "mrconfigid", "mrowner", "mrownerconfig");

  private final TdxHardware hardware;
  private final List<MeasurementRegister> registers = new ArrayList<>();

  TdxMeasurements(TdxHardware hardware) {
    this.hardware = hardware;
    for (int i = 0; i < TdxHardware.RTMRS; i++) {
      registers.add(
          new MeasurementRegister("rtmr" + i, "sha384", TdxHardware.DIGEST_BYTES, true, true));
    }
    for (String name : STATIC) {
      String hash = name.equals("mrtd") ? "sha384" : "";
      registers.add(new MeasurementRegister(name, hash, TdxHardware.DIGEST_BYTES, false, false));
    }
  }

  @Override
  public String name() {
    return "tdx_guest";
  }

  @Override
  public List<MeasurementRegister> registers() {
    return registers;
  }

  @Override
  public void refresh() throws Refusal {
    hardware.report(new byte[TdxHardware.REPORT_DATA_BYTES]);
  }

  @Override
  public byte[] cached(MeasurementRegister register) {
    int at =
        register.live()
            ? TdxHardware.RTMR_AT + ordinal(register) * TdxHardware.DIGEST_BYTES
            : TdxHardware.MRTD_AT + STATIC.indexOf(register.name()) * TdxHardware.DIGEST_BYTES;
    return Arrays.copyOfRange(hardware.lastReport(), at, at + TdxHardware.DIGEST_BYTES);
  }

  @Override
  public void extend(MeasurementRegister register, byte[] digest) throws Refusal {
    hardware.extend(ordinal(register), digest);
  }

  private static int ordinal(MeasurementRegister register) {
    return register.name().charAt(register.name().length() - 1) - '0';
  }
}

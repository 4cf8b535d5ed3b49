package dev.cairn.backend.tdx.emulation;

import dev.cairn.backend.tdx.fuse.Refusal;
import java.util.List;

/** A driver that offers measurement registers to the kernel's tsm-mr core. */
interface MeasurementProvider {
  /** Returns the name of its misc device. */
  String name();

  /** Returns its registers. */
  List<MeasurementRegister> registers();

  /** Asks the hardware for the values of all live registers. */
  void refresh() throws Refusal;

  /** Returns the value that the driver keeps, true or not. */
  byte[] cached(MeasurementRegister register);

  /** Extends {@code register} with as many bytes as it has. */
  void extend(MeasurementRegister register, byte[] digest) throws Refusal;
}

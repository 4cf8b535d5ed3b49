package dev.cairn.backend.tdx.emulation;

/**
 * One file of a {@code measurements} folder.
 *
 * @param name of the register
 * @param hash as the kernel names it, or empty if the register has none
 * @param size in bytes
 * @param writable whether it can be extended
 * @param live whether its value may change
 */
public record MeasurementRegister(
    String name, String hash, int size, boolean writable, boolean live) {
  private static final int READ_ONLY = 0444;
  private static final int WRITABLE = 0644;

  String fileName() {
    return hash.isEmpty() ? name : name + ":" + hash;
  }

  int permissions() {
    return writable ? WRITABLE : READ_ONLY;
  }
}

package dev.cairn.backend.tpm.transport;

import dev.cairn.linux.Descriptor;
import dev.cairn.linux.Errno;
import dev.cairn.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a device node. Its transports block for as long as the driver wants. */
final class DeviceConnector implements TpmConnector {
  private static final int TYPE_OF_FILE = 0xF000; // S_IFMT
  private static final int CHARACTER_DEVICE = 0x2000; // S_IFCHR

  private final String address;
  private final Path node;

  DeviceConnector(TpmAddress.Device address) {
    this.address = address.toString();
    this.node = address.node();
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public TpmTransport connect() throws TpmNotSentException {
    requireCharacterDevice();
    try {
      // With O_NONBLOCK write() queues a command instead of executing it: what it says of an error
      // is certain then. A terminal must not become that of the daemon.
      Descriptor device =
          Descriptor.open(node, Descriptor.O_RDWR | Descriptor.O_NONBLOCK | Descriptor.O_NOCTTY);
      return new DeviceTransport(address, device);
    } catch (ErrnoException e) {
      throw new TpmNotSentException(
          "%s: cannot be opened: %s: %s"
              .formatted(address, Errno.text(e.errno()), remedy(e.errno())),
          e);
    }
  }

  /** Before it is opened, which alone has effects on some kinds of files. */
  private void requireCharacterDevice() throws TpmNotSentException {
    int mode;
    try {
      mode = (Integer) Files.getAttribute(node, "unix:mode");
    } catch (IOException e) {
      throw new TpmNotSentException(
          "%s: no such device: a TPM shows up as /dev/tpmrm0 and /dev/tpm0; swtpm is reached by unix:PATH"
              .formatted(address),
          e);
    }
    if ((mode & TYPE_OF_FILE) != CHARACTER_DEVICE) {
      throw new TpmNotSentException(
          "%s: not a character device (mode 0%o): remove it, or name the right one"
              .formatted(address, mode),
          null);
    }
  }

  private static String remedy(int errno) {
    return switch (errno) {
      case Errno.EACCES, Errno.EPERM ->
          "the user of this process needs the group of the node (tss on most systems)";
      case Errno.EBUSY -> "another process has it open: use the resource manager, /dev/tpmrm0";
      default -> "see what the kernel says of its TPM: dmesg | grep -i tpm";
    };
  }
}

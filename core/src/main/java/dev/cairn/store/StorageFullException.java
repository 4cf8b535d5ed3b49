package dev.cairn.store;

import java.nio.file.Path;

/**
 * No space, or no quota, for the log. Always recovered: nothing of the batch is left, and the same
 * call works once there is space.
 */
public final class StorageFullException extends StorageException {
  private static final long serialVersionUID = 1L;

  StorageFullException(Path file, String what, Throwable cause) {
    super(file, true, what, cause);
  }
}

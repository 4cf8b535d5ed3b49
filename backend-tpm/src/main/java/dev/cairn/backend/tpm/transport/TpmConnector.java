package dev.cairn.backend.tpm.transport;

/** Opens connections to one TPM, as often as one is lost. */
public interface TpmConnector {
  /** Returns the address, as in the configuration: {@code device:/dev/tpmrm0}. */
  String address();

  /**
   * Opens a connection.
   *
   * @throws TpmNotSentException if the TPM cannot be reached; names the remedy
   */
  TpmTransport connect() throws TpmNotSentException;
}

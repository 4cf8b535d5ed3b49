package dev.cairn.backend.tpm.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Reads one command and answers with given bytes; then it closes. */
final class CannedPeer implements AutoCloseable {
  private static final int ENOUGH_BYTES = 4096;

  private final ServerSocket server;
  private final Thread thread;

  private CannedPeer(byte[] answer, int pieceBytes) throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    thread = new Thread(() -> serve(answer, pieceBytes), "canned peer");
    thread.start();
  }

  static CannedPeer answering(byte[] answer) throws IOException {
    return new CannedPeer(answer, ENOUGH_BYTES);
  }

  static CannedPeer answeringInPieces(byte[] answer) throws IOException {
    return new CannedPeer(answer, 1);
  }

  String address() {
    return "tcp:127.0.0.1:" + server.getLocalPort();
  }

  private void serve(byte[] answer, int pieceBytes) {
    try (Socket client = server.accept()) {
      client.setTcpNoDelay(true);
      if (client.getInputStream().read(new byte[ENOUGH_BYTES]) < 0) {
        return;
      }
      for (int from = 0; from < answer.length; from += pieceBytes) {
        client.getOutputStream().write(answer, from, Math.min(pieceBytes, answer.length - from));
        Thread.sleep(1);
      }
    } catch (IOException | InterruptedException e) {
      if (!server.isClosed()) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

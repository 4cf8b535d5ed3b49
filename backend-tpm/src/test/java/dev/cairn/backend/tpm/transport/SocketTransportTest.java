package dev.cairn.backend.tpm.transport;

import static dev.cairn.backend.tpm.transport.Exchange.LONG_MILLIS;
import static dev.cairn.backend.tpm.transport.Exchange.ONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.backend.tpm.testing.Swtpm;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketTransportTest {
  @Nested
  class GivenAUnixSocket extends TransportContract {
    @Override
    Swtpm start() throws IOException {
      return Swtpm.start();
    }

    @Override
    String addressOf(Swtpm tpm) {
      return tpm.address();
    }

    @Test
    void when_its_queue_is_full_then_connecting_gives_up() throws Exception {
      List<SocketChannel> clients = new ArrayList<>();
      tpm.hang();
      try {
        fillQueue(clients);

        assertThatThrownBy(connector::connect)
            .isInstanceOf(TpmNotSentException.class)
            .hasMessageContaining("other clients may occupy it");
      } finally {
        for (SocketChannel client : clients) {
          client.close();
        }
      }
    }

    /** A non-blocking connect fails where a blocking one would wait. */
    private void fillQueue(List<SocketChannel> clients) throws IOException {
      try {
        while (true) {
          SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
          clients.add(client);
          client.configureBlocking(false);
          client.connect(UnixDomainSocketAddress.of(tpm.socket()));
        }
      } catch (SocketException e) {
        assertThat(e).hasMessageContaining("temporarily unavailable"); // EAGAIN
      }
    }
  }

  @Nested
  class GivenATcpPort extends TransportContract {
    @Override
    Swtpm start() throws IOException {
      return Swtpm.startOnTcp();
    }

    @Override
    String addressOf(Swtpm tpm) {
      return tpm.address();
    }
  }

  @Nested
  class GivenNobodyThere {
    @Test
    void when_connecting_then_the_address_and_the_remedy_are_named(@TempDir Path folder)
        throws Exception {
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      for (String address :
          List.of("unix:" + folder.resolve("s"), "tcp:127.0.0.1:" + port, "tcp:x.invalid:1")) {
        assertThatThrownBy(() -> TpmAddress.parse(address).connector().connect())
            .isInstanceOf(TpmNotSentException.class)
            .hasMessageStartingWith(address)
            .hasMessageContaining("does a TPM listen there");
      }
    }
  }

  @Nested
  class GivenAPeerThatIsNoTpm {
    @ParameterizedTest
    @CsvSource({
      "80010000000900000000, its size field says 9",
      "80010000100100000000, its size field says 4097",
      "8001ffffffff00000000, its size field says 4294967295",
      "8001800000000000000000, its size field says 2147483648",
      "8001000000000000000000, its size field says 0",
      "8001 0000000a 00000000 00, '10, 11 bytes came'",
      "8001, closed the connection after 2 bytes",
      "8001 0000000c 00000000 00, closed the connection after 11 bytes",
      "'', closed the connection after 0 bytes",
    })
    void when_it_answers_then_the_outcome_is_unknown(String hex, String reason) throws Exception {
      try (CannedPeer peer = CannedPeer.answering(bytes(hex));
          TpmTransport transport = TpmAddress.parse(peer.address()).connector().connect()) {
        assertThatThrownBy(() -> Exchange.extend(transport, ONE, LONG_MILLIS))
            .isInstanceOf(TpmOutcomeUnknownException.class)
            .hasMessageContaining(peer.address())
            .hasMessageContaining(reason);
      }
    }

    @Test
    void when_the_response_comes_byte_by_byte_then_it_is_one() throws Exception {
      byte[] answer = bytes("8001 0000000c 00000101 abcd");
      try (CannedPeer peer = CannedPeer.answeringInPieces(answer);
          TpmTransport transport = TpmAddress.parse(peer.address()).connector().connect()) {
        assertThat(Exchange.extend(transport, ONE, LONG_MILLIS)).isEqualTo(0x101);
      }
    }

    private static byte[] bytes(String hex) {
      String digits = hex.replace(" ", "");
      return HexFormat.of().parseHex(digits.substring(0, digits.length() / 2 * 2));
    }
  }
}

package dev.cairn.backend.tpm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.backend.tpm.transport.TpmConnector;
import dev.cairn.backend.tpm.transport.TpmNotSentException;
import dev.cairn.backend.tpm.transport.TpmOutcomeUnknownException;
import dev.cairn.backend.tpm.transport.TpmTransport;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/**
 * A TPM that answers with given bytes: what a real one will never do is said here. Takes every
 * command as the transports do: whole, in a direct buffer.
 */
final class RecordedTpm implements TpmConnector {
  final List<String> commands = new ArrayList<>();
  final List<Integer> timeoutsMillis = new ArrayList<>();
  int connections;
  int open;
  private final Deque<Reply> replies = new ArrayDeque<>();

  /** One answer. */
  interface Reply {
    byte[] to(byte[] command) throws TpmNotSentException, TpmOutcomeUnknownException;
  }

  /** Answers the next command with {@code hex}. */
  RecordedTpm reply(String hex) {
    return reply(command -> HexFormat.of().parseHex(hex));
  }

  RecordedTpm reply(Reply reply) {
    replies.add(reply);
    return this;
  }

  /** Answers with an error. */
  RecordedTpm error(int code) {
    return reply("80010000000a%08x".formatted(code));
  }

  String lastCommand() {
    return commands.get(commands.size() - 1);
  }

  @Override
  public String address() {
    return "recorded";
  }

  @Override
  public TpmTransport connect() {
    connections++;
    open++;
    return new TpmTransport() {
      @Override
      public void transact(ByteBuffer command, ByteBuffer response, int timeoutMillis)
          throws TpmNotSentException, TpmOutcomeUnknownException {
        assertThat(command.isDirect() && response.isDirect()).isTrue();
        byte[] bytes = new byte[command.remaining()];
        command.get(bytes);
        timeoutsMillis.add(timeoutMillis);
        commands.add(HexFormat.of().formatHex(bytes));
        assertThat(replies).as("replies left for %s", lastCommand()).isNotEmpty();
        response.clear();
        response.put(replies.remove().to(bytes)).flip();
      }

      @Override
      public void close() {
        open--;
      }
    };
  }
}

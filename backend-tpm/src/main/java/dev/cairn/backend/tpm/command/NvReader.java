package dev.cairn.backend.tpm.command;

import dev.cairn.measure.Bytes;
import java.util.Optional;

/**
 * TPM2_NV_ReadPublic and TPM2_NV_Read, piece by piece.
 *
 * <pre>
 * public     TPM2B { u32 index   u16 name algorithm   u32 attributes   TPM2B policy   u16 size }
 *            TPM2B name
 * read       u32 who authorizes   u32 index   u16 size   u16 offset; response: TPM2B
 * </pre>
 */
final class NvReader {
  private final Exchange exchange;
  private final CommandBuffer command;

  NvReader(Exchange exchange, CommandBuffer command) {
    this.exchange = exchange;
    this.command = command;
  }

  Optional<NvPublic> readPublic(int index) throws TpmException {
    command.begin(CommandCode.NV_READ_PUBLIC).u32(index);
    ResponseBuffer response;
    try {
      response = exchange.send(CommandCode.NV_READ_PUBLIC, command.end());
    } catch (TpmException e) {
      if (e.is(ResponseCode.HANDLE_1)) {
        return Optional.empty();
      }
      throw e;
    }
    int size = response.u16();
    int before = response.bytes().position();
    int given = response.u32();
    int nameAlgorithm = response.u16();
    int attributes = response.u32();
    Bytes policy = response.sized();
    int dataBytes = response.u16();
    if (given != index || response.bytes().position() - before != size) {
      throw response.malformed("index 0x%08x in %d bytes".formatted(given, size));
    }
    NvPublic found =
        new NvPublic(index, nameAlgorithm, attributes, policy, dataBytes, response.sized());
    response.end();
    return Optional.of(found);
  }

  Bytes read(NvPublic of, int mostAtATime) throws TpmException {
    int authorizedBy = authorizedBy(of);
    byte[] content = new byte[of.dataBytes()];
    int done = 0;
    while (done < content.length) {
      int wanted = Math.min(content.length - done, mostAtATime);
      command.begin(CommandCode.NV_READ).u32(authorizedBy).u32(of.index()).emptyPassword();
      command.u16(wanted).u16(done);
      ResponseBuffer response = exchange.send(CommandCode.NV_READ, command.end()).parameters();
      response.sized(wanted).copyTo(content, done);
      response.end();
      done += wanted;
    }
    return Bytes.owning(content);
  }

  private static int authorizedBy(NvPublic of) throws TpmException {
    if (of.ownerMayRead()) {
      return Hierarchy.OWNER.handle();
    }
    if (of.ownPasswordMayRead()) {
      return of.index();
    }
    throw TpmException.unusable(
        CommandCode.NV_READ,
        "index 0x%08x: attributes 0x%08x admit neither the owner nor its own password"
            .formatted(of.index(), of.attributes()));
  }
}

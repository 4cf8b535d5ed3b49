package dev.cairn.backend.tpm.command;

import dev.cairn.backend.tpm.transport.TpmTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * TPM2_GetCapability, page by page.
 *
 * <pre>
 * command    u32 capability   u32 first property   u32 at most
 * response   u8 more   u32 capability   u32 count   that many entries
 * </pre>
 *
 * @see "TPM 2.0 Library Part 2, TPMS_CAPABILITY_DATA"
 */
final class Capabilities {
  private static final int HANDLES = 1;
  private static final int PCRS = 5;
  private static final int TPM_PROPERTIES = 6;
  private static final int PCR_PROPERTIES = 7;
  private static final int PER_PAGE = 64;
  private static final int MOST_PAGES = 64;

  private final Exchange exchange;
  private final CommandBuffer command;

  Capabilities(Exchange exchange, CommandBuffer command) {
    this.exchange = exchange;
    this.command = command;
  }

  PcrSelection allocation() throws TpmException {
    ResponseBuffer response = ask(PCRS, 0, 1);
    if (response.u8() != 0) {
      throw response.malformed("more PCR banks than one response holds");
    }
    requireEcho(response, PCRS);
    PcrSelection allocation = PcrReader.selection(response);
    response.end();
    return allocation;
  }

  PcrAttributes pcrAttributes() throws TpmException {
    SortedMap<Integer, Integer> bitmaps = new TreeMap<>();
    readAll(
        PCR_PROPERTIES,
        0,
        r -> {
          int property = r.u32();
          bitmaps.put(property, r.pcrs());
          return property;
        });
    return new PcrAttributes(bitmaps);
  }

  TpmProperties properties() throws TpmException {
    SortedMap<Integer, Integer> values = new TreeMap<>();
    readAll(
        TPM_PROPERTIES,
        TpmProperties.FIRST_FIXED,
        r -> {
          int property = r.u32();
          values.put(property, r.u32());
          return property;
        });
    return new TpmProperties(values);
  }

  List<Integer> handles(int first) throws TpmException {
    List<Integer> handles = new ArrayList<>();
    readAll(
        HANDLES,
        first,
        r -> {
          handles.add(r.u32());
          return handles.get(handles.size() - 1);
        });
    return List.copyOf(handles);
  }

  /** Asks from {@code first} on until there is no more. */
  private void readAll(int capability, int first, Entry entry) throws TpmException {
    int next = first;
    for (int page = 0; ; page++) {
      ResponseBuffer response = ask(capability, next, PER_PAGE);
      boolean more = response.u8() != 0;
      requireEcho(response, capability);
      int count = response.u32AsCount(TpmTransport.MAX_BYTES / Integer.BYTES);
      for (int i = 0; i < count; i++) {
        int key = entry.read(response);
        if (Integer.compareUnsigned(key, next) < 0) {
          throw response.malformed("0x%x comes again, behind 0x%x".formatted(key, next));
        }
        next = key + 1;
      }
      response.end();
      if (!more) {
        return;
      }
      if (count == 0 || page == MOST_PAGES) {
        throw response.malformed("more is promised, and does not come");
      }
    }
  }

  private ResponseBuffer ask(int capability, int property, int count) throws TpmException {
    command.begin(CommandCode.GET_CAPABILITY).u32(capability).u32(property).u32(count);
    return exchange.send(CommandCode.GET_CAPABILITY, command.end());
  }

  private static void requireEcho(ResponseBuffer response, int capability) throws TpmException {
    int given = response.u32();
    if (given != capability) {
      throw response.malformed("capability %d for %d".formatted(given, capability));
    }
  }

  /** Reads one entry and returns its number; they ascend. */
  private interface Entry {
    int read(ResponseBuffer response) throws TpmException;
  }
}

package dev.cairn.backend.tpm.command;

import dev.cairn.backend.tpm.transport.TpmConnector;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One TPM 2.0, by its commands. Connects when it has to, and anew after a failure; repeats for some
 * seconds what a busy TPM has not executed. Every authorization is the empty password.
 *
 * <p>Belongs to one thread, which blocks in it and is never interrupted. Every method throws a
 * {@link TpmException} that names the command and says whether it may have been executed.
 *
 * @see "TPM 2.0 Library Part 3"
 */
public final class Tpm implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final int KEY_GENERATION_MILLIS = 90_000; // RSA on a slow chip
  private static final int TPM_SU_CLEAR = 0;
  private static final int SCHEME_OF_THE_KEY = 0x0010; // TPM_ALG_NULL
  private static final int MOST_RANDOM_BYTES = 32; // at a time; every TPM has so many

  private final Exchange exchange;
  private final CommandBuffer command = new CommandBuffer();
  private final Capabilities capabilities;
  private final PcrReader pcrs;
  private final NvReader nv;

  /**
   * Makes one; connects to nothing yet.
   *
   * @param timeout how long to wait for one response; making keys may take longer
   */
  public Tpm(TpmConnector connector, Duration timeout) {
    this(connector, timeout, PATIENCE);
  }

  Tpm(TpmConnector connector, Duration timeout, Duration patience) {
    exchange = new Exchange(connector, timeout, patience);
    capabilities = new Capabilities(exchange, command);
    pcrs = new PcrReader(exchange, command);
    nv = new NvReader(exchange, command);
  }

  /** Returns where it is, as in the configuration. */
  public String address() {
    return exchange.address();
  }

  /** TPM2_Startup(CLEAR): the PCRs begin anew. Firmware does it; only a bare swtpm needs it. */
  public void startupClear() throws TpmException {
    command.begin(CommandCode.STARTUP).u16(TPM_SU_CLEAR);
    exchange.send(CommandCode.STARTUP, command.end()).end();
  }

  /** Returns which PCRs of which banks are allocated; banks without any are in the list, too. */
  public PcrSelection allocation() throws TpmException {
    return capabilities.allocation();
  }

  /** Returns what may be done to which PCR. */
  public PcrAttributes pcrAttributes() throws TpmException {
    return capabilities.pcrAttributes();
  }

  /** Returns the fixed properties. */
  public TpmProperties properties() throws TpmException {
    return capabilities.properties();
  }

  /** Returns the handles of the same kind from {@code first} on, e.g. 0x81000000: persistent. */
  public List<Integer> handles(int first) throws TpmException {
    return capabilities.handles(first);
  }

  /**
   * Extends {@code pcr} with all of {@code digests} in one step. A bank that is not allocated is
   * left out silently by the TPM: read back once.
   */
  public void extend(int pcr, DigestSet digests) throws TpmException {
    command.begin(CommandCode.PCR_EXTEND).u32(pcr).emptyPassword().u32(digests.size());
    for (int i = 0; i < digests.size(); i++) {
      Digest digest = digests.at(i);
      command.digest(digest);
    }
    exchange.send(CommandCode.PCR_EXTEND, command.end()).parameters().end();
  }

  /**
   * Reads {@code pcr} in {@code banks}, with one command.
   *
   * @param banks ascending, at most eight
   * @throws TpmException also if one of them is not allocated for this PCR
   */
  public DigestSet read(int pcr, List<HashAlgorithm> banks) throws TpmException {
    return pcrs.read(pcr, banks);
  }

  /**
   * Reads any number of PCRs at one moment.
   *
   * @throws TpmException NOT_EXECUTED also if they keep changing
   */
  public PcrSnapshot read(PcrSelection selection) throws TpmException {
    return pcrs.read(selection);
  }

  /** Sets {@code pcr} to its reset value; locality 0 can reset 16 and 23 only. */
  public void reset(int pcr) throws TpmException {
    command.begin(CommandCode.PCR_RESET).u32(pcr).emptyPassword();
    exchange.send(CommandCode.PCR_RESET, command.end()).parameters().end();
  }

  /** Returns the time and the counts of lives. */
  public TpmClock readClock() throws TpmException {
    command.begin(CommandCode.READ_CLOCK);
    ResponseBuffer response = exchange.send(CommandCode.READ_CLOCK, command.end());
    TpmClock clock =
        new TpmClock(
            response.u64(),
            response.u64(),
            response.unsigned32(),
            response.unsigned32(),
            response.u8() != 0);
    response.end();
    return clock;
  }

  /**
   * Has {@code selection} signed by {@code key}, in the scheme of the key.
   *
   * @param key handle of a restricted signing key
   * @param nonce at most two bytes longer than the longest digest of the TPM
   */
  public SignedAttest quote(int key, Bytes nonce, PcrSelection selection) throws TpmException {
    command.begin(CommandCode.QUOTE).u32(key).emptyPassword();
    command.sized(nonce).u16(SCHEME_OF_THE_KEY).selection(selection);
    ResponseBuffer response = exchange.send(CommandCode.QUOTE, command.end()).parameters();
    SignedAttest quote = new SignedAttest(response.sized(), response.rest());
    response.end();
    return quote;
  }

  /**
   * Makes and loads the primary key of {@code hierarchy} that {@code template} describes: the same
   * template always gives the same key. Takes milliseconds to a minute.
   *
   * @param template TPMT_PUBLIC
   */
  public PrimaryKey createPrimary(Hierarchy hierarchy, Bytes template) throws TpmException {
    command.begin(CommandCode.CREATE_PRIMARY).u32(hierarchy.handle()).emptyPassword();
    command.u16(2 * Short.BYTES).u16(0).u16(0); // no password, no data
    command.sized(template).u16(0).u32(0); // no outside information, no PCRs
    ResponseBuffer response =
        exchange.sendSlow(CommandCode.CREATE_PRIMARY, command.end(), KEY_GENERATION_MILLIS);
    int handle = response.u32();
    response.parameters();
    Bytes area = response.sized();
    response.sized(); // creation data
    response.sized(); // their hash
    response.u16(); // ticket: tag
    response.u32(); // ticket: hierarchy
    response.sized(); // ticket: HMAC
    PrimaryKey key = new PrimaryKey(handle, area, response.sized());
    response.end();
    return key;
  }

  /** Returns the public part of the key {@code handle}; nothing if there is no such key. */
  public Optional<TpmPublic> readPublic(int handle) throws TpmException {
    command.begin(CommandCode.READ_PUBLIC).u32(handle);
    ResponseBuffer response;
    try {
      response = exchange.send(CommandCode.READ_PUBLIC, command.end());
    } catch (TpmException e) {
      if (e.is(ResponseCode.HANDLE_1) || e.is(ResponseCode.REFERENCE_H0)) {
        return Optional.empty();
      }
      throw e;
    }
    TpmPublic key = new TpmPublic(response.sized(), response.sized(), response.sized());
    response.end();
    return Optional.of(key);
  }

  /** Unloads a transient object. */
  public void flush(int handle) throws TpmException {
    command.begin(CommandCode.FLUSH_CONTEXT).u32(handle);
    exchange.send(CommandCode.FLUSH_CONTEXT, command.end()).end();
  }

  /** Returns what is known of the NV index {@code index}; nothing if there is no such index. */
  public Optional<NvPublic> nvReadPublic(int index) throws TpmException {
    return nv.readPublic(index);
  }

  /**
   * Returns the content of the NV index {@code index}; nothing if there is no such index. Not
   * atomic against writers where it is longer than what the TPM gives at a time.
   */
  public Optional<Bytes> nvRead(int index) throws TpmException {
    Optional<NvPublic> found = nv.readPublic(index);
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(nv.read(found.get(), capabilities.properties().nvBufferBytes()));
  }

  /** Returns {@code count} random bytes. */
  public Bytes random(int count) throws TpmException {
    byte[] random = new byte[count];
    int done = 0;
    while (done < count) {
      int wanted = Math.min(count - done, MOST_RANDOM_BYTES);
      command.begin(CommandCode.GET_RANDOM).u16(wanted);
      ResponseBuffer response = exchange.send(CommandCode.GET_RANDOM, command.end());
      Bytes some = response.sized();
      response.end();
      if (some.isEmpty() || some.length() > wanted) {
        throw response.malformed(some.length() + " random bytes for " + wanted);
      }
      some.copyTo(random, done);
      done += some.length();
    }
    return Bytes.owning(random);
  }

  /** Returns what the self tests found; the cheapest question whether it answers at all. */
  public TestResult testResult() throws TpmException {
    command.begin(CommandCode.GET_TEST_RESULT);
    ResponseBuffer response = exchange.send(CommandCode.GET_TEST_RESULT, command.end());
    TestResult result = new TestResult(response.sized(), new ResponseCode(response.u32()));
    response.end();
    return result;
  }

  /** Closes the connection; every later command is refused. Idempotent. */
  @Override
  public void close() {
    exchange.close();
  }
}

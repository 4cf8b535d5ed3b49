package dev.cairn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.measure.BackendException;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.Digest;
import dev.cairn.measure.DigestSet;
import dev.cairn.measure.HashAlgorithm;
import dev.cairn.measure.Hasher;
import dev.cairn.measure.MeasurementBackend;
import dev.cairn.measure.RegisterDescriptor;
import dev.cairn.measure.RegisterId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every backend shows. One subclass for each; the registers may hold anything at start. */
public abstract class BackendContract {
  private final Hasher hasher = new Hasher();

  /** The backend under test, opened before every test. */
  protected MeasurementBackend backend;

  /** Opens the device, or opens it again after a close: the same registers. */
  protected abstract MeasurementBackend open() throws Exception;

  /** Returns a register that this process may extend. */
  protected abstract RegisterId extendable();

  /** Returns a register that the device does not have. */
  protected abstract RegisterId unknown();

  @BeforeEach
  void openBackend() throws Exception {
    backend = open();
  }

  @AfterEach
  void closeBackend() throws Exception {
    backend.close();
  }

  @Test
  void whenExtending_thenEveryBankIsHashOfOldValueAndDigest() throws Exception {
    DigestSet before = backend.read(extendable());

    backend.extend(extendable(), digests("one"));

    assertThat(backend.read(extendable())).isEqualTo(hasher.extend(before, digests("one")));
  }

  @Test
  void whenExtendingTwice_thenTheOrderCounts() throws Exception {
    DigestSet before = backend.read(extendable());

    backend.extend(extendable(), digests("one"));
    backend.extend(extendable(), digests("two"));

    assertThat(backend.read(extendable()))
        .isEqualTo(hasher.extend(hasher.extend(before, digests("one")), digests("two")));
  }

  @Test
  void whenExtendingOne_thenAllOthersStay() throws Exception {
    List<RegisterId> others =
        backend.registers().stream()
            .map(RegisterDescriptor::id)
            .filter(id -> !id.equals(extendable()))
            .toList();
    List<DigestSet> before = readAll(others);

    backend.extend(extendable(), digests("one"));

    assertThat(readAll(others)).isEqualTo(before);
  }

  @Test
  void whenABankIsMissing_thenNotExecutedAndTheRegisterStays() throws Exception {
    DigestSet before = backend.read(extendable());

    assertNotExecuted(extendable(), DigestSet.EMPTY);

    assertThat(backend.read(extendable())).isEqualTo(before);
  }

  @Test
  void whenThereIsABankTooMany_thenNotExecutedAndTheRegisterStays() throws Exception {
    DigestSet before = backend.read(extendable());
    Digest extra = new Digest(HashAlgorithm.SM3_256, Bytes.filled(32, 1));
    DigestSet all = digests("one");
    DigestSet more =
        DigestSet.of(
            Stream.concat(StreamSupport.stream(all.spliterator(), false), Stream.of(extra))
                .toList());

    assertNotExecuted(extendable(), more);

    assertThat(backend.read(extendable())).isEqualTo(before);
  }

  @Test
  void whenExtendingAnUnknownRegister_thenNotExecuted() {
    assertNotExecuted(unknown(), digests("one"));
  }

  @Test
  void whenReadingAnUnknownRegister_thenItIsNamed() {
    BackendException refusal =
        catchThrowableOfType(BackendException.class, () -> backend.read(unknown()));

    assertThat(refusal.register()).contains(unknown());
  }

  @Test
  void whenARegisterSaysWhyItCannotBeExtended_thenNotExecutedForThatReason() throws Exception {
    List<RegisterDescriptor> forbidden =
        backend.registers().stream().filter(r -> r.notExtendable().isPresent()).toList();
    Assumptions.assumeFalse(forbidden.isEmpty(), "all registers can be extended");

    for (RegisterDescriptor register : forbidden) {
      DigestSet before = backend.read(register.id());
      assertThat(assertNotExecuted(register.id(), digests("one")))
          .hasMessageContaining(register.notExtendable().orElseThrow());
      assertThat(backend.read(register.id())).isEqualTo(before);
    }
  }

  @Test
  void whenReadingEachRegister_thenTheBanksAreThoseOfItsDescriptor() throws Exception {
    for (RegisterDescriptor register : backend.registers()) {
      assertThat(backend.read(register.id()).banks())
          .as(register.id().name())
          .isEqualTo(register.banks());
    }
  }

  @Test
  void whenAskingForRegisters_thenTheyAscendAndStayTheSame() {
    List<RegisterDescriptor> registers = backend.registers();

    assertThat(registers).isSortedAccordingTo(Comparator.comparing(RegisterDescriptor::id));
    assertThat(backend.registers()).isEqualTo(registers);
  }

  @Test
  void whenClosedAndOpenedAgain_thenValueAndLifeAreTheSame() throws Exception {
    backend.extend(extendable(), digests("one"));
    DigestSet value = backend.read(extendable());
    var life = backend.life();

    backend.close();
    backend = open();

    assertThat(backend.read(extendable())).isEqualTo(value);
    assertThat(backend.life()).isEqualTo(life);
  }

  @Test
  void whenClosed_thenEveryCallFailsAndClosingAgainDoesNot() throws Exception {
    backend.close();

    assertNotExecuted(extendable(), digests("one"));
    assertThat(catchThrowableOfType(BackendException.class, () -> backend.read(extendable())))
        .isNotNull();
    assertThat(catchThrowableOfType(BackendException.class, () -> backend.life())).isNotNull();
    backend.close();
  }

  /** Returns digests of {@code text} in the banks of {@link #extendable()}. */
  protected final DigestSet digests(String text) {
    List<HashAlgorithm> banks =
        backend.registers().stream()
            .filter(register -> register.id().equals(extendable()))
            .findFirst()
            .orElseThrow()
            .banks();
    return hasher.hash(banks, Bytes.copyOf(text.getBytes(StandardCharsets.UTF_8)));
  }

  private List<DigestSet> readAll(List<RegisterId> registers) throws BackendException {
    List<DigestSet> values = new ArrayList<>();
    for (RegisterId register : registers) {
      values.add(backend.read(register));
    }
    return values;
  }

  private BackendException assertNotExecuted(RegisterId register, DigestSet digests) {
    BackendException refusal =
        catchThrowableOfType(BackendException.class, () -> backend.extend(register, digests));
    assertThat(refusal.outcome()).isEqualTo(BackendException.Outcome.NOT_EXECUTED);
    assertThat(refusal.register()).contains(register);
    return refusal;
  }
}

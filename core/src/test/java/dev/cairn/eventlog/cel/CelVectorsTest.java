package dev.cairn.eventlog.cel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.eventlog.EventContent;
import dev.cairn.eventlog.EventReader;
import dev.cairn.eventlog.EventRecord;
import dev.cairn.eventlog.ImaTemplate;
import dev.cairn.eventlog.ImaTlv;
import dev.cairn.eventlog.Limits;
import dev.cairn.eventlog.MalformedLogException;
import dev.cairn.eventlog.Management;
import dev.cairn.eventlog.OpaqueContent;
import dev.cairn.eventlog.PcClientEvent;
import dev.cairn.eventlog.SystemdEvent;
import dev.cairn.measure.Bytes;
import dev.cairn.measure.RegisterId;
import dev.cairn.testing.EventRecords;
import dev.cairn.testing.Json;
import dev.cairn.testing.LogCodec;
import dev.cairn.testing.Vectors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs that others wrote, against what is known of each. */
class CelVectorsTest {
  private static final Map<String, LogCodec> CODECS =
      Map.of(
          "cel-tlv", LogCodec.of(CelTlv::reader, CelTlv::writer),
          "cel-json", LogCodec.of(CelJson::reader, CelJson::writer),
          "cel-cbor", new LogCodec(in -> CelCbor.reader(in, Limits.DEFAULT), CborArray::new));

  /** Logs of these formats, but for systemd's own, which is its own format. */
  static Stream<String> wholeLogs() {
    return expected().keySet().stream()
        .filter(name -> CODECS.containsKey(format(name)) && !info(name).containsKey("error"));
  }

  private static Map<String, Object> expected() {
    return Json.parseObject(Vectors.bytes("expected.json"));
  }

  private static String format(String name) {
    return (String) Json.object(expected(), name).getOrDefault("format", "");
  }

  private static Map<String, Object> info(String name) {
    return Json.object(Json.object(expected(), name), "info");
  }

  private static LogCodec codec(String name) {
    return codecOf(format(name));
  }

  private static LogCodec codecOf(String format) {
    return Objects.requireNonNull(CODECS.get(format));
  }

  @ParameterizedTest
  @MethodSource("wholeLogs")
  void whenReading_thenItHasTheKnownRecordsAndContentTypes(String name) throws Exception {
    List<EventRecord> records = codec(name).read(Vectors.bytes(name));

    assertThat(records).hasSize(Json.number(info(name), "records"));
    Map<String, Long> types =
        records.stream()
            .collect(
                Collectors.groupingBy(
                    record -> type(record.content(), format(name)),
                    TreeMap::new,
                    Collectors.counting()));
    assertThat(types).isEqualTo(new TreeMap<>(Json.object(info(name), "content_types")));
    long extended = records.stream().filter(record -> record.content().measured()).count();
    if (info(name).containsKey("not_extended")) {
      assertThat(records.size() - extended).isEqualTo(Json.number(info(name), "not_extended"));
    }
  }

  /** The values are of registers that the log names, no more and no fewer. */
  @ParameterizedTest
  @MethodSource("wholeLogs")
  void whenReading_thenItsRegistersAreThoseThatHaveAValue(String name) throws Exception {
    Set<RegisterId> measured = new TreeSet<>();
    for (EventRecord record : codec(name).read(Vectors.bytes(name))) {
      if (record.content().measured()) {
        measured.add(record.register());
      }
    }
    RegisterId.Kind kind =
        RegisterId.Kind.valueOf(
            String.valueOf(info(name).get("registers")).toUpperCase(Locale.ROOT));
    Set<RegisterId> valued = new TreeSet<>();
    for (String bank : List.of("sha1", "sha256", "sha384", "sha512")) {
      for (String index : Json.object(Json.object(expected(), name), bank).keySet()) {
        valued.add(new RegisterId(kind, Long.parseLong(index)));
      }
    }
    assertThat(measured).isEqualTo(valued);
  }

  @ParameterizedTest
  @MethodSource("wholeLogs")
  void whenWrittenAgain_thenTheRecordsAreTheSame(String name) throws Exception {
    codec(name).assertRoundTrip(codec(name).read(Vectors.bytes(name)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cel/go-tpm-tools_agent_cel.bin",
        "cel/variant_I_8_1_sm3.cel",
        "cel/variant_J_8_1_unknown_ct200.cel",
        "cel/variant_K_8_1_recnum_per_reg.cel",
        "cel/variant_P_empty.cel",
        "cel/spec_5.1.7_pcclient_example.cbor",
      })
  void whenTheLogIsInOurProfile_thenItIsWrittenByteForByte(String name) throws Exception {
    byte[] log = Vectors.bytes(name);

    assertThat(codec(name).write(codec(name).read(log))).isEqualTo(log);
  }

  @Test
  void whenTheLogIsC8sJson_thenItIsWrittenByteForByteButForTheLineFeed() throws Exception {
    String name = "cel/c8s_cvm_two_records.cel.json";

    assertThat(new String(codec(name).write(codec(name).read(Vectors.bytes(name))), UTF_8))
        .isEqualTo(new String(Vectors.bytes(name), UTF_8).strip());
  }

  @ParameterizedTest
  @CsvSource({
    "cel/spec_5.1.7_pcclient_example.libcel.tlv, cel/spec_5.1.7_pcclient_example.safford.tlv",
    "cel/spec_5.1.7_pcclient_example.libcel.tlv, cel/spec_5.1.7_pcclient_example.cbor",
  })
  void whenTheSameEventsAreEncodedTwice_thenTheRecordsAreTheSame(String one, String other)
      throws Exception {
    assertThat(codec(one).read(Vectors.bytes(one)))
        .isEqualTo(codec(other).read(Vectors.bytes(other)));
  }

  @Test
  void whenTheLogIsCut_thenItsTwoRecordsAndThenTheTlvAt461() throws Exception {
    byte[] log = Vectors.bytes("cel/variant_N_truncated.cel");
    EventReader reader = CelTlv.reader(new ByteArrayInputStream(log), Limits.DEFAULT);

    assertThat(reader.next()).isNotNull();
    assertThat(reader.next()).isNotNull();
    assertThat(catchThrowableOfType(MalformedLogException.class, reader::next).offset())
        .isEqualTo(461);
  }

  @Test
  void whenTheLogIsGooglesOwn_thenItsRecordsAreNumberedInRtmr3() throws Exception {
    List<Long> recnums = new ArrayList<>();
    for (EventRecord record : readTlv("cel/go-tpm-tools_agent_cel.bin")) {
      assertThat(record.register()).isEqualTo(RegisterId.rtmr(3));
      recnums.add(record.recnum());
    }
    assertThat(recnums).isEqualTo(Stream.iterate(0L, n -> n + 1).limit(recnums.size()).toList());
  }

  @Test
  void whenItIsTheExampleOfCel10_thenOneRecordOfPcr6() throws Exception {
    String object = new String(Vectors.bytes("cel/spec_v1.0_5.3_example_record.json"), UTF_8);
    byte[] log = ("[" + object + "]").getBytes(UTF_8);

    EventRecord record = codecOf("cel-json").read(log).get(0);

    assertThat(record.recnum()).isEqualTo(2);
    assertThat(record.register()).isEqualTo(RegisterId.pcr(6));
    assertThat(record.content())
        .isEqualTo(
            new PcClientEvent(
                0x0C,
                Bytes.fromHex("44656c6c20436f6e66696775726174696f6e20496e666f726d6174696f6e2032")));
  }

  private static List<EventRecord> readTlv(String name) throws IOException {
    return EventRecords.readAll(
        CelTlv.reader(new ByteArrayInputStream(Vectors.bytes(name)), Limits.DEFAULT));
  }

  /** What the table calls a content: its number, or its name where the log has names. */
  private static String type(EventContent content, String format) {
    if (content instanceof OpaqueContent opaque) {
      return opaque.type();
    }
    boolean names = format.equals("cel-json");
    if (content instanceof PcClientEvent) {
      return names ? "pcclient_std" : "5";
    } else if (content instanceof Management) {
      return names ? "cel" : "4";
    } else if (content instanceof ImaTemplate) {
      return names ? "ima_template" : "7";
    } else if (content instanceof ImaTlv) {
      return names ? "ima_tlv" : "8";
    } else if (content instanceof SystemdEvent) {
      return names ? "systemd" : "9";
    }
    throw new AssertionError(content);
  }
}

package dev.cairn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.cli.doctor.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TdxCheckTest {
  @TempDir Path root;
  private Path processors;

  @BeforeEach
  void describeProcessors() throws Exception {
    processors = Files.writeString(root.resolve("cpuinfo"), "processor : 0\nflags : fpu sse2\n");
  }

  private List<Finding> look(boolean wanted, String... more) {
    Map<String, String> settings = new java.util.HashMap<>();
    settings.put("sysfs-root", root.resolve("sys").toString());
    settings.put("configfs-root", root.resolve("config").toString());
    settings.put("tdx.device", root.resolve("dev").resolve("tdx_guest").toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return TdxCheck.look(settings, wanted, processors);
  }

  private static List<String> texts(List<Finding> findings, Level level) {
    return findings.stream().filter(f -> f.level() == level).map(Finding::text).toList();
  }

  @Test
  void whenNothingIsThere_thenEachInterfaceSaysHowToGetItAndNothingIsWrong() {
    List<Finding> findings = look(false);

    assertThat(findings).allMatch(finding -> finding.level() == Level.NOTE);
    assertThat(texts(findings, Level.NOTE))
        .anyMatch(text -> text.startsWith("this machine is no TDX guest"))
        .anyMatch(text -> text.startsWith("sysfs: ") && text.contains("Linux 6.16"))
        .anyMatch(text -> text.startsWith("configfs: ") && text.contains("kernels of some vendors"))
        .anyMatch(text -> text.startsWith("tdreport: ") && text.contains("modprobe tdx_guest"));
  }

  @Test
  void whenNothingIsThereAndTdxIsConfigured_thenThatIsWrong() {
    assertThat(texts(look(true), Level.BAD))
        .containsExactly("no interface that could be used is there");
  }

  @Test
  void whenSysfsIsThere_thenItIsUsedAndSaysWhatCanBeWritten() throws Exception {
    Path folder = root.resolve("sys/class/misc/tdx_guest/measurements");
    Files.createDirectories(folder);
    Files.write(folder.resolve("rtmr2:sha384"), new byte[48]);
    Files.createDirectories(root.resolve("dev"));
    Files.createFile(root.resolve("dev/tdx_guest"));

    List<Finding> findings = look(true);

    assertThat(texts(findings, Level.GOOD))
        .containsExactly(
            "sysfs: used by '--backend tdx', %s: writable for this user: rtmr2:sha384"
                .formatted(folder));
    assertThat(texts(findings, Level.NOTE))
        .anyMatch(text -> text.startsWith("tdreport: not used, "));
  }

  @Test
  void whenTheConfiguredInterfaceIsMissing_thenAnotherDoesNotHelp() throws Exception {
    Files.createDirectories(root.resolve("dev"));
    Files.createFile(root.resolve("dev/tdx_guest"));

    List<Finding> findings = look(true, "tdx.interface", "sysfs");

    assertThat(texts(findings, Level.BAD)).hasSize(1);
    assertThat(texts(findings, Level.NOTE))
        .anyMatch(text -> text.startsWith("tdreport: not used, "));
  }

  @Test
  void whenASettingIsWrong_thenItIsNamed() {
    assertThat(texts(look(true, "tdx.interface", "ioctl"), Level.BAD))
        .allMatch(text -> text.contains("needs one of [sysfs, configfs, tdreport]"))
        .hasSize(1);
  }

  @Test
  void whenTheProcessorSaysSo_thenItIsAGuest() throws Exception {
    Files.writeString(processors, "flags : fpu tdx_guest sse2\n");

    assertThat(texts(look(false), Level.NOTE)).contains("this machine is a TDX guest");
  }
}

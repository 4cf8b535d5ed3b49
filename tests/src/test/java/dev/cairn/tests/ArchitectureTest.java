package dev.cairn.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between modules and between the packages of core. Think before you change one. */
@AnalyzeClasses(
    packages = "dev.cairn",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoFixtures.class})
class ArchitectureTest {
  /** Fixtures of core come in a jar of their own when the whole reactor runs. */
  static final class NoFixtures implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  private static final String[] CORE = {
    "dev.cairn.measure..",
    "dev.cairn.eventlog..",
    "dev.cairn.replay..",
    "dev.cairn.foreign..",
    "dev.cairn.evidence..",
    "dev.cairn.store..",
    "dev.cairn.service..",
    "dev.cairn.emulator..",
    "dev.cairn.coco.."
  };

  @ArchTest
  static final ArchRule MODULES_POINT_ONE_WAY =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.cairn..")
          .layer("core")
          .definedBy(CORE)
          .layer("linux")
          .definedBy("dev.cairn.linux..")
          .layer("tpm")
          .definedBy("dev.cairn.backend.tpm..")
          .layer("tdx")
          .definedBy("dev.cairn.backend.tdx..")
          .layer("http")
          .definedBy("dev.cairn.http..")
          .layer("cli")
          .definedBy("dev.cairn.cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("tpm")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("tdx")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("linux")
          .mayOnlyBeAccessedByLayers("tpm", "tdx", "cli")
          .withOptionalLayers(true)
          .ensureAllClassesAreContainedInArchitecture()
          .because("only cli knows what is wired to what");

  @ArchTest
  static final ArchRule CORE_IS_BUILT_FLOOR_BY_FLOOR =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.cairn..")
          .withOptionalLayers(true)
          .layer("measure")
          .definedBy("dev.cairn.measure..")
          .layer("eventlog")
          .definedBy("dev.cairn.eventlog..")
          .layer("replay")
          .definedBy("dev.cairn.replay..")
          .layer("foreign")
          .definedBy("dev.cairn.foreign..")
          .layer("evidence")
          .definedBy("dev.cairn.evidence..")
          .layer("store")
          .definedBy("dev.cairn.store..")
          .layer("service")
          .definedBy("dev.cairn.service..")
          .layer("emulator")
          .definedBy("dev.cairn.emulator..")
          .layer("coco")
          .definedBy("dev.cairn.coco..")
          .whereLayer("coco")
          .mayOnlyAccessLayers("measure", "eventlog", "evidence", "service")
          .whereLayer("measure")
          .mayNotAccessAnyLayer()
          .whereLayer("eventlog")
          .mayOnlyAccessLayers("measure")
          .whereLayer("replay")
          .mayOnlyAccessLayers("measure", "eventlog")
          .whereLayer("foreign")
          .mayOnlyAccessLayers("measure", "eventlog", "replay")
          .whereLayer("evidence")
          .mayOnlyAccessLayers("measure", "eventlog", "replay")
          .whereLayer("store")
          .mayOnlyAccessLayers("measure", "eventlog")
          .whereLayer("service")
          .mayOnlyAccessLayers("measure", "eventlog", "replay", "foreign", "store")
          .whereLayer("emulator")
          .mayOnlyAccessLayers("measure", "eventlog", "replay", "evidence")
          .because("service is the only place where log and register meet");

  @ArchTest
  static final ArchRule CORE_KNOWS_NO_SERVER_AND_NO_NATIVE_CODE =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.vertx..", "io.netty..", "com.sun.jna..", "jnr..", "picocli..", "sun..")
          .because("core is usable as a library, on any machine");

  @ArchTest
  static final ArchRule BACKENDS_KNOW_NO_SERVER =
      noClasses()
          .that()
          .resideInAnyPackage("dev.cairn.backend..", "dev.cairn.linux..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..", "picocli..", "jnr..")
          .because("a backend is driven by the sequencer's thread and by nothing else");

  @ArchTest
  static final ArchRule JNA_HAS_ONE_DOOR =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.cairn.linux..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..")
          .because("system calls are declared once");

  @ArchTest
  static final ArchRule HTTP_KNOWS_NO_NATIVE_CODE =
      noClasses()
          .that()
          .resideInAPackage("dev.cairn.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.sun.jna..", "jnr..", "picocli..")
          .because("a native call would block the event loop");

  @ArchTest
  static final ArchRule JNR_POSIX_HAS_ONE_DOOR =
      noClasses()
          .that()
          .haveNameNotMatching("dev\\.cairn\\.cli\\.Posix(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jnr..")
          .because("loading it costs 0.4 s and 19 MiB: never on the way to ready");

  @ArchTest
  static final ArchRule VERTX_INTERNALS_HAVE_ONE_DOOR =
      noClasses()
          .that()
          .haveNameNotMatching("dev\\.cairn\\.http\\.PeerCredentials(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..impl..", "io.vertx.core.internal..")
          .because("they change between minor versions: one adapter, one test");

  @ArchTest
  static final ArchRule JSON_IS_STREAMED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson.databind..")
          .because("databind costs 0.2 s at the first request and 6 MiB");

  @ArchTest
  static final ArchRule ONLY_COMMANDS_PRINT =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.cairn.cli..")
          .should(ACCESS_STANDARD_STREAMS)
          .because("everything else logs or returns");

  @ArchTest
  static final ArchRule NO_GENERIC_EXCEPTIONS = NO_CLASSES_SHOULD_THROW_GENERIC_EXCEPTIONS;

  @ArchTest static final ArchRule ONE_LOGGING_API = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}

package dev.cairn.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * A property: a test of one {@code long}, the seed from which it makes its input. Runs with the
 * seeds 0 to 99, with {@code -Dcairn.seeds=N} from 0 to N - 1, with {@code -Dcairn.seed=S} for S
 * alone. A failure begins with the option that repeats it.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "-Dcairn.seed={0}")
@ArgumentsSource(SeededTest.Seeds.class)
@ExtendWith(SeededTest.SeedInFailure.class)
public @interface SeededTest {
  /** Which seeds. */
  final class Seeds implements ArgumentsProvider {
    private static final int DEFAULT_COUNT = 100;

    @Override
    public Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Long only = Long.getLong("cairn.seed");
      int count = Integer.getInteger("cairn.seeds", DEFAULT_COUNT);
      LongStream seeds = only == null ? LongStream.range(0, count) : LongStream.of(only);
      return seeds.mapToObj(Arguments::of);
    }
  }

  /** Puts the test's display name, which is the option, before the message. */
  final class SeedInFailure implements TestExecutionExceptionHandler {
    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) {
      throw new AssertionError(context.getDisplayName() + ": " + failure, failure);
    }
  }
}

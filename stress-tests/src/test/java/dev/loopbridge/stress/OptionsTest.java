package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  @Test
  void understandsACommandLine() {
    Options options =
        Options.parse("run", "--tier", "T2", "--seed", "7", "--time", "5m", "--loops", "vertx");
    assertThat(options.verb()).isEqualTo(Options.Verb.RUN);
    assertThat(options.what()).isEqualTo("run --time 5m --loops vertx");
    assertThat(options.order().tier()).isEqualTo(Tier.T2);
    assertThat(options.order().seed()).isEqualTo(7);
    assertThat(options.order().time()).contains(Duration.ofMinutes(5));
    assertThat(options.order().loops()).containsExactly("vertx");
    assertThat(Order.of(options.order().arguments())).isEqualTo(options.order());
  }

  @Test
  void understandsTheNameOfAFinding() {
    Suite suite = Suites.all().get(0);
    Options options = Options.parse("replay", suite.name() + "/-5/netty-nio/17");
    assertThat(options.suites()).extracting(Suite::name).containsExactly(suite.name());
    assertThat(options.order().seed()).isEqualTo(-5);
    assertThat(options.order().scene()).contains("netty-nio/17");
    assertThat(Order.of(options.order().arguments())).isEqualTo(options.order());
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'expected list, run, replay, report or self-check'",
    "walk, unknown command walk",
    "replay, replay needs the name",
    "'replay storm', replay needs the name",
    "'replay storm/x', the seed must be a whole number",
    "'run --tier T9', there is no tier T9",
    "'run --suite nothing', there is no suite nothing",
    "'run --loops nothing', there is no loop kind nothing",
    "'run --time soon', --time must be a duration",
    "'run --jdk /nowhere', there is no JDK in /nowhere",
    "'run --source /', / is no checkout of Loopbridge",
    "'run --seed', --seed needs a value",
    "'run --colour red', unknown option --colour",
    "'self-check --suite M99', there is no seeded bug M99",
  })
  void saysWhatIsWrong(String line, String message) {
    String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");
    assertThatThrownBy(() -> Options.parse(arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}

package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class OptionsTest {

  @Test
  void understandsACommandLine() {
    Options options =
        CommandLine.populateCommand(
            new Options(), "--tier", "T2", "--seed", "7", "--time", "5m", "--loops", "vertx");
    assertThat(options.what("run")).isEqualTo("run --time 5m --loops vertx");
    Order order = options.order();
    assertThat(order.tier()).isEqualTo(Tier.T2);
    assertThat(order.seed()).isEqualTo(7);
    assertThat(order.time()).contains(Duration.ofMinutes(5));
    assertThat(order.loops()).containsExactly("vertx");
    assertThat(Order.of(order.arguments())).isEqualTo(order);
    Order one = order.of(-5, "netty-nio/17");
    assertThat(Order.of(one.arguments())).isEqualTo(one);
    assertThat(Order.of(one.withoutScene().arguments())).isEqualTo(order.of(-5, "").withoutScene());
  }

  @ParameterizedTest
  @CsvSource({
    "'', Missing required subcommand",
    "walk, Unmatched argument at index 0: 'walk'",
    "replay, Missing required parameter: 'SUITE/SEED[/SCENE]'",
    "'replay storm', replay needs the name",
    "'replay storm/x', replay needs the name",
    "'replay nothing/1', there is no suite nothing",
    "'run --tier T9', 'expected one of [T0, T1, T2]'",
    "'run --suite nothing', there is no suite nothing",
    "'run --loops nothing', there is no loop kind nothing",
    "'run --time soon', --time must be a duration",
    "'run --jdk /nowhere', there is no JDK in /nowhere",
    "'run --source /', / is no checkout of Loopbridge",
    "'run --seed', Missing required parameter for option '--seed'",
    "'run --seed x', is not a long",
    "'run --colour red', Unknown options: '--colour'",
    "'self-check --suite M99', there is no seeded bug M99",
  })
  void reportsWhatIsWrong(String line, String message) {
    StringWriter written = new StringWriter();
    int exitCode =
        Main.commandLine(System.out)
            .setErr(new PrintWriter(written))
            .execute(line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(exitCode).isEqualTo(2);
    assertThat(written.toString()).contains(message);
  }

  @Test
  void helpNamesTheCommandsAndTheExitCodes() {
    StringWriter written = new StringWriter();
    int exitCode = Main.commandLine(System.out).setOut(new PrintWriter(written)).execute("--help");
    assertThat(exitCode).isZero();
    assertThat(written.toString())
        .contains("list", "run", "replay", "report", "self-check", "4   something hangs");
  }
}

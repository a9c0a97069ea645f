package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two threads can run at once where there are two processors, and the container's quota has both.
 */
class ProcessorQuotaTest {

  @TempDir Path group;

  private boolean isTwo() {
    return ProcessorQuota.isTwoOrMore(2, group);
  }

  @Test
  void withoutAQuotaTheProcessorsCount() {
    assertThat(ProcessorQuota.isTwoOrMore(1, group)).isFalse();
    assertThat(isTwo()).isTrue();
  }

  @Test
  void aQuotaOfVersionTwo() throws IOException {
    Path file = group.resolve("cpu.max");
    Files.writeString(file, "max 100000\n");
    assertThat(isTwo()).isTrue();
    Files.writeString(file, "199999 100000\n");
    assertThat(isTwo()).isFalse();
    Files.writeString(file, "200000 100000\n");
    assertThat(isTwo()).isTrue();
    assertThat(ProcessorQuota.isTwoOrMore(1, group)).isFalse();
  }

  @Test
  void aQuotaOfVersionOne() throws IOException {
    Path cpu = Files.createDirectory(group.resolve("cpu"));
    Files.writeString(cpu.resolve("cpu.cfs_period_us"), "50000\n");
    Path quota = cpu.resolve("cpu.cfs_quota_us");
    Files.writeString(quota, "-1\n");
    assertThat(isTwo()).isTrue();
    Files.writeString(quota, "75000\n");
    assertThat(isTwo()).isFalse();
    Files.writeString(quota, "100000\n");
    assertThat(isTwo()).isTrue();
  }

  @Test
  void filesThatCannotBeReadAreNoQuota() throws IOException {
    Files.writeString(group.resolve("cpu.max"), "\n");
    assertThat(isTwo()).isTrue();
    Files.createDirectories(group.resolve("cpu").resolve("cpu.cfs_quota_us"));
    assertThat(isTwo()).isTrue();
  }
}

package dev.loopbridge.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said where a library cannot be built; cargo and the linker are scripts of the test. */
class CargoTest {

  @TempDir private Path directory;
  private Path programs;
  private Cargo cargo;

  @BeforeEach
  void prepare() throws IOException {
    programs = Files.createDirectory(directory.resolve("bin"));
    Path crate = Files.createDirectory(directory.resolve("native"));
    Files.writeString(crate.resolve("Cargo.toml"), "[package]");
    program("cargo", "echo 'cargo 1.88.0 (abc 2025-05-01)'");
    program("cc", "");
    cargo = new Cargo(crate, directory.resolve("target"), "/nowhere::" + programs);
  }

  private void program(String name, String script) throws IOException {
    Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void aMachineThatHasEverythingIsTaken() {
    cargo.requireTools();
  }

  @Test
  void aMachineWithoutRustIsToldWhereToGetIt() throws IOException {
    Files.delete(programs.resolve("cargo"));
    assertThatThrownBy(cargo::requireTools)
        .isInstanceOf(BuildException.class)
        .hasMessage(
            "Loopbridge needs a Rust toolchain (cargo 1.88 or newer) on the PATH. Install it from"
                + " https://rustup.rs, then open a new shell.");
  }

  @Test
  void anOldCargoIsToldTheVersion() throws IOException {
    program("cargo", "echo 'cargo 1.70.0 (ec8a8a0ca 2023-04-25)'");
    assertThatThrownBy(cargo::requireTools)
        .hasMessageContaining("needs cargo 1.88 or newer, found: cargo 1.70.0")
        .hasMessageContaining("rustup update stable");
  }

  @Test
  void aMachineWithoutALinkerIsToldHowToGetOne() throws IOException {
    Files.delete(programs.resolve("cc"));
    assertThatThrownBy(cargo::requireTools)
        .hasMessageContaining("needs a C linker (cc)")
        .hasMessageContaining("apt-get install gcc");
  }

  @Test
  void aDirectoryWithoutACrateIsNamed() {
    Cargo other = new Cargo(directory, directory.resolve("target"), programs.toString());
    assertThatThrownBy(other::requireTools)
        .hasMessage(
            "there is no Cargo.toml in "
                + directory
                + ": make the crate there, or name its directory");
  }

  @Test
  void aProgramThatCannotRunIsNamed() throws IOException {
    Path broken = programs.resolve("cargo");
    Files.writeString(broken, "#!/nowhere/sh\n");
    assertThatThrownBy(cargo::requireTools).hasMessageContaining(broken + " cannot be run in");
  }

  @Test
  void theLibraryIsWhatCargoSays() throws IOException {
    program(
        "cargo",
        "echo '{\"reason\":\"compiler-artifact\",\"target\":{\"crate_types\":[\"lib\"]},"
            + "\"filenames\":[\"/t/libother.rlib\"]}'\n"
            + "echo '{\"reason\":\"compiler-artifact\",\"target\":{\"crate_types\":[\"cdylib\"]},"
            + "\"filenames\":[\"/t/release/liborders.so\",\"/t/release/liborders.so.dwp\"]}'");
    assertThat(cargo.build(List.of())).isEqualTo(Path.of("/t/release/liborders.so"));
  }

  @Test
  void aCrateThatIsNoLibraryForJavaIsToldWhatItNeeds() throws IOException {
    program("cargo", "echo '{\"reason\":\"build-finished\",\"success\":true}'");
    assertThatThrownBy(() -> cargo.build(List.of()))
        .hasMessageContaining("builds no library for Java")
        .hasMessageContaining("[lib] crate-type = [\"cdylib\"]");
  }

  @Test
  void aCrateThatDoesNotCompileIsNamedBehindWhatTheCompilerSays() throws IOException {
    program("cargo", "exit 101");
    assertThatThrownBy(() -> cargo.build(List.of("--release")))
        .hasMessageContaining("--release failed in " + directory.resolve("native"))
        .hasMessageContaining("see what it says above");
  }

  @Test
  void thePlatformIsTheTargetsOrElseThatOfRust() throws IOException {
    program("rustc", "echo 'host: aarch64-apple-darwin'");
    assertThat(cargo.platform(List.of("--release")).name()).isEqualTo("macos-aarch64");
    assertThat(cargo.platform(List.of("--target=x86_64-unknown-linux-musl")).name())
        .isEqualTo("linux-x86_64-musl");
    assertThat(cargo.platform(List.of("--target", "aarch64-unknown-linux-gnu")).name())
        .isEqualTo("linux-aarch64");
    program("rustc", "echo nothing");
    assertThatThrownBy(() -> cargo.platform(List.of()))
        .hasMessageContaining("does not say which platform");
  }
}

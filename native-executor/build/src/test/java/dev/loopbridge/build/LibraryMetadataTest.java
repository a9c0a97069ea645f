package dev.loopbridge.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Metadata in the files of libraries, of which each is made here byte by byte. */
class LibraryMetadataTest {

  private static final List<String> TEXTS =
      List.of(
          "library orders 1.2.3 00112233aabbccdd",
          "record Item{sku:string}\ndoc sku\tTab\\tand \\\\ and\\nline.",
          "async put({#Item},object<Shop>)->unit!Failed\nparams item,shop");

  @TempDir private Path directory;

  /** The kinds of files, each with the metadata at some place in it. */
  enum Kind {
    ELF {
      @Override
      byte[] file(byte[] metadata) {
        byte[] names = "\0.text\0.lbmeta\0".getBytes(StandardCharsets.US_ASCII);
        int data = 64;
        int strings = data + metadata.length;
        int table = strings + names.length;
        ByteBuffer file = buffer(table + 3 * 64);
        file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        file.putLong(40, table).putShort(58, (short) 64).putShort(60, (short) 3);
        file.putShort(62, (short) 1);
        file.put(data, metadata).put(strings, names);
        file.putInt(table, 1).putLong(table + 24, 0).putLong(table + 32, 5);
        file.putLong(table + 64 + 24, strings).putLong(table + 64 + 32, names.length);
        file.putInt(table + 128, 7).putLong(table + 128 + 24, data);
        file.putLong(table + 128 + 32, metadata.length);
        return file.array();
      }
    },
    MACH_O {
      @Override
      byte[] file(byte[] metadata) {
        int data = 32 + 16 + 72 + 2 * 80;
        ByteBuffer file = buffer(data + metadata.length);
        file.putInt(0, 0xfeedfacf).putInt(16, 2);
        file.putInt(32, 0x1b).putInt(36, 16); // another command
        int segment = 48;
        file.putInt(segment, 0x19).putInt(segment + 4, 72 + 160).putInt(segment + 64, 2);
        int section = segment + 72 + 80;
        file.put(section, "__lbmeta".getBytes(StandardCharsets.US_ASCII));
        file.putLong(section + 40, metadata.length).putInt(section + 48, data);
        file.put(data, metadata);
        return file.array();
      }
    },
    UNIVERSAL {
      @Override
      byte[] file(byte[] metadata) {
        byte[] library = MACH_O.file(metadata);
        ByteBuffer file = ByteBuffer.allocate(4096 + library.length);
        file.putInt(0, 0xcafebabe).putInt(4, 1).putInt(16, 4096).putInt(20, library.length);
        return file.put(4096, library).array();
      }
    };

    abstract byte[] file(byte[] metadata);

    private static ByteBuffer buffer(int bytes) {
      return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static byte[] blobs(List<String> texts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      all.writeBytes("LBM1".getBytes(StandardCharsets.US_ASCII));
      all.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
      all.writeBytes(bytes);
      all.writeBytes(new byte[3]); // what a linker pads with
    }
    return all.toByteArray();
  }

  private LibraryMetadata read(byte[] content) throws IOException {
    return LibraryMetadata.read(Files.write(directory.resolve("liborders.so"), content));
  }

  @ParameterizedTest
  @EnumSource
  void itemsAreReadFromEachKindOfFile(Kind kind) throws IOException {
    LibraryMetadata library = read(kind.file(blobs(TEXTS)));
    assertThat(library.name()).isEqualTo("orders");
    assertThat(library.version()).isEqualTo("1.2.3");
    assertThat(library.lines())
        .containsExactly("async put({#Item},object<Shop>)->unit!Failed", "record Item{sku:string}");
    assertThat(library.items().get(0).doc("sku")).isEqualTo("Tab\tand \\ and\nline.");
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatIsCutShortIsRefused(Kind kind) {
    byte[] whole = kind.file(blobs(TEXTS));
    for (int length = 0; length < whole.length - 24; length += 7) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(part)).isInstanceOf(BuildException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyByteThatIsDamagedGivesALibraryOrTheTypedError(Kind kind) throws IOException {
    byte[] whole = kind.file(blobs(TEXTS));
    for (int at = 0; at < whole.length; at = at == 32 && kind == Kind.UNIVERSAL ? 4096 : at + 1) {
      for (int value : new int[] {0, '<', 0xff}) {
        byte[] damaged = whole.clone();
        damaged[at] = (byte) value;
        try {
          new JavaSources(read(damaged), JavaOptions.of("shop"));
        } catch (BuildException expected) {
          assertThat(expected).hasMessageNotContaining("null");
        }
      }
    }
  }

  @Test
  void tablesThatCannotBeAreRefused() {
    byte[] elf = Kind.ELF.file(blobs(TEXTS));
    assertThatThrownBy(() -> read(with(elf, 4, 1)))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("is for a processor of 32 bits or of big endian order");
    assertThatThrownBy(() -> read(with(elf, 5, 2)))
        .hasMessageContaining("is for a processor of 32 bits or of big endian order")
        .hasMessageContaining("[linux-aarch64, linux-x86_64]");
    assertThatThrownBy(() -> read(with(elf, 58, 63))).hasMessageContaining("is damaged");
    assertThatThrownBy(() -> read(with(elf, 47, 0x7f))) // the table lies behind 2^31 bytes
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("is damaged");
    byte[] mach = Kind.MACH_O.file(blobs(TEXTS));
    mach[19] = 0x7f; // so many commands, each of which would take no bytes
    assertThatThrownBy(() -> read(with(mach, 36, 0)))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("is damaged");
  }

  private static byte[] with(byte[] file, int at, int value) {
    byte[] other = file.clone();
    other[at] = (byte) value;
    return other;
  }

  @Test
  void theOrderInTheFileDoesNotMatter() throws IOException {
    List<String> other = List.of(TEXTS.get(2), TEXTS.get(1), TEXTS.get(0), TEXTS.get(1));
    LibraryMetadata library = read(Kind.ELF.file(blobs(other)));
    assertThat(library.lines()).isEqualTo(read(Kind.ELF.file(blobs(TEXTS))).lines());
    assertThat(library.items()).hasSize(2);
  }

  @Test
  void whatIsNoLibraryIsNamed() {
    assertThatThrownBy(() -> LibraryMetadata.read(directory.resolve("gone.so")))
        .hasMessageContaining("gone.so cannot be read")
        .hasMessageContaining("build it first");
    assertThatThrownBy(() -> read("text".getBytes(StandardCharsets.US_ASCII)))
        .hasMessageContaining("no shared library of Linux or macOS");
    assertThatThrownBy(() -> read(Kind.ELF.file(new byte[0])))
        .hasMessageContaining("has no function and no type for Java: mark them with #[loopbridge");
    assertThatThrownBy(() -> read(Kind.ELF.file(blobs(TEXTS.subList(1, 2)))))
        .hasMessageContaining("call loopbridge::library!");
  }

  @Test
  void aLibraryOfAnotherPlatformIsRefused() throws IOException {
    byte[] file = Kind.ELF.file(blobs(TEXTS));
    file[18] = (byte) 183;
    LibraryMetadata library = read(file);
    library.requirePlatform(new Platform("linux-aarch64"));
    library.requirePlatform(new Platform("linux-aarch64-musl"));
    assertThatThrownBy(() -> library.requirePlatform(new Platform("linux-x86_64")))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining(
            "orders was built for linux-aarch64 and would be packed for linux-x86")
        .hasMessageContaining("<platform>linux-aarch64</platform>");
    assertThatThrownBy(() -> new Platform("linux-amd64"))
        .hasMessageContaining("'linux-amd64' is no platform; expected is 'linux-x86_64'");
    assertThatThrownBy(() -> new Platform("x86_64-unknown-linux-gnu"))
        .hasMessageContaining("expected is a name such as linux-x86_64");
    assertThatThrownBy(() -> Platform.ofTarget("wasm32-unknown-unknown"))
        .hasMessageContaining("does not run on Rust's target 'wasm32-unknown-unknown'");
  }

  @Test
  void aBlobThatIsLongerThanItsSectionIsRefused() {
    byte[] blobs = blobs(TEXTS);
    blobs[6] = 1;
    assertThatThrownBy(() -> read(Kind.ELF.file(blobs)))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("ends too early");
  }

  @Test
  void anItemThatCannotBeReadIsNamed() {
    for (String item :
        List.of("record R{", "record R{a}", "enum E{A{", "enum E{A{b}}", "f()", "record {}", "")) {
      assertThatThrownBy(() -> ItemParser.parse(item))
          .as(item)
          .isInstanceOf(BuildException.class)
          .hasMessageContaining("the item '" + item + "' in the library's metadata cannot be read");
    }
  }

  @Test
  void aTypeThatCannotBeReadIsNamed() {
    String deep = "list<".repeat(100_000) + "i64" + ">".repeat(100_000);
    assertThatThrownBy(() -> Type.parse(deep)).isInstanceOf(BuildException.class);
    assertThatThrownBy(() -> Type.parse("i64" + "?".repeat(100_000)))
        .isInstanceOf(BuildException.class);
    assertThat(Type.parse("list<#Größe?>"))
        .isEqualTo(new Type.ListOf(new Type.Option(new Type.Named("Größe"))));
    for (String type : List.of("list<i64", "list<", "{i64", "map<i64>", "[i64+", "#", "i64>", "")) {
      assertThatThrownBy(() -> Type.parse(type))
          .as(type)
          .isInstanceOf(BuildException.class)
          .hasMessageContaining("'" + type + "'");
    }
  }
}

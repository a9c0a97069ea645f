package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a type that differs between a library and the classes made from one. */
class LibraryItemsTest {

  private static final String PLACE = "async place({#NewOrder})->{#Order}!Failed";

  private static final List<String> LINES =
      List.of(
          "record Item{sku:string,tags:map<string,list<i64>>}",
          "record NewOrder{items:list<#Item>,note:string?}",
          "record Order{status:#Status}",
          "enum Status{Open,Shipped{carrier:string,tracking:string}}",
          "error Failed{Blocked{customer:string},Database}",
          "record Unused{a:i64}");

  private static String difference(String from, String to) {
    List<String> actual =
        LINES.stream().map(line -> line.replace(from, to)).filter(line -> !line.isEmpty()).toList();
    return new LibraryItems(LINES).difference(PLACE, new LibraryItems(actual), "orders");
  }

  @Test
  void theSameTypesDoNotDiffer() {
    assertThat(difference("nothing", "else")).isNull();
    assertThat(difference("a:i64", "a:i32")).as("of a type that is not used").isNull();
  }

  @Test
  void aNameMayHaveLettersOfAllScripts() {
    List<String> lines = List.of("record Größe{höhe:#数}", "record 数{a:i64}", "object É");
    LibraryItems other =
        new LibraryItems(lines.stream().map(line -> line.replace("i64", "i32")).toList());
    assertThat(new LibraryItems(lines).difference("async f()->{list<#Größe>}", other, "orders"))
        .isEqualTo("field a of 数 is i32 in library 'orders', i64 in the classes");
    assertThat(new LibraryItems(lines).difference("async f(object<É>)->unit", other, "orders"))
        .isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "note:string?|note:string"
            + "|field note of NewOrder is string in library 'orders', string? in the classes",
        "list<i64>|list<i32>|field tags of Item is map<string,list<i32>> in library 'orders',"
            + " map<string,list<i64>> in the classes",
        ",note:string?|''"
            + "|field note of NewOrder is missing in library 'orders', string? in the classes",
        "note:string?|note:string?,by:string"
            + "|field by of NewOrder is string in library 'orders', missing in the classes",
        "sku:string,tags:map<string,list<i64>>|tags:map<string,list<i64>>,sku:string"
            + "|the order of fields of Item is tags, sku in library 'orders', sku, tags in the classes",
        "Open,|Open{by:string},"
            + "|variant Open of Status is {by:string} in library 'orders', a plain variant in the classes",
        "record Item{sku:string,tags:map<string,list<i64>>}|''"
            + "|library 'orders' has no record Item, which the classes have",
        "record Order{status:#Status}|enum Order{A}"
            + "|Order is enum in library 'orders', record in the classes",
        ",Database}|}"
            + "|variant Database of Failed is missing in library 'orders', a plain variant in the classes"
      })
  void theFirstDifferenceIsNamed(String from, String to, String expected) {
    assertThat(difference(from, to)).isEqualTo(expected);
  }
}

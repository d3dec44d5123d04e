package dev.sluice.tool.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tool.events.CsvMapping.Times;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellsTest {

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "-1.50,-1.5",
    "+2,2",
    ".5,0.5",
    "5.,5",
    "1e3,1000",
    "1E-3,0.001",
    "1e100,1e100"
  })
  void aNumberIsReadAsProgramsWriteIt(String cell, double number) {
    assertThat(Cells.number(cell)).hasValue(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "-", "007", "1,5", "1 000", "0x1", "1d", "NaN", "inf", "1e101", "1e9999", "٣"
      })
  void whatIsNoNumberIsNone(String cell) {
    assertThat(Cells.number(cell)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-30T08:15:00Z,2026-11-30T08:15:00Z",
    "2026-11-30T08:15+01:00,2026-11-30T07:15:00Z",
    "2026-11-30 08:15:00.250,2026-11-30T08:15:00.250Z",
    "2026-11-30 08:15:00+0100,2026-11-30T07:15:00Z",
    "2026-11-30 08:15:00+01,2026-11-30T07:15:00Z",
    "2026-11-30T08:15:00,2026-11-30T08:15:00Z",
    "2026-11-30,2026-11-30T00:00:00Z",
    "1700000000,2023-11-14T22:13:20Z",
    "1700000000.5,2023-11-14T22:13:20.500Z",
    "1700000000500,2023-11-14T22:13:20.500Z",
    "-1,1969-12-31T23:59:59Z"
  })
  void aTimeIsReadAsProgramsWriteIt(String cell, Instant time) {
    assertThat(Cells.timeMs(cell, Times.INSTANTS)).hasValue(time.toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "30.11.2026",
        "11/30/2026",
        "2026-13-01",
        "2026-02-30",
        "2026-11-30T25:00",
        "1e90",
        "2026-11-30T08:15:00 Europe/Berlin",
        "+292278994-08-17T07:12:55Z",
        "99999-01-01"
      })
  void whatIsNoTimeIsNone(String cell) {
    assertThat(Cells.timeMs(cell, Times.INSTANTS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "20260131,2026-01-31T00:00:00Z",
    "19991231,1999-12-31T00:00:00Z",
    "2026013123,2026-01-31T23:00:00Z",
    "202601312359,2026-01-31T23:59:00Z",
    "20260131235958,2026-01-31T23:59:58Z",
    "2026013123.0,2026-01-31T23:00:00Z",
    "2026-01-31,2026-01-31T00:00:00Z"
  })
  void digitsAreDatesWhereTheColumnHasThem(String cell, Instant time) {
    assertThat(Cells.timeMs(cell, Times.DIGITS)).hasValue(time.toEpochMilli());
  }

  @ParameterizedTest
  @ValueSource(strings = {"20260230", "2026013124", "1700000000", "0", "202601", "20260131.5"})
  void otherNumbersAreThenNoTimes(String cell) {
    assertThat(Cells.timeMs(cell, Times.DIGITS)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"42,70", "-0,5", "1.234,56", "1,234.56", "1,234,567", "+3,0"})
  void numbersWithACommaAreRecognised(String cell) {
    assertThat(Cells.isCommaNumber(cell)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", "42.70", "42,", ",7", "a,b", "1,2,3", "12,34.5", "1,2 kg"})
  void otherCellsAreNoNumbersWithAComma(String cell) {
    assertThat(Cells.isCommaNumber(cell)).isFalse();
  }
}

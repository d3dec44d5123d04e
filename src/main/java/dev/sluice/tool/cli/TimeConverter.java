package dev.sluice.tool.cli;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time as the data contract has it: ISO-8601 or epoch milliseconds. */
final class TimeConverter implements ITypeConverter<Instant> {

  @Override
  public Instant convert(String text) {
    try {
      return text.matches("-?\\d+")
          ? Instant.ofEpochMilli(Long.parseLong(text))
          : Instant.parse(text);
    } catch (DateTimeParseException | NumberFormatException e) {
      throw new TypeConversionException(
          "a time is ISO-8601 with its zone, as 2001-01-08T00:00:00Z, or epoch milliseconds, but"
              + " this is ("
              + text
              + ")");
    }
  }
}

package dev.sluice.tool.lint;

/**
 * The position of a number.
 *
 * @param file as it was named
 * @param unit the pod, service or unit in it; empty if the number is of no single one
 */
record Place(String file, String unit) {

  static Place of(String file) {
    return new Place(file, "");
  }

  Place within(String name) {
    return new Place(file, name);
  }

  @Override
  public String toString() {
    return unit.isEmpty() ? file : file + ": " + unit;
  }
}

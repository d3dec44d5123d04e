package dev.sluice.codec;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The features that a job expects of its observations, by name, and what each of them is: {@code
 * distance:number, destination:text, note:any, *}. With {@code *} other names may come, too.
 * Immutable.
 */
public final class DeclaredFeatures implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String OTHERS = "*";

  private final Map<String, Type> types;
  private final boolean othersMayCome;

  enum Type {
    /** A JSON number. */
    NUMBER("number"),
    /** A JSON string, or true or false. */
    TEXT("text"),
    /** Either. */
    ANY("any");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    boolean allows(boolean number) {
      return this == ANY || (this == NUMBER) == number;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  private DeclaredFeatures(Map<String, Type> types, boolean othersMayCome) {
    this.types = types;
    this.othersMayCome = othersMayCome;
  }

  /**
   * Reads a declaration.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static DeclaredFeatures parse(String text) {
    Map<String, Type> types = new LinkedHashMap<>();
    boolean others = false;
    for (String part : text.split(",", -1)) {
      String one = part.trim();
      if (one.equals(OTHERS)) {
        others = true;
        continue;
      }
      int colon = one.lastIndexOf(':');
      Type type = colon < 1 ? null : type(one.substring(colon + 1).trim());
      if (type == null) {
        throw new IllegalArgumentException(
            "a feature is declared as name:number, name:text or name:any, and * lets others come, too, but this is (%s)"
                .formatted(one));
      }
      String name = one.substring(0, colon).trim();
      if (types.put(name, type) != null) {
        throw new IllegalArgumentException("feature (%s) is declared twice".formatted(name));
      }
    }
    return new DeclaredFeatures(types, others);
  }

  private static @Nullable Type type(String word) {
    for (Type type : Type.values()) {
      if (type.word.equals(word)) {
        return type;
      }
    }
    return null;
  }

  /** What a feature of this name must be; null if none of this name may come. */
  @Nullable Type of(String name) {
    Type type = types.get(name);
    return type == null && othersMayCome ? Type.ANY : type;
  }

  /** What {@link #parse} reads. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    types.forEach(
        (name, type) -> text.append(text.isEmpty() ? "" : ", ").append(name + ":" + type));
    return othersMayCome
        ? text.append(text.isEmpty() ? OTHERS : ", " + OTHERS).toString()
        : text.toString();
  }
}

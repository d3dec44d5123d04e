package dev.sluice.model;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a model's protobuf without deserialising the model, and refuses every class that is not
 * Tribuo's or its provenance library's.
 *
 * <p>Why: Tribuo loads and runs whatever class a model file names, and its LibLinear models hold a
 * Java serialisation stream. So before Tribuo sees the file, this walks every message in it,
 * unpacking each Any with the message type that Tribuo itself would unpack it with, and checks
 *
 * <ul>
 *   <li>each field that names a class to be loaded: {@code class_name}, {@code
 *       provenance_class_name}, and the enum class of an {@code EnumProvenance};
 *   <li>each byte field that is a Java stream, by reading it with a filter that admits LibLinear's
 *       classes only.
 * </ul>
 *
 * <p>What the walk can't open is refused. {@code object_class_name} is text: nothing loads it.
 */
final class ChampionScan {

  private static final int MAX_DEPTH = 100;
  private static final Pattern TYPE = Pattern.compile("tribuo((?:\\.[a-z0-9_]+)+)\\.([A-Z]\\w*)");
  private static final String ENUM_PROVENANCE =
      "com.oracle.labs.mlrg.olcut.provenance.primitives.EnumProvenance";
  private static final ByteString JAVA_STREAM =
      ByteString.copyFrom(new byte[] {(byte) 0xAC, (byte) 0xED});
  private static final ObjectInputFilter LIBLINEAR_ONLY =
      ObjectInputFilter.Config.createFilter(
          "maxdepth=20;de.bwaldvogel.liblinear.*;java.lang.Enum;!*");

  private ChampionScan() {}

  /**
   * Walks a model.
   *
   * @throws ChampionException if it names a class that is not allowed or not on the class path, or
   *     holds something that can't be checked
   */
  static void check(Message model) {
    check(model, "", 0);
  }

  /**
   * @param owner the nearest class name above
   */
  private static void check(Message message, String owner, int depth) {
    if (depth > MAX_DEPTH) {
      throw new ChampionException(
          "the champion's messages are nested more than %s deep; a Tribuo model's are not"
              .formatted(MAX_DEPTH));
    }
    if (message instanceof Any any) {
      if (!any.getTypeUrl().isEmpty()) {
        check(unpacked(any, owner), owner, depth + 1);
      }
      return;
    }
    String name = className(message, owner);
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getValue() instanceof List<?> values) {
        values.forEach(value -> checkValue(field.getKey(), value, message, name, depth));
      } else {
        checkValue(field.getKey(), field.getValue(), message, name, depth);
      }
    }
  }

  private static void checkValue(
      FieldDescriptor field, Object value, Message parent, String owner, int depth) {
    if (value instanceof Message message) {
      check(message, owner, depth + 1);
    } else if (value instanceof ByteString bytes && bytes.startsWith(JAVA_STREAM)) {
      checkJavaStream(field, bytes);
    } else if (value instanceof String text && namesClass(field, parent)) {
      checkClass(text);
    }
  }

  /** The class that a message is for, checked before anything below it is opened. */
  private static String className(Message message, String owner) {
    FieldDescriptor field = message.getDescriptorForType().findFieldByName("class_name");
    if (field == null || !(message.getField(field) instanceof String name) || name.isEmpty()) {
      return owner;
    }
    checkClass(name);
    return name;
  }

  private static boolean namesClass(FieldDescriptor field, Message parent) {
    return switch (field.getName()) {
      case "provenance_class_name" -> true;
      case "additional" -> {
        FieldDescriptor kind =
            parent.getDescriptorForType().findFieldByName("provenance_class_name");
        yield kind != null && ENUM_PROVENANCE.equals(parent.getField(kind));
      }
      default -> false;
    };
  }

  private static void checkClass(String name) {
    if (!name.startsWith("org.tribuo.") && !name.startsWith("com.oracle.labs.mlrg.olcut.")) {
      throw new ChampionException(
          "the champion names the class (%s), which is not allowed: only Tribuo's own classes"
                  .formatted(name)
              + " (org.tribuo.…) are ever loaded from a model file");
    }
    try {
      Class.forName(name, false, ChampionScan.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw new ChampionException(
          "the champion needs the class (%s), which is not on the class path: add the Tribuo"
                  .formatted(name)
              + " module that holds it to the job's jar",
          e);
    }
  }

  private static void checkJavaStream(FieldDescriptor field, ByteString bytes) {
    try (ObjectInputStream in = new ObjectInputStream(bytes.newInput())) {
      in.setObjectInputFilter(LIBLINEAR_ONLY);
      in.readObject();
    } catch (IOException | ClassNotFoundException | RuntimeException e) {
      throw new ChampionException(
          "the champion's field (%s) holds Java objects other than a LibLinear model's, which are"
                  .formatted(field.getFullName())
              + " not allowed: "
              + e.getMessage(),
          e);
    }
  }

  /** The message in an Any, parsed as the type that it says it is. */
  private static Message unpacked(Any any, String owner) {
    String type = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
    try {
      return parser(type, owner).parseFrom(any.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new ChampionException(
          "the champion's (%s) message is corrupt: %s".formatted(type, e.getMessage()), e);
    }
  }

  private static Parser<? extends Message> parser(String type, String owner) {
    Matcher matcher = TYPE.matcher(type);
    if (!matcher.matches()) {
      throw new ChampionException(
          "the champion holds a message of the type (%s); a Tribuo model holds tribuo.… only"
              .formatted(type));
    }
    for (String candidate : javaPackages(matcher.group(1), owner)) {
      Message empty = emptyMessage(candidate + "." + matcher.group(2));
      if (empty != null && empty.getDescriptorForType().getFullName().equals(type)) {
        return empty.getParserForType();
      }
    }
    throw new ChampionException(
        "the champion's message type (%s) is not on the class path: add the Tribuo module that"
                .formatted(type)
            + " holds it to the job's jar");
  }

  private static @Nullable Message emptyMessage(String className) {
    try {
      Class<?> message = Class.forName(className, true, ChampionScan.class.getClassLoader());
      return (Message) message.getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      return null;
    }
  }

  /**
   * Where Tribuo may keep a message's class: in the package that the type is named after or, as not
   * all are, in one that holds the owner. All begin with org.tribuo.
   */
  private static List<String> javaPackages(String room, String owner) {
    List<String> packages = new ArrayList<>();
    packages.add("org.tribuo.protos.core");
    packages.add("org.tribuo" + room.replaceFirst("\\.impl$", "") + ".protos");
    for (int dot = owner.startsWith("org.tribuo.") ? owner.lastIndexOf('.') : -1;
        dot >= "org.tribuo".length();
        dot = owner.lastIndexOf('.', dot - 1)) {
      packages.add(owner.substring(0, dot) + ".protos");
    }
    return packages;
  }
}

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
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    check(model, 0);
  }

  private static void check(Message message, int depth) {
    if (depth > MAX_DEPTH) {
      throw new ChampionException(
          "the champion's messages are nested more than %s deep; a Tribuo model's are not"
              .formatted(MAX_DEPTH));
    }
    if (message instanceof Any any) {
      if (!any.getTypeUrl().isEmpty()) {
        check(unpacked(any), depth + 1);
      }
      return;
    }
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      if (field.getValue() instanceof List<?> values) {
        values.forEach(value -> checkValue(field.getKey(), value, message, depth));
      } else {
        checkValue(field.getKey(), field.getValue(), message, depth);
      }
    }
  }

  private static void checkValue(FieldDescriptor field, Object value, Message parent, int depth) {
    if (value instanceof Message message) {
      check(message, depth + 1);
    } else if (value instanceof ByteString bytes && bytes.startsWith(JAVA_STREAM)) {
      checkJavaStream(field, bytes);
    } else if (value instanceof String text && namesClass(field, parent)) {
      checkClass(text);
    }
  }

  private static boolean namesClass(FieldDescriptor field, Message parent) {
    return switch (field.getName()) {
      case "class_name", "provenance_class_name" -> true;
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

  /** The message in an Any; Tribuo's Java classes are named after their protobuf types. */
  private static Message unpacked(Any any) {
    String type = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
    Matcher matcher = TYPE.matcher(type);
    if (!matcher.matches()) {
      throw new ChampionException(
          "the champion holds a message of the type (%s); a Tribuo model holds tribuo.… only"
              .formatted(type));
    }
    String room = matcher.group(1).replaceFirst("\\.impl$", "");
    String javaPackage =
        room.equals(".core") ? "org.tribuo.protos.core" : "org.tribuo" + room + ".protos";
    try {
      Class<?> message =
          Class.forName(
              javaPackage + "." + matcher.group(2), true, ChampionScan.class.getClassLoader());
      Parser<?> parser = (Parser<?>) message.getMethod("parser").invoke(null);
      return (Message) parser.parseFrom(any.getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new ChampionException(
          "the champion's (%s) message is corrupt: %s".formatted(type, e.getMessage()), e);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      throw new ChampionException(
          "the champion's message type (%s) is not on the class path: add the Tribuo module that"
                  .formatted(type)
              + " holds it to the job's jar",
          e);
    }
  }
}

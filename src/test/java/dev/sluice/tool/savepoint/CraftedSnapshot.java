package dev.sluice.tool.savepoint;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Snapshots as an attacker writes them. */
public final class CraftedSnapshot {

  /** Java's serialisation begins so; in metadata nothing else does. */
  private static final byte[] OBJECTS = {(byte) 0xac, (byte) 0xed, 0, 5};

  private CraftedSnapshot() {}

  /** The golden savepoint with another object in place of what it was taken for. */
  public static Path with(byte[] objects, Path into) throws IOException {
    Path directory = GoldenSavepoint.copyTo(into);
    byte[] metadata = Files.readAllBytes(directory.resolve("_metadata"));
    int at = metadata.length - OBJECTS.length;
    while (!Arrays.equals(metadata, at, at + OBJECTS.length, OBJECTS, 0, OBJECTS.length)) {
      at--;
    }
    byte[] planted = Arrays.copyOf(metadata, at + objects.length);
    System.arraycopy(objects, 0, planted, at, objects.length);
    Files.write(directory.resolve("_metadata"), planted);
    return directory;
  }

  /** An object as Java serialises it. */
  public static byte[] bytes(Object object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    return bytes.toByteArray();
  }

  /** Its hash codes take 2^100 steps: its deserialisation never ends. */
  public static byte[] setsWithinSets() throws IOException {
    Set<Object> root = new HashSet<>();
    Set<Object> left = root;
    Set<Object> right = new HashSet<>();
    for (int depth = 0; depth < 100; depth++) {
      Set<Object> below = new HashSet<>();
      Set<Object> sibling = new HashSet<>(Set.of("x"));
      left.addAll(List.of(below, sibling));
      right.addAll(List.of(below, sibling));
      left = below;
      right = sibling;
    }
    return bytes(root);
  }

  /** As a hostile length or count would make it. */
  public static Path handlesWithinHandles(Path directory) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x4960672d);
    out.writeInt(5);
    out.writeLong(7); // checkpoint
    out.writeInt(0); // master states
    out.writeInt(1); // operators
    out.writeUTF("");
    out.writeUTF("");
    out.writeLong(1);
    out.writeLong(2);
    out.writeInt(1);
    out.writeInt(128);
    for (int depth = 0; depth < 200_000; depth++) { // the coordinator's state
      out.writeByte(3); // key groups, whose files are
      out.writeInt(0);
      out.writeInt(0);
    }
    Files.createDirectory(directory);
    Files.write(directory.resolve("_metadata"), bytes.toByteArray());
    return directory;
  }
}

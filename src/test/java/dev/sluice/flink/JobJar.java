package dev.sluice.flink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Packs a job class of the tests, and the libraries that no cluster has, into a jar. */
public final class JobJar {
  private JobJar() {}

  /**
   * Writes a jar with a main class, the classes nested in it, and in its {@code lib/}, where Flink
   * looks, the jars that the other classes came from.
   */
  public static Path write(Path jar, Class<?> main, List<Class<?>> ofLibraries) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      Path classes = origin(main);
      for (Path each : classFiles(classes, main)) {
        add(out, classes.relativize(each).toString(), each);
      }
      for (Class<?> each : ofLibraries) {
        Path library = origin(each);
        add(out, "lib/" + library.getFileName(), library);
      }
    }
    return jar;
  }

  private static Path origin(Class<?> loaded) {
    return Path.of(
        URI.create(loaded.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  private static List<Path> classFiles(Path classes, Class<?> main) throws IOException {
    Path folder = classes.resolve(main.getPackageName().replace('.', '/'));
    String name = main.getSimpleName();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name + "(\\$.*)?\\.class"))
          .toList();
    }
  }

  private static void add(JarOutputStream out, String name, Path file) throws IOException {
    out.putNextEntry(new JarEntry(name));
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(out);
    }
    out.closeEntry();
  }
}

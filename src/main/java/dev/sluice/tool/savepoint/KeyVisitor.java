package dev.sluice.tool.savepoint;

import java.io.IOException;

/** Is shown one key after the other. */
@FunctionalInterface
public interface KeyVisitor {

  /** Takes a key, which is its own from now on. */
  void visit(SavedKey key) throws IOException;
}

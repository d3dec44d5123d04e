package dev.sluice.tool.guard;

import java.util.Optional;

/** The other guards, of which one may take this one's place. */
interface Relief {

  /** Where there is no other guard. */
  Relief NOBODY =
      new Relief() {
        @Override
        public Optional<String> guardInPlace(JobRun run) {
          return Optional.empty();
        }

        @Override
        public void leaves() {}
      };

  /**
   * Asks the others.
   *
   * @param run of the job that they must see
   * @return who guards it from now on; empty for nobody
   */
  Optional<String> guardInPlace(JobRun run) throws InterruptedException;

  /** This guard ends: takes back what it has promised the others. */
  void leaves();
}

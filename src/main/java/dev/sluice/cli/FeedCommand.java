package dev.sluice.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "feed", hidden = true)
final class FeedCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}

package dev.sluice.tool.stop;

import dev.sluice.settings.PublishedSettings;
import dev.sluice.tool.flink.FlinkException;
import dev.sluice.tool.flink.JobManager;
import dev.sluice.tool.flink.JobOverview;
import dev.sluice.tool.services.ToolServices;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The jobs of a cluster, and which of them are of this program. */
public final class JobList {

  private JobList() {}

  /**
   * The jobs, the newest first.
   *
   * @param over whether those count that are over
   */
  public static List<Map<String, Object>> of(ToolServices services, List<URI> rest, boolean over)
      throws IOException, InterruptedException {
    JobManager flink = services.flink(rest);
    List<JobOverview> jobs = new ArrayList<>(flink.jobs());
    jobs.removeIf(job -> !over && job.isOver());
    jobs.sort(Comparator.comparing(JobOverview::startedAt).reversed());
    List<Map<String, Object>> all = new ArrayList<>();
    for (JobOverview job : jobs) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", job.id());
      one.put("name", job.name());
      one.put("state", job.state());
      one.put("startedAt", job.startedAt().toString());
      SortedMap<String, String> settings = settings(flink, job);
      boolean ours = PublishedSettings.isOfSluice(settings);
      one.put("sluice", ours);
      one.put(
          "transactionalIdPrefix", ours ? PublishedSettings.transactionalIdPrefix(settings) : null);
      all.add(one);
    }
    return all;
  }

  /** Flink reports none for a job that it only remembers, or that is being started. */
  private static SortedMap<String, String> settings(JobManager flink, JobOverview job)
      throws IOException, InterruptedException {
    try {
      return flink.settings(job.id());
    } catch (FlinkException e) {
      return Collections.emptySortedMap();
    }
  }
}

# The command line and the guard: docker build -f deploy/docker/tool.Dockerfile -t sluice:0.1.0 .   (after mvn -DskipTests package)
# On Flink's image for its Java 17 alone: one image to pull, one to keep patched.
FROM flink:2.2.1-java17
USER root
# As in job.Dockerfile, whose containers share the volume: whichever mounts it first while it is empty gives it its owner.
RUN install -d -o flink -g flink /var/lib/sluice
# Where `resume` looks for the job's jar: next to itself.
COPY target/sluice.jar target/sluice-job.jar /opt/sluice/
# For savepoints in s3:// and the like: the plugin that Flink reads them with, in both images, as
#   RUN install -d /opt/flink/plugins/s3 && cp /opt/flink/opt/flink-s3-fs-presto-*.jar /opt/flink/plugins/s3/
ENV FLINK_PLUGINS_DIR=/opt/flink/plugins
USER flink
# Exec form: SIGTERM must reach the JVM, which a shell in between would not pass on.
ENTRYPOINT ["java", "-jar", "/opt/sluice/sluice.jar"]

# The job on Flink: docker build -f deploy/docker/job.Dockerfile -t sluice-job .   (after mvn -DskipTests package)
FROM flink:2.2.1-java17
COPY --chown=flink:flink target/sluice-job.jar /opt/flink/usrlib/sluice-job.jar
USER flink

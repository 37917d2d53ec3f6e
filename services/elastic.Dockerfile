# The Elastic chain: Elastic's own images with our configuration in them. The version stands here and nowhere else.

ARG ELASTIC_VERSION=9.5.1

FROM elastic/elasticsearch:${ELASTIC_VERSION} AS elasticsearch
COPY elasticsearch/elasticsearch.yml /usr/share/elasticsearch/config/elasticsearch.yml
ENV ES_ADDRESS=0.0.0.0

FROM elastic/kibana:${ELASTIC_VERSION} AS kibana
COPY kibana/kibana.yml /usr/share/kibana/config/kibana.yml
# The image makes its start's options from such names; it stands above the file's.
ENV SERVER_HOST=0.0.0.0

FROM elastic/filebeat:${ELASTIC_VERSION} AS filebeat
USER root
RUN mkdir --mode=0700 /data && chown 10002:0 /data
COPY filebeat /usr/local/lib/filebeat
ENV FILEBEAT_ARCHIVE=/archive \
    FILEBEAT_DATA=/data
# The user that owns the archive (services/syslog/Dockerfile): no other can read it.
USER 10002:0
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5066"]
ENTRYPOINT ["/usr/local/lib/filebeat/run", "-E", "http.enabled=true"]

FROM elastic/logstash:${ELASTIC_VERSION} AS logstash
USER root
RUN mkdir --mode=0700 /data && chown 1000:0 /data
COPY logstash /usr/local/lib/logstash
ENV LOGSTASH_DATA=/data
USER 1000
HEALTHCHECK --interval=5s --timeout=3s --start-period=120s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9600"]
ENTRYPOINT ["/usr/local/lib/logstash/run"]
CMD ["indexer"]

# Makes the policies, templates, roles and users, and Kibana's pages; ends when they are there.
FROM python:3.13.12-slim-trixie AS elastic-setup
RUN useradd --uid 10004 --no-create-home --shell /usr/sbin/nologin setup
WORKDIR /usr/src/elastic-setup
COPY elastic-setup .
COPY logdesk/logdesk/__init__.py logdesk/logdesk/process_audit.py /usr/src/logdesk/logdesk/
COPY elasticsearch ../elasticsearch
COPY kibana ../kibana
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER setup
ENTRYPOINT ["python", "-m", "elastic_setup"]

"""The options that both ends of the supported range know, with their types, read from the sources of the plugins that
come with Logstash 8.3.3 and 9.5.1, and of Filebeat 8.3 and 9.5. Options of one of them only are not listed.
"""

# plugin: option:type; a|b: one of these words. TLS, Kerberos and SASL, which no file of ours names, are left out.
LOGSTASH_PLUGINS = {
    "input redis": "batch_count:number command_map:hash data_type:list|channel|pattern_channel db:number host:string"
    " key:string password:password path:string port:number ssl:boolean timeout:number",
    "input kafka": "auto_commit_interval_ms:number auto_offset_reset:string bootstrap_servers:string"
    " check_crcs:boolean client_id:string client_rack:string consumer_threads:number"
    " decorate_events:none|basic|extended|false|true enable_auto_commit:boolean fetch_max_bytes:number"
    " fetch_max_wait_ms:number fetch_min_bytes:number group_id:string heartbeat_interval_ms:number"
    " isolation_level:read_uncommitted|read_committed max_partition_fetch_bytes:number max_poll_interval_ms:number"
    " max_poll_records:number poll_timeout_ms:number session_timeout_ms:number topics:array topics_pattern:string",
    "input beats": "client_inactivity_timeout:number executor_threads:number host:string include_codec_tag:boolean"
    " port:number",
    "input dead_letter_queue": "commit_offsets:boolean path:path pipeline_id:string sincedb_path:string"
    " start_timestamp:string",
    "filter drop": "percentage:number",
    "filter mutate": "capitalize:array coerce:hash convert:hash copy:hash gsub:array join:hash lowercase:array"
    " merge:hash rename:hash replace:hash split:hash strip:array tag_on_failure:string update:hash uppercase:array",
    "filter fingerprint": "base64encode:boolean concatenate_all_fields:boolean concatenate_sources:boolean"
    " key:password method:SHA1|SHA256|SHA384|SHA512|MD5|MURMUR3|MURMUR3_128|IPV4_NETWORK|UUID|PUNCTUATION"
    " source:array target:string",
    "filter ruby": "code:string init:string path:path script_params:hash tag_on_exception:string"
    " tag_with_exception_message:boolean",
    "output redis": "batch:boolean batch_events:number batch_timeout:number congestion_interval:number"
    " congestion_threshold:number data_type:list|channel db:number host:array key:string password:password"
    " port:number reconnect_interval:number shuffle_hosts:boolean timeout:number",
    "output kafka": "acks:0|1|all batch_size:number bootstrap_servers:string buffer_memory:number client_id:string"
    " compression_type:none|gzip|snappy|lz4|zstd linger_ms:number max_request_size:number message_key:string"
    " retries:number retry_backoff_ms:number topic_id:string",
    "output elasticsearch": "action:string api_key:password custom_headers:hash data_stream:true|false|auto"
    " data_stream_auto_routing:boolean data_stream_sync_fields:boolean document_id:string hosts:array"
    " http_compression:boolean ilm_enabled:true|false|auto ilm_policy:string ilm_rollover_alias:string index:string"
    " manage_template:boolean parameters:hash password:password path:string pipeline:string pool_max:number"
    " proxy:string resurrect_delay:number retry_initial_interval:number retry_max_interval:number"
    " retry_on_conflict:number routing:string sniffing:boolean template:path template_name:string"
    " template_overwrite:boolean timeout:number user:string",
    "codec json": "charset:string target:string",
}
LOGSTASH_EVERY_PLUGIN = {
    "input": "add_field:hash codec:codec enable_metric:boolean id:string tags:array type:string",
    "filter": "add_field:hash add_tag:array enable_metric:boolean id:string periodic_flush:boolean"
    " remove_field:array remove_tag:array",
    "output": "codec:codec enable_metric:boolean id:string workers:number",
    "codec": "enable_metric:boolean id:string",
}

# What logstash.yml may say; of it, what a pipeline of pipelines.yml may say begins with one of PIPELINE.
LOGSTASH_SETTINGS = (
    "api.enabled:boolean api.environment:string api.http.host:string api.http.port:string config.debug:boolean"
    " config.reload.automatic:boolean config.reload.interval:string config.string:string"
    " config.support_escapes:boolean dead_letter_queue.enable:boolean dead_letter_queue.flush_interval:number"
    " dead_letter_queue.max_bytes:bytes dead_letter_queue.storage_policy:drop_newer|drop_older log.format:plain|json"
    " log.level:string metric.collect:boolean node.name:string path.config:string path.data:string"
    " path.dead_letter_queue:string path.plugins:array path.queue:string pipeline.batch.delay:number"
    " pipeline.batch.size:number pipeline.ecs_compatibility:disabled|v1|v8 pipeline.id:string pipeline.ordered:string"
    " pipeline.reloadable:boolean pipeline.separate_logs:boolean pipeline.unsafe_shutdown:boolean"
    " pipeline.workers:number queue.checkpoint.acks:number queue.checkpoint.retry:boolean"
    " queue.checkpoint.writes:number queue.drain:boolean queue.max_bytes:bytes queue.max_events:number"
    " queue.page_capacity:bytes queue.type:persisted|memory"
)
PIPELINE = ("dead_letter_queue.", "path.config", "pipeline.", "queue.", "config.string")

# Filebeat's options as dotted paths; `filebeat.inputs` and `processors` are lists of what stands below.
FILEBEAT = (
    "filebeat.shutdown_timeout:duration queue.mem.flush.timeout:duration queue.mem.flush.min_events:number"
    " queue.mem.events:number"
    " timestamp.precision:millisecond|microsecond|nanosecond logging.metrics.enabled:boolean"
    " output.redis.enabled:boolean output.redis.hosts:hosts output.redis.password:string output.redis.key:string"
    " output.redis.db:number output.redis.datatype:list|channel output.redis.bulk_max_size:number"
    " output.redis.timeout:duration output.redis.loadbalance:boolean output.redis.backoff.init:duration"
    " output.redis.backoff.max:duration output.kafka.enabled:boolean output.kafka.hosts:hosts"
    " output.kafka.topic:string output.kafka.key:string output.kafka.required_acks:number"
    " output.kafka.compression:none|snappy|lz4|gzip output.kafka.max_message_bytes:number output.kafka.version:version"
    " output.kafka.client_id:string output.kafka.bulk_max_size:number output.logstash.enabled:boolean"
    " output.logstash.hosts:hosts output.logstash.bulk_max_size:number output.logstash.loadbalance:boolean"
)
# `clean_timeout` is Filebeat 8.3's name; 9.5 doesn't read it.
FILESTREAM = (
    "type:filestream id:string enabled:boolean paths:array file_identity.path:none clean_timeout:duration"
    " prospector.scanner.check_interval:duration prospector.scanner.fingerprint.enabled:boolean backoff.init:duration"
    " backoff.max:duration ignore_older:duration message_max_bytes:number encoding:string"
)
PROCESSORS = {
    "drop_fields": "fields:array ignore_missing:boolean when.equals.error.field:string",
    "decode_json_fields": "fields:array target:string overwrite_keys:boolean expand_keys:boolean"
    " add_error_key:boolean max_depth:number process_array:boolean document_id:string",
}
KAFKA_VERSIONS = ("1.0.0", "1.1.0", "1.1.1", "2.0.0", "2.0.1", "2.1.0")


def options(table: str) -> dict[str, str]:
    return dict(entry.split(":", 1) for entry in table.split())

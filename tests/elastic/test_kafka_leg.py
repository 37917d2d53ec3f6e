"""The Kafka leg by Kafka's own protocol: librdkafka's mock cluster of three brokers, clients set up as our files say.

Not Filebeat and not Logstash: what is tested is what their settings promise.
"""

from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_STORED, Consumer, Producer, TopicPartition

from tests.elastic.checking import ROOT, filled, read_yaml
from tests.elastic.logstash_language import plugins, read
from tests.elastic.redis_server import event, number_of

FILEBEAT = read_yaml("services/filebeat/filebeat.yml")["output.kafka"]
(LOGSTASH,) = plugins(read(filled((ROOT / "services/logstash/pipelines/from-kafka.conf").read_text())))
COUNT = 2000


@pytest.fixture
def producer() -> Producer:
    """Brings the brokers with it; they end with it."""
    return Producer({"test.mock.num.brokers": 3, "acks": FILEBEAT["required_acks"]})


@pytest.fixture
def brokers(producer: Producer) -> str:
    return ",".join(f"{broker.host}:{broker.port}" for broker in producer.list_topics(timeout=10).brokers.values())


def ship(producer: Producer) -> int:
    """Sends COUNT lines; returns how many were acknowledged."""
    acknowledged = []
    for number in range(COUNT):
        producer.produce(FILEBEAT["topic"], event(number), on_delivery=lambda error, _: acknowledged.append(error))
    producer.flush(20)
    return acknowledged.count(None)


def indexer(brokers: str, committed: int = COUNT) -> Iterator[int]:
    """The lines' numbers, in batches; after each batch the group commits, but dies before the one after `committed`."""
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": LOGSTASH.options["group_id"],
            "auto.offset.reset": LOGSTASH.options["auto_offset_reset"],
            "enable.auto.commit": LOGSTASH.options["enable_auto_commit"],
        }
    )
    # From where the group committed. Not by joining the group: the mock takes nobody in after one has left.
    (topic,) = LOGSTASH.options["topics"]
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_STORED) for number in partitions])
    seen = 0
    try:
        while True:
            batch = consumer.consume(100, timeout=10)
            assert batch, "nothing comes"
            for message in batch:
                assert message.error() is None
                yield number_of(message.value() or b"")
            seen += len(batch)
            if seen > committed:
                return
            consumer.commit(asynchronous=False)
    finally:
        consumer.close()


def test_a_line_is_acknowledged_by_all_replicas_and_comes_out(producer: Producer, brokers: str) -> None:
    assert ship(producer) == COUNT
    lines = indexer(brokers)
    assert sorted(next(lines) for _ in range(COUNT)) == list(range(COUNT))
    lines.close()  # type: ignore[attr-defined]


def test_an_indexer_that_dies_before_its_commit_repeats_a_batch_and_loses_nothing(
    producer: Producer, brokers: str
) -> None:
    assert ship(producer) == COUNT
    first = list(indexer(brokers, committed=900))
    assert first
    seen = set(first)
    repeated = 0
    for number in indexer(brokers):
        repeated += number in seen
        seen.add(number)
        if len(seen) == COUNT:
            break
    assert seen == set(range(COUNT))
    assert 0 < repeated <= 100

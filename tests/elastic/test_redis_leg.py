"""Redis as we configure it: what is acknowledged stays, what doesn't fit is refused, without the password nothing."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.elastic.checking import LONGEST_LINE, ROOT, filled, read_yaml
from tests.elastic.logstash_language import plugins, read
from tests.elastic.redis_server import KEY, Client, Redis, RedisError, event, number_of

PIPELINES = ROOT / "services" / "logstash" / "pipelines"
BATCH = read_yaml("services/filebeat/filebeat.yml")["output.redis"]["bulk_max_size"]
(LOGSTASH,) = plugins(read(filled((PIPELINES / "from-redis.conf").read_text())))
POPPED = LOGSTASH.options["batch_count"]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as started:
        yield started


def test_nobody_gets_in_without_the_password(redis: Redis) -> None:
    with Client(redis.port, password="") as client, pytest.raises(RedisError, match="NOAUTH"):
        client.ask("LLEN", KEY)
    with pytest.raises(RedisError, match="WRONGPASS"):
        Client(redis.port, password="guessed")


def test_the_password_is_on_no_command_line(redis: Redis) -> None:
    command_line = Path(f"/proc/{redis.process.pid}/cmdline").read_bytes()
    assert redis.env["REDIS_PASSWORD"].encode() not in command_line


@pytest.mark.parametrize("password", ["", "1234", 'a"b', "a,b", "a b", "a\nsave 1 1"])
def test_a_password_that_would_be_read_otherwise_is_refused(password: str) -> None:
    env = {"PATH": os.environ["PATH"], "REDIS_PASSWORD": password}
    done = subprocess.run([ROOT / "services/redis/run"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "letters and digits, a letter first" in done.stderr


def test_filebeat_finds_what_it_asks_for(redis: Redis) -> None:
    with Client(redis.port) as client:
        version = re.search(rb"redis_version:(\d+).(\d+)", client.ask("INFO"))
        assert version
        assert int(version[1]) >= 6
        assert client.push([event(1), event(2)]) == 2


def test_lines_come_out_once_and_in_order(redis: Redis) -> None:
    with Client(redis.port) as client:
        for first in range(0, 10_000, BATCH):
            client.push([event(number) for number in range(first, min(first + BATCH, 10_000))])
        popped = []
        while batch := client.pop(POPPED):
            assert len(batch) <= POPPED
            popped += batch
    assert [number_of(each) for each in popped] == list(range(10_000))


def test_kill_9_of_redis_loses_nothing_that_was_acknowledged(redis: Redis) -> None:
    acknowledged = 0
    under_way = threading.Event()

    def push() -> None:
        nonlocal acknowledged
        with Client(redis.port) as client:
            try:
                while True:
                    acknowledged = client.push([event(acknowledged + number) for number in range(BATCH)])
                    if acknowledged >= 20 * BATCH:
                        under_way.set()
            except OSError:
                return

    pusher = threading.Thread(target=push)
    pusher.start()
    assert under_way.wait(30)
    redis.kill()
    pusher.join(30)
    redis.start()
    with Client(redis.port) as client:
        kept = client.ask("LLEN", KEY)
        assert acknowledged <= kept <= acknowledged + BATCH
        assert [number_of(each) for each in client.pop(kept)] == list(range(kept))


def pushed_until_refused(client: Client) -> int:
    for first in range(0, 10_000, 100):
        try:
            length = client.push([event(first + number, "x" * 2000) for number in range(100)])
        except RedisError as error:
            if "OOM" in str(error):
                return first
            raise
        assert length == first + 100
    pytest.fail("Redis was never full")


def test_a_full_redis_refuses_what_comes_and_keeps_what_it_has(tmp_path: Path) -> None:
    with Redis(tmp_path, "--maxmemory", "8mb") as redis, Client(redis.port) as client:
        kept = pushed_until_refused(client)
        assert client.ask("LLEN", KEY) == kept
        # The way out must be open when the way in is shut, or nothing would move again.
        popped = []
        while batch := client.pop(POPPED):
            popped += batch
        assert [number_of(each) for each in popped] == list(range(kept))
        assert client.push([event(kept)]) == 1


def test_a_batch_of_the_longest_lines_fits_into_the_limit(redis: Redis) -> None:
    with Client(redis.port) as client:
        assert client.push([event(number, "x" * LONGEST_LINE) for number in range(BATCH)]) == BATCH


def test_a_killed_consumer_loses_at_most_the_batch_it_popped(redis: Redis, tmp_path: Path) -> None:
    count = 20_000
    with Client(redis.port) as client:
        for first in range(0, count, BATCH):
            client.push([event(number) for number in range(first, min(first + BATCH, count))])
        command = [sys.executable, "-m", "tests.elastic.popping", str(redis.port), str(POPPED)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        stored: list[int] = []
        for lines_until_killed in (3_050, None):
            consumer = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
            assert consumer.stdout
            for line in consumer.stdout:
                stored.append(int(line))
                if lines_until_killed and len(stored) >= lines_until_killed:
                    consumer.kill()
            consumer.wait()
            consumer.stdout.close()
        assert client.ask("LLEN", KEY) == 0
    assert len(set(stored)) == len(stored)
    assert 0 < count - len(stored) <= POPPED

"""A consumer to be killed: pops batches and writes each line's number to stdout, as Logstash pops into its queue.

python popping.py PORT COUNT
"""

import sys

from tests.elastic.redis_server import Client, number_of

with Client(int(sys.argv[1])) as client:
    while batch := client.pop(int(sys.argv[2])):
        for event in batch:
            sys.stdout.write(f"{number_of(event)}\n")
            sys.stdout.flush()

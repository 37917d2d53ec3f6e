"""Run in the service's container: writes COUNT numbered lines of about 650 bytes, RATE a second (0: as fast as it can).

python sender.py COUNT RATE
"""

import logging
import sys
import time

from project.api.utils.lifecycle import log_end
from project.api.utils.logger import JSONFormatter

count, rate = int(sys.argv[1]), int(sys.argv[2])
log = logging.getLogger("sender")
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JSONFormatter())
logging.basicConfig(level=logging.INFO, handlers=[handler])
begin = time.monotonic()
for number in range(count):
    log.info("Line %d of %d %s", number, count, "." * 240)
    if rate and number % 100 == 0:
        time.sleep(max(0.0, begin + number / rate - time.monotonic()))
log_end()

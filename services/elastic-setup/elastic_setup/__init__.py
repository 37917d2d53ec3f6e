"""Sets Elasticsearch and Kibana up for the log streams, and asks what is missing. Standard library only."""

import sys
from pathlib import Path

# An audited process is logdesk's (logdesk/process_audit.py): that folder is beside this one, in the image as well.
sys.path.append(str(Path(__file__).parents[2] / "logdesk"))

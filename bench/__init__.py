"""Every performance figure that the README quotes: `make bench`, or `python -m bench [--quick] [formatter …]`."""

import sys
from pathlib import Path

# The services are folders, not installed packages.
sys.path += [str(Path(__file__).parent.parent / "services" / name) for name in ("bs-whatweb", "logdesk")]

"""Whether events reach the tracker: said once when that changes, not once for each event."""

import logging

log = logging.getLogger(__name__)


class Delivery:
    """One for each process and client. Its lines are below ERROR, so none of them becomes an event."""

    def __init__(self) -> None:
        self.dropped = 0

    def failed(self, reason: object) -> None:
        """An event was lost."""
        self.dropped += 1
        if self.dropped == 1:
            log.warning(
                "The error tracker takes no events (%s). They are dropped until it does; their log lines are complete.",
                reason,
            )

    def succeeded(self) -> None:
        if self.dropped:
            log.info("The error tracker takes events again; %d were dropped", self.dropped)
            self.dropped = 0

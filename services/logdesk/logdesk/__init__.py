"""logdesk: the log archive of one machine, indexed, searchable and audited."""

"""Sets Elasticsearch and Kibana up for the log streams, and asks what is missing. Standard library only."""

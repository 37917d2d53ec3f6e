"""What runs each command of the documentation. A new command is one more line here."""

# Run by test_commands.py in a running stack: what the output holds, as a regular expression.
HERE = {
    "make help": r"^run +Runs the whole stack",
    "make audit": r"^bs-whatweb ",
    "curl -i -H 'X-Request-ID: demo-1' 'http://127.0.0.1:5007/api/v1/whatweb?url=http://10.0.0.1/'": (
        r"^X-Request-ID: demo-1\r$"
    ),
    'echo "project = DEBUG" > .run/log-levels': r"\A\Z",
}

_COMMANDS = "tests/docs/test_commands.py"
_NEW = "tests/new_service"
_ELASTIC = "tests/elastic"
_ELK = "docker compose -f docker-compose.yml -f docker-compose-elk.yml"
_NEEDS_ELASTIC = "needs Elastic's programs, which no test can have; see docs/elastic.md"
_UP, _DRIVER, _STAGING = (f"tests/docker/test_{name}.py" for name in ("stack", "driver", "staging"))

# Run by a test of its own, those of tests/docker on a Docker engine.
ELSEWHERE = {
    "make run": (
        "tests/stack/test_run.py",
        "test_a_request_is_found_in_the_log_search_by_its_id_and_nothing_is_missing",
    ),
    "make run | head": ("tests/stack/test_end.py", "test_without_a_reader_of_its_output_it_goes_on"),
    "make run ERRORS=off": (_COMMANDS, "stack"),
    "make demo": (_COMMANDS, "test_the_demo_says_where_to_look"),
    "make logs": (_COMMANDS, "test_logs_follow_the_archive"),
    "make docs": ("tests/service/test_docs.py", "test_the_field_reference_is_what_the_code_says"),
    "ls .run/mail": ("tests/errors/test_bugsink.py", "test_without_a_mail_server_mails_are_files"),
    'make test ARGS="tests/logdesk -k kills"': (
        "tests/logdesk/test_index.py",
        "test_ten_kills_under_load_lose_no_line",
    ),
    "pip install --require-hashes -r services/bs-whatweb/requirements-raven.txt": (
        _COMMANDS,
        "test_raven_is_installed_from_its_lock_file",
    ),
    "make new-service": (f"{_NEW}/test_refused.py", "test_what_cannot_be_had_is_refused"),
    "make new-service NAME=bs-foo PORT=5010": (f"{_NEW}/conftest.py", "made"),
    "curl -i -H 'X-Request-ID: foo-1' 'http://127.0.0.1:5010/api/v1/example?name=Ann'": (
        f"{_NEW}/test_made.py",
        "test_it_runs_beside_bs_whatweb_and_its_request_is_found_by_id",
    ),
    "make test-bs-foo": (f"{_NEW}/test_made.py", "test_its_tests_pass"),
    "make remove-service": (f"{_NEW}/test_removed.py", "test_what_cannot_be_removed_is_refused"),
    "make remove-service NAME=bs-foo": (f"{_NEW}/test_removed.py", "test_it_undoes_new_service_byte_for_byte"),
    "make up": (_UP, "test_up_says_where_everything_is"),
    "make down": (_UP, "test_down_and_up_again"),
    "docker compose exec logdesk python -m logdesk audit": (_DRIVER, "test_a_restart_of_syslog_under_load"),
    "make certs": (_STAGING, "central"),
    'make certs CENTRAL="logs.example.org 10.0.0.5" SENDER=web-1': (_STAGING, "central"),
    "docker compose -f docker-compose.yml -f docker-compose-central.yml up --detach --wait syslog logdesk": (
        _STAGING,
        "central",
    ),
    "docker compose -f docker-compose-staging.yml up --build --detach --wait": (
        _STAGING,
        "test_the_service_logs_to_the_central_over_tls",
    ),
    "docker compose -f docker-compose-staging.yml ps --all": (_STAGING, "test_without_its_syslog_server"),
    "docker compose -f docker-compose-staging.yml logs syslog-relay": (_STAGING, "test_a_relay_that_does_not_accept"),
    "docker logs": (_STAGING, "test_a_relay_that_does_not_accept"),
    "docker compose config": (f"{_ELASTIC}/test_elk_compose.py", "test_a_profile_starts_its_broker_and_no_other"),
    "docker/secrets elk; set -a; . ./.env": (
        f"{_ELASTIC}/test_up_elk.py",
        "test_secrets_are_made_once_and_for_their_owner_only",
    ),
    "python3 -m elastic_setup elasticsearch": (f"{_ELASTIC}/test_setup.py", "test_all_is_put_in_order"),
    "python3 -m elastic_setup kibana": (f"{_ELASTIC}/test_kibana.py", "test_the_objects_are_imported_whole"),
    "python3 -m elastic_setup audit": (f"{_ELASTIC}/test_es_audit.py", "test_the_command_prints_a_table_and_fails"),
    # What they ask of Docker, by one that writes it down: the images of Elastic's programs can't be had by a test.
    "make up-elk": (f"{_ELASTIC}/test_up_elk.py", "test_one_variable_chooses_what_starts"),
    "docker/up-elk docker-compose-elk-cluster.yml": (f"{_ELASTIC}/test_up_elk.py", "test_a_further_file_comes_last"),
}

# Pages whose own tests run them command by command.
PAGES = {"docs/copy-the-formatter.md": ("tests/examples/test_examples.py", "test_the_page_has_no_section_without")}

# Run by no test nor by .ci/run, and why.
NOT_HERE = {
    'make test ARGS="tests/service"': "a part of `make test`",
    "make bench": "measures for minutes",
    "make bench ARGS=syslog": "measures for minutes",
    "make format": "changes the working tree",
    "make lock": "asks the package index for the newest versions",
    "scp -r certs/web-1 web-1:/etc/bs-whatweb/certs": "needs a second host",
    "ssh -L 5080:127.0.0.1:5080": "needs a second host",
    "journalctl --unit docker": "needs systemd",
    "sysctl -w vm.max_map_count=262144": "changes the machine",
    "export ELASTICSEARCH_URL=http://127.0.0.1:9200": "a setting",
    "echo BROKER=kafka >>.env": "a setting",
    f"{_ELK} stop filebeat": _NEEDS_ELASTIC,
    f"{_ELK} exec redis sh -c 'REDISCLI_AUTH=\"$REDIS_PASSWORD\" redis-cli llen logs'": _NEEDS_ELASTIC,
    f"{_ELK} rm --stop redis": _NEEDS_ELASTIC,
    "make audit-elk": _NEEDS_ELASTIC,
    "bin/elasticsearch-keystore create": _NEEDS_ELASTIC,
    'echo "$ELASTIC_PASSWORD" | bin/elasticsearch-keystore add --stdin bootstrap.password': _NEEDS_ELASTIC,
    "bin/elasticsearch": _NEEDS_ELASTIC,
}
